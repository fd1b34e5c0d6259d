"""All of Celery: the doorbell and the sweep.

A message says "there is work in this lane" and nothing else. Losing it loses nothing, receiving it twice does
nothing, so the defaults of every broker will do: no results, early acknowledgement, no ETA, no beat. Each
worker process sweeps by itself, and rings for whatever a lost message left behind.

    celery -A example_project worker -Q interactive,bulk -c 1
"""

from __future__ import annotations

import logging
import os
import random
import signal
import socket
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import Any

from billiard import active_children, current_process
from celery import Celery, Task, shared_task
from celery.signals import celeryd_after_setup, worker_process_init, worker_ready, worker_shutting_down
from django.db import DatabaseError, InterfaceError, OperationalError, connections

from shop_genai import ledger, looks, photos, retention, worker
from shop_genai.conf import genai_settings
from shop_genai.errors import GenaiError
from shop_genai.models import Lane

log = logging.getLogger(__name__)

SLICE_SECONDS = 1.0  # after so long a doorbell makes room for the other lane's
HOUSEKEEPING_SECONDS = 60.0  # what sweeps do beside the queue, they do so rarely
PUBLISH: dict[str, Any] = {
    "ignore_result": True,
    "delivery_mode": "transient",
    "retry": True,  # once: a pooled connection may be stale after the broker restarted
    "retry_policy": {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0},
}


@shared_task(name="shop_genai.interactive", ignore_result=True, bind=True)
def interactive(self: Task) -> None:
    answer(Lane.INTERACTIVE, eager=self.request.is_eager)


@shared_task(name="shop_genai.bulk", ignore_result=True, bind=True)
def bulk(self: Task) -> None:
    answer(Lane.BULK, eager=self.request.is_eager)


@shared_task(name="shop_genai.looks", ignore_result=True)
def compute_looks() -> None:
    """Look at pictures that nobody looked at yet, for a slice of time; ring again while there are more."""
    heed_sigterm()
    ledger.lift(LOOKS)
    try:
        left = looks.index(seconds=SLICE_SECONDS, thorough=False)["left"]
    except (GenaiError, OperationalError, InterfaceError) as error:
        # The next sweep that finds pictures without a look rings again.
        log.warning("Looks could not be computed: %s", error)
        return
    if left and not _closing.is_set():
        ring(LOOKS)


@shared_task(name="shop_genai.sweep", ignore_result=True)
def sweep() -> None:
    """For hosts that want to schedule sweeps themselves; workers sweep without it."""
    for lane in ledger.sweep().due:
        ring(lane)
    if _housekeeping_is_due():
        photos.keep_house()
        retention.delete_old_events()
        if genai_settings.TASTE_INDEX and looks.is_due():
            ring(LOOKS)


def _housekeeping_is_due() -> bool:
    """Once per ``HOUSEKEEPING_SECONDS`` and process."""
    global _kept_house_at
    if time.monotonic() - _kept_house_at < HOUSEKEEPING_SECONDS:
        return False
    _kept_house_at = time.monotonic()
    return True


LOOKS = "looks"  # a doorbell of its own, heard where bulk jobs are: nobody waits for a look
DOORBELLS: dict[str, Task] = {Lane.INTERACTIVE: interactive, Lane.BULK: bulk, LOOKS: compute_looks}
QUEUES = {LOOKS: str(Lane.BULK)}  # of doorbells that are not named like their queue


def ring(lane: str) -> None:
    """Tell the workers of a lane that there is work, unless a ring is on its way. Never raises."""
    try:
        if not ledger.press(lane):
            return
        if not _send(lane):
            ledger.release(lane)
    except (DatabaseError, InterfaceError):
        log.warning("The doorbell of lane %s could not be noted; the next sweep rings", lane, exc_info=True)


def answer(lane: str, *, eager: bool = False) -> None:
    """Work on a lane until it is empty, or for a slice of time; ring for other workers while there is more.

    Args:
        lane: which one.
        eager: the message was not sent but called in this process: work until nothing is due, ring for
            nobody.
    """
    heed_sigterm()
    name = f"{socket.gethostname()}/{os.getpid()}"
    started = time.monotonic()
    batches = 0
    try:
        ledger.lift(lane)
        while not _closing.is_set():
            _answer_waiting_people(lane, name)
            if worker.is_stopping() or not (jobs := ledger.claim(lane, name)):
                break
            batches += 1
            if batches == 1 and not eager and ledger.due(lane):
                ring(lane)
            worker.run_batch(jobs)
            if worker.is_stopping() or (not eager and time.monotonic() - started > SLICE_SECONDS):
                break
        ledger.count_claims(lane, batches)
        if not eager and not _closing.is_set() and ledger.due(lane):
            ring(lane)
    except (OperationalError, InterfaceError):
        # The rows know what is left to do. A sweep rings when the database is back.
        log.warning("Lane %s: the database does not answer", lane, exc_info=True)
    if worker.is_stopping():
        end_process(signal.SIGTERM, None)


