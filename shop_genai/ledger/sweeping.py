"""What the queue does about workers that died and deadlines that passed. Safe anywhere, any time, twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F
from django.utils.translation import gettext as _

from shop_genai.conf import genai_settings
from shop_genai.ledger.database import jobs, log, now, update_returning, write_alias
from shop_genai.models import Status


@dataclass(frozen=True)
class SweepReport:
    """How many jobs a sweep moved, and how many are due in each lane now."""

    requeued: int = 0
    dead: int = 0
    expired: int = 0
    cancelled: int = 0
    due: dict[str, int] = field(default_factory=dict)


def due(lane: str) -> bool:
    """Whether a worker of this lane would find work now."""
    return jobs().filter(lane=lane, status=Status.QUEUED, run_after__lte=now()).exists()


def sweep(at: datetime | None = None) -> SweepReport:
    """Take back the jobs whose lease ran out, and close those whose deadline passed.

    Args:
        at: the time to compare with; the database's own by default.
    """
    at = at or now()
    requeued = dead = expired = cancelled = 0
    ended = {"finished": at, "active_key": None, "lease_until": None}
    abandoned = jobs().filter(status=Status.RUNNING, lease_until__lt=at)
    if abandoned.exists():
        # Each UPDATE repeats the whole condition, so a job that was finished or claimed meanwhile is left
        # alone.
        with transaction.atomic(using=write_alias()):
            gone = update_returning(abandoned.filter(cancel_requested=True), status=Status.CANCELLED, **ended)
            log("cancelled", gone, at)
            cancelled = len(gone)

            gone = update_returning(
                abandoned.filter(deadline__lte=at),
                status=Status.EXPIRED,
                error_code="deadline_passed",
                **ended,
            )
            log("expired", gone, at)
            expired = len(gone)

            gone = update_returning(
                abandoned.filter(crashes__gte=genai_settings.MAX_CRASHES - 1),
                status=Status.DEAD,
                crashes=F("crashes") + 1,
                error_code="worker_crashed",
                error_message=_("The worker died %(times)d times while it ran this job.")
                % {"times": genai_settings.MAX_CRASHES},
                **ended,
            )
            log("dead", gone, at)
            dead = len(gone)

            gone = update_returning(
                abandoned,
                status=Status.QUEUED,
                crashes=F("crashes") + 1,
                run_after=at,
                lease_until=None,
                progress=0.0,
            )
            log("crashed", gone, at)
            requeued = len(gone)

    late = jobs().filter(status=Status.QUEUED, deadline__lte=at)
    if late.exists():
        with transaction.atomic(using=write_alias()):
            gone = update_returning(late, status=Status.EXPIRED, error_code="deadline_passed", **ended)
            log("expired", gone, at)
            expired += len(gone)

    waiting = jobs().filter(status=Status.QUEUED, run_after__lte=at).order_by().values_list("lane")
    return SweepReport(requeued, dead, expired, cancelled, dict(waiting.annotate(Count("id"))))
