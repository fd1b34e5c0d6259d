"""What people ask of the queue: take this job, stop that one, try it again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from shop_genai.conf import genai_settings
from shop_genai.errors import WrongState
from shop_genai.ledger.database import jobs, log, now, update_returning, write_alias
from shop_genai.models import Job, JobInput, ProductImage, Status

RETRYABLE = (Status.FAILED, Status.DEAD, Status.CANCELLED, Status.EXPIRED)


def active_key(owner_id: object, key: str) -> str:
    """What makes two requests the same one: who asks, and the content key of what is asked."""
    return hashlib.sha256(f"{owner_id or ''}:{key}".encode()).hexdigest()


def enqueue(job: Job, inputs: Mapping[str, ProductImage]) -> None:
    """Insert a job, its inputs and its first event.

    Raises:
        IntegrityError: the same owner has an active job with the same content key.
    """
    enqueue_many([(job, inputs)])


def enqueue_many(requests: Sequence[tuple[Job, Mapping[str, ProductImage]]]) -> None:
    """Insert many jobs in three statements and one transaction; they queue in the given order.

    Raises:
        IntegrityError: one of them has the content key of an active job of its owner; nothing was inserted
            then.
    """
    alias = write_alias()
    at = now()
    for position, (job, _inputs) in enumerate(requests):
        job.status = Status.QUEUED
        job.active_key = active_key(job.owner_id, job.key)
        job.created = job.run_after = at + timedelta(microseconds=position)
        if job.deadline is None:
            job.deadline = at + timedelta(seconds=genai_settings.DEADLINE_SECONDS[job.lane])
    with transaction.atomic(using=alias, savepoint=False):
        jobs().bulk_create(job for job, _inputs in requests)
        JobInput.objects.using(alias).bulk_create(
            JobInput(job=job, slot=slot, image=image) for job, inputs in requests for slot, image in inputs.items()
        )
        log("queued", {job.id: 0 for job, _inputs in requests}, at)


def cancel(job: Job) -> str:
    """Stop a job: at once while it waits; a running one is told by its worker's next heartbeat.

    Returns:
        The job's status afterwards: ``cancelled``, or ``running`` with the wish noted.

    Raises:
        WrongState: the job is over.
    """
    at = now()
    mine = jobs().filter(id=job.id)
    with transaction.atomic(using=write_alias()):
        changed = update_returning(
            mine.filter(status=Status.QUEUED), status=Status.CANCELLED, finished=at, active_key=None
        )
        log("cancelled", changed, at)
        if not changed:
            # The answer to an identical request must not be a job that is about to end without a result.
            changed = update_returning(mine.filter(status=Status.RUNNING), cancel_requested=True, active_key=None)
            log("cancel_requested", changed, at)
    job.refresh_from_db()
    if not changed:
        raise WrongState(_("This job is over (%(status)s).") % {"status": job.get_status_display()}, status=job.status)
    return job.status


def retry(job: Job) -> None:
    """Queue a failed, dead, cancelled or expired job afresh, with all its counters at zero but ``attempt``.

    Raises:
        WrongState: the job waits, runs or has succeeded, or the same work is queued in another job already.
    """
    at = now()
    mine = jobs().filter(id=job.id, status__in=RETRYABLE)
    fresh = {
        "status": Status.QUEUED,
        "active_key": active_key(job.owner_id, job.key),
        "run_after": at,
        "deadline": at + timedelta(seconds=genai_settings.DEADLINE_SECONDS[job.lane]),
        "cancel_requested": False,
        "crashes": 0,
        "retries": 0,
        "progress": 0.0,
        "error_code": "",
        "error_message": "",
        "started": None,
        "finished": None,
    }
    try:
        with transaction.atomic(using=write_alias()):
            changed = update_returning(mine, **fresh)
            log("retried", changed, at)
    except IntegrityError:
        raise WrongState(_("The same work is done by another job already."), status=job.status) from None
    job.refresh_from_db()
    if not changed:
        raise WrongState(
            _("A job that is %(status)s cannot be tried again.") % {"status": job.get_status_display()},
            status=job.status,
        )


def ahead(job: Job, most: int) -> int | None:
    """How many queued jobs of its lane a worker would take first, counted to ``most`` at most; None: not queued."""
    if job.status != Status.QUEUED:
        return None
    same = Q(priority=job.priority)
    first = Q(priority__gt=job.priority) | same & (Q(created__lt=job.created) | Q(created=job.created, id__lt=job.pk))
    return Job.objects.filter(first, lane=job.lane, status=Status.QUEUED)[:most].count()


def forget_answer(job: Job) -> None:
    """Let the next identical request make a new job: this one's result was deleted."""
    jobs().filter(id=job.id).update(active_key=None)