def _answer_waiting_people(lane: str, name: str) -> None:
    """Before a bulk batch: what somebody waits for, if this worker serves both lanes. Its doorbell may ring later."""
    if lane != Lane.BULK or Lane.INTERACTIVE not in (_lanes or ()):
        return
    batches = 0
    while not worker.is_stopping() and ledger.due(Lane.INTERACTIVE) and (jobs := ledger.claim(Lane.INTERACTIVE, name)):
        batches += 1
        worker.run_batch(jobs)
    if batches:
        ledger.count_claims(Lane.INTERACTIVE, batches)


def _send(lane: str) -> bool:
    """Publish one doorbell; False, with a line in the log, if the broker does not take it."""
    try:
        DOORBELLS[lane].apply_async(queue=QUEUES.get(lane, lane), **PUBLISH)
    except Exception as error:  # noqa: BLE001 - each transport has its own errors, and no request may fail by them
        log.warning("The broker took no doorbell for lane %s (%s); the next sweep rings", lane, error)
        return False
    return True


# In worker processes ----------------------------------------------------------------------------------------


class Sweeper(threading.Thread):
    """Sweeps every ``SWEEP_SECONDS`` where jobs run: that process never forks, so shares no connection."""

    def __init__(self) -> None:
        super().__init__(name="shop_genai.sweep", daemon=True)

    def run(self) -> None:
        while True:
            self.once()
            time.sleep(genai_settings.SWEEP_SECONDS * random.uniform(0.8, 1.0))  # noqa: S311 - spreads load

    def once(self) -> None:
        try:
            sweep()
        except Exception:  # the thread outlives every outage
            log.exception("A sweep failed; the next one follows in %s s", genai_settings.SWEEP_SECONDS)
        finally:
            with suppress(DatabaseError, InterfaceError):
                connections.close_all()


_kept_house_at = float("-inf")  # monotonic seconds
_closing = threading.Event()  # set before the pool replaces a process that ended: the new one takes no jobs any more
_lanes: set[str] | None = None  # that this worker serves; set before the pool forks, a spawned process does not know


def lanes_of(app: Celery) -> set[str]:
    """The lanes that this worker consumes; none for a host's worker that does other work."""
    return set(app.amqp.queues.consume_from) & set(Lane.values)


@celeryd_after_setup.connect(dispatch_uid="shop_genai.after_setup")
def after_setup(sender: str, instance: Any, **kwargs: Any) -> None:
    """Cores ÷ processes threads for each process: torch would start one thread per core in every one."""
    global _lanes
    _lanes = lanes_of(instance.app)
    if _lanes:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        os.environ.setdefault("OMP_NUM_THREADS", str(max(1, cores // max(1, instance.concurrency))))


@worker_process_init.connect(dispatch_uid="shop_genai.process_init")
def process_init(**kwargs: Any) -> None:
    """A pool process has started (with the solo pool: the worker itself)."""
    if _lanes is not None and not _lanes:
        return
    Sweeper().start()


def heed_sigterm() -> None:
    """In a pool process: end in an orderly way. Set for each doorbell, as the pool sets its own once it is ready."""
    in_pool = current_process().name != "MainProcess"
    if in_pool and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, end_process)


def end_process(signum: int, frame: FrameType | None) -> None:
    """This pool process has to end: at once if idle, else as soon as its jobs are given back."""
    if not worker.stop():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)


@worker_ready.connect(dispatch_uid="shop_genai.ready")
def ready(sender: Any, **kwargs: Any) -> None:
    """The worker has connected, perhaps to a broker that forgot everything: look into each lane it serves."""
    for lane in lanes_of(sender.app):
        _send(lane)


@worker_shutting_down.connect(dispatch_uid="shop_genai.shutting_down")
def shutting_down(how: str, **kwargs: Any) -> None:
    """A warm shutdown lets the running batch end; when the grace is over, its jobs go back to the queue."""
    _closing.set()
    if how == "Warm":
        timer = threading.Timer(genai_settings.GRACE_SECONDS, _end_pool)
        timer.daemon = True
        timer.start()


def _end_pool() -> None:
    for child in active_children():
        if child.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGTERM)
