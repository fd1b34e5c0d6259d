"""The pulse of a running batch: it keeps the leases, tells how far it is, hears what became of each job.

It beats in a thread of its own, with a database connection of its own, so that neither a long computation
nor a slow database holds up the other.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType

from django.db import DatabaseError, InterfaceError, connections

from shop_genai import ledger
from shop_genai.conf import genai_settings
from shop_genai.errors import LeaseLost
from shop_genai.ledger import Claim, Verdict

log = logging.getLogger(__name__)

SHARE_EVERY = 1.0  # seconds; progress is written no more often
PATIENCE = 5.0  # seconds from giving the jobs back to ending a process that does not stop by itself

TAKEN = "Job %s is another worker's now: what attempt %d made is not published"

_stopping = threading.Event()
_running: set[Pulse] = set()


def stop() -> bool:
    """Ask the running batch to give its jobs back; False if this process runs none. For signal handlers."""
    _stopping.set()
    return bool(_running)


def is_stopping() -> bool:
    return _stopping.is_set()


class Pulse:
    """``with Pulse(claims) as pulse:`` – then ``pulse.report(share)`` now and then, ``pulse.holds(claim)``
    before each step, ``pulse.drop(claim)`` after a job is closed.
    """

    def __init__(self, claims: Sequence[Claim]) -> None:
        self._held = {claim.job_id: claim for claim in claims}
        self._done = threading.Event()
        self._share = self._written = 0.0
        self._kept = self._tried = time.monotonic()  # when the leases were extended last, and when that was tried
        self._thread = threading.Thread(target=self._keep_beating, name="shop_genai.pulse", daemon=True)

    def __enter__(self) -> Pulse:
        _running.add(self)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        _running.discard(self)

    def report(self, share: float) -> None:
        """Note the share done, in [0, 1]. This is what a pipeline calls as ``progress``.

        Raises:
            LeaseLost: no job of the batch is ours any more, so the work is in vain.
        """
        self._share = share
        if not self.holds_any():
            raise LeaseLost("No job of this batch belongs to this worker any more.")

    def holds_any(self) -> bool:
        return bool(self._held) and not self.is_stale()

    def holds(self, claim: Claim) -> bool:
        return claim.job_id in self._held and not self.is_stale()

    def is_stale(self) -> bool:
        """Nothing was heard from the database for a whole lease: others may have the jobs by now."""
        return bool(time.monotonic() - self._kept > genai_settings.LEASE_SECONDS)

    def drop(self, claim: Claim) -> None:
        """The job is closed; no more beats for it."""
        self._held.pop(claim.job_id, None)

    def _keep_beating(self) -> None:
        tick = min(SHARE_EVERY, genai_settings.HEARTBEAT_SECONDS / 4)
        try:
            while not self._done.wait(tick):
                if is_stopping():
                    self._give_back()
                    return
                news = self._share > self._written
                wait = SHARE_EVERY if news else genai_settings.HEARTBEAT_SECONDS
                if self._held and time.monotonic() - self._tried >= wait:
                    self._beat()
        finally:
            with suppress(DatabaseError, InterfaceError):
                connections.close_all()

    def _beat(self) -> None:
        share = self._share
        self._tried = asked = time.monotonic()
        try:
            verdicts = ledger.heartbeat(list(self._held.values()), share)
            for job_id, verdict in verdicts.items():
                claim = self._held.get(job_id)
                if claim is None or verdict == Verdict.OK:
                    continue
                if verdict == Verdict.CANCEL:
                    ledger.close_cancelled(claim)
                elif verdict == Verdict.EXPIRED:
                    ledger.close_expired(claim)
                else:
                    log.warning(TAKEN, job_id, claim.attempt)
                self.drop(claim)
        except (DatabaseError, InterfaceError):
            log.warning("A heartbeat failed; the next one follows", exc_info=True)
            with suppress(DatabaseError, InterfaceError):
                connections.close_all()
        else:
            self._kept, self._written = asked, share

    def _give_back(self) -> None:
        """The worker has to stop. With the jobs back in the queue, nothing is lost by ending the process."""
        try:
            ledger.give_back(list(self._held.values()))
        except (DatabaseError, InterfaceError):
            log.warning("The jobs could not be given back; their leases will run out", exc_info=True)
        self._held.clear()
        if not self._done.wait(PATIENCE):
            log.warning("The batch did not stop within %s s; ending this process", PATIENCE)
            os._exit(0)
