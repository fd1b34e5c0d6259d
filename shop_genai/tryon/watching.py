"""Where a try-on stands, in the words of whoever waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from shop_genai import ledger, photos
from shop_genai.models import GeneratedImage, Shopper, Status, TryOn
from shop_genai.tryon.words import Words, refusal, warning

MOST = 1000  # jobs that are counted before one's own


@dataclass(frozen=True, slots=True)
class State:
    """One try-on now.

    Args:
        status: of the job.
        progress: the share done, 0..1.
        position: the place in the queue, from 1; None unless it waits.
        error: why there is no picture, with what the shopper can do; None while there may be one.
        result: the picture; None unless it was made.
        warnings: what may look wrong in it.
        confidence: 0..1, how sure the method is.
        seconds: of each step.
    """

    status: str
    progress: float
    position: int | None = None
    error: Words | None = None
    result: GeneratedImage | None = None
    warnings: tuple[Words, ...] = ()
    confidence: float | None = None
    seconds: dict[str, float] | None = None


def tryons_of(shopper: Shopper | None) -> QuerySet[TryOn]:
    """The shopper's try-ons whose time is not over, newest first; of nobody for somebody unknown."""
    rows = TryOn.objects.select_related("job__result", "garment", "photo__image")
    return rows.none() if shopper is None else rows.filter(shopper=shopper, expires_at__gt=ledger.now())


def state(tryon: TryOn) -> State:
    """Read it from the job's row, as it is loaded."""
    job = tryon.job
    result: GeneratedImage | None = getattr(job, "result", None)
    if not tryon.noted and job.is_over:
        photos.note_ended(tryon.shopper)
    if job.status == Status.SUCCEEDED and result is not None:
        info: dict[str, Any] = result.info
        return State(
            status=job.status,
            progress=1.0,
            result=result,
            warnings=tuple(warning(code) for code in info.get("warnings", ())),
            confidence=info.get("confidence"),
            seconds=dict(info.get("seconds", {})),
        )
    if job.is_over:
        return State(job.status, job.progress, error=refusal(job.error_code or str(job.status)))
    ahead = ledger.ahead(job, MOST)
    return State(job.status, job.progress, position=None if ahead is None else ahead + 1)
