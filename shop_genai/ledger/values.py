"""What the ledger hands out and takes back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shop_genai.models import GeneratedImage, Job


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's hold on a job. Every later write names it; an older fence changes nothing."""

    job_id: UUID
    fence: int
    attempt: int

    @classmethod
    def of(cls, job: Job) -> Claim:
        return cls(job.id, job.fence, job.attempt)


@dataclass(frozen=True, slots=True)
class Finished:
    """One job's stored output, ready to be published.

    Args:
        claim: the hold under which it was made.
        result: the unsaved row; its files are in storage already.
        seconds: the job's share of the time on the device.
        device: where it was computed.
    """

    claim: Claim
    result: GeneratedImage
    seconds: float = 0.0
    device: str = ""


class Verdict(StrEnum):
    """What a heartbeat says of one job."""

    OK = "ok"
    LOST = "lost"  # another worker owns it, or it is over
    CANCEL = "cancel"
    EXPIRED = "expired"
