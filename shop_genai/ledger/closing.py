"""How a worker lets go of a job: done, failed, given back, or told to stop."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from shop_genai.conf import genai_settings
from shop_genai.errors import GenaiError, OutOfMemory, ServiceUnavailable, StorageUnavailable
from shop_genai.ledger.database import held, log, now, update_returning, write_alias
from shop_genai.ledger.values import Claim, Finished, Verdict
from shop_genai.models import GeneratedImage, Job, Status

# Somebody else's outage is not the job's fault: such a job waits until its deadline, however often it has
# to ask.
OUTAGES = (ServiceUnavailable, StorageUnavailable)


def finish(claim: Claim, result: GeneratedImage, seconds: float = 0.0, device: str = "") -> bool:
    """Publish one result: the job succeeds and the row appears, or neither. False: the job is another's."""
    return claim.job_id in finish_many([Finished(claim, result, seconds, device)])


def finish_many(finished: Sequence[Finished]) -> set[UUID]:
    """Publish the results of a batch in one transaction; returns the jobs that were still this worker's."""
    alias = write_alias()
    at = now()
    alike: dict[tuple[float, str], list[Finished]] = defaultdict(list)
    for one in finished:
        alike[one.seconds, one.device].append(one)
    published: dict[UUID, int] = {}
    with transaction.atomic(using=alias):
        for (seconds, device), group in alike.items():
            rows = held(one.claim for one in group)
            published |= update_returning(
                rows,
                status=Status.SUCCEEDED,
                progress=1.0,
                seconds=seconds,
                device=device,
                finished=at,
                lease_until=None,
            )
        results = [one.result for one in finished if one.claim.job_id in published]
        for one in finished:
            one.result.job_id = one.claim.job_id
        GeneratedImage.objects.using(alias).bulk_create(results)
        log("succeeded", published, at)
    return set(published)


def fail(claim: Claim, error: GenaiError, seconds: float = 0.0) -> str:
    """Close a job with an error, or queue it again if that is worth another try.

    The wait doubles with every retry up to ``BACKOFF_MAX_SECONDS`` and varies by a quarter, so that jobs
    which failed together do not all come back together. A job that ran out of memory comes back alone.

    Returns:
        The job's new status, or ``lost`` when another worker owns it.
    """
    alias = write_alias()
    at = now()
    with transaction.atomic(using=alias):
        job = held([claim]).select_for_update().first()
        if job is None:
            return Verdict.LOST
        told: dict[str, Any] = {
            "error_code": error.code,
            "error_message": str(error),
            "seconds": job.seconds + seconds,
        }
        data = {"code": error.code, "message": str(error)}
        again = error.retryable and (isinstance(error, OUTAGES) or job.retries < genai_settings.MAX_RETRIES)
        if not again:
            return _close([claim], Status.FAILED, "failed", data, **told)
        if job.cancel_requested:
            return _close([claim], Status.CANCELLED, "cancelled")
        wait = _backoff(job)
        if isinstance(error, OutOfMemory):
            told["batch_limit"] = 1
        rows = held([claim])
        changed = update_returning(
            rows,
            status=Status.QUEUED,
            retries=job.retries + 1,
            run_after=at + wait,
            lease_until=None,
            progress=0.0,
            **told,
        )
        log("retrying", changed, at, {**data, "wait": round(wait.total_seconds(), 1)})
    return Status.QUEUED


def give_back(claims: Sequence[Claim]) -> None:
    """Queue running jobs again because their worker has to stop. That is no crash and no failure."""
    if not claims:
        return
    at = now()
    with transaction.atomic(using=write_alias()):
        _close(claims, Status.CANCELLED, "cancelled", rows=held(claims).filter(cancel_requested=True))
        changed = update_returning(
            held(claims), status=Status.QUEUED, run_after=at, lease_until=None, progress=0.0, started=None
        )
        log("given_back", changed, at)


def close_cancelled(claim: Claim) -> str:
    """The worker has heard that the job is not wanted any more."""
    with transaction.atomic(using=write_alias()):
        return _close([claim], Status.CANCELLED, "cancelled")


def close_expired(claim: Claim) -> str:
    """The deadline passed while the job ran."""
    with transaction.atomic(using=write_alias()):
        return _close([claim], Status.EXPIRED, "expired", error_code="deadline_passed")


def _close(
    claims: Iterable[Claim],
    status: Status,
    kind: str,
    data: dict[str, Any] | None = None,
    rows: Any = None,
    **values: Any,
) -> str:
    at = now()
    rows = held(claims) if rows is None else rows
    changed = update_returning(rows, status=status, finished=at, active_key=None, lease_until=None, **values)
    log(kind, changed, at, data)
    return status if changed else Verdict.LOST


def _backoff(job: Job) -> timedelta:
    wait = genai_settings.BACKOFF_SECONDS * 2 ** min(job.retries, 30)
    jitter = random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
    return timedelta(seconds=min(wait, genai_settings.BACKOFF_MAX_SECONDS) * jitter)
