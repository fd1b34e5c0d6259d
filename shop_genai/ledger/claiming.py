"""How a worker takes a batch of jobs, and keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import connections, transaction
from django.db.models import Prefetch, prefetch_related_objects

from shop_genai.conf import genai_settings
from shop_genai.ledger.database import held, jobs, log, now, update_returning, write_alias
from shop_genai.ledger.values import Claim, Verdict
from shop_genai.models import Job, JobInput

# The head of the lane decides; jobs that can share its call of the pipeline come along. A job whose worker
# died is claimed alone, so that a poisonous one cannot take neighbours with it twice. MATERIALIZED: each
# part runs once, or a planner could lock more rows than the limit says.
CLAIM = """
WITH head AS MATERIALIZED (
    SELECT id, batch_key, batch_limit, crashes FROM {job}
    WHERE lane = %(lane)s AND status = 'queued' AND run_after <= %(now)s
    ORDER BY priority DESC, created, id LIMIT 1 {lock_head}
), batch AS MATERIALIZED (
    SELECT mate.id FROM {job} AS mate, head
    WHERE mate.lane = %(lane)s AND mate.status = 'queued' AND mate.run_after <= %(now)s
      AND mate.batch_key = head.batch_key AND mate.batch_limit = head.batch_limit
      AND (mate.id = head.id OR (mate.crashes = 0 AND head.crashes = 0))
    ORDER BY mate.priority DESC, mate.created, mate.id
    LIMIT COALESCE((SELECT CASE WHEN crashes > 0 THEN 1 ELSE batch_limit END FROM head), 0) {lock_mates}
)
UPDATE {job} SET
    status = 'running', attempt = attempt + 1, fence = fence + 1, worker = %(worker)s,
    lease_until = %(lease)s, started = %(now)s, progress = 0, error_code = '', error_message = ''
WHERE id IN (SELECT id FROM batch) AND status = 'queued'
RETURNING *
"""


def claim(lane: str, worker: str) -> list[Job]:
    """Take the head of a lane and the due jobs that share its batch, at most the recipe's ``batch_limit``.

    Returns:
        Running jobs, each with its inputs, their images and its weights loaded; empty when nothing is due or
        others are quicker.
    """
    alias = write_alias()
    connection = connections[alias]
    at = now()
    lease = at + timedelta(seconds=genai_settings.LEASE_SECONDS)
    locking = connection.features.has_select_for_update_skip_locked
    statement = CLAIM.format(
        job=Job._meta.db_table,
        lock_head="FOR UPDATE SKIP LOCKED" if locking else "",
        lock_mates="FOR UPDATE OF mate SKIP LOCKED" if locking else "",
    )
    times = {"now": at, "lease": lease}
    params = {name: connection.ops.adapt_datetimefield_value(time) for name, time in times.items()}
    with transaction.atomic(using=alias):
        batch = list(jobs().raw(statement, {**params, "lane": lane, "worker": worker[:200]}))
        log("claimed", {job.id: job.attempt for job in batch}, at, {"worker": worker[:200]})
    batch.sort(key=lambda job: (-job.priority, job.created, job.id))
    inputs = JobInput.objects.using(alias).select_related("image", "image__content_type")
    prefetch_related_objects(batch, Prefetch("inputs", inputs), "weights")
    return batch


def heartbeat(claims: Sequence[Claim], share: float | None = None) -> dict[UUID, Verdict]:
    """Extend the leases, note the share done (0…1), and learn what became of each job meanwhile."""
    if not claims:
        return {}
    at = now()
    values: dict[str, object] = {"lease_until": at + timedelta(seconds=genai_settings.LEASE_SECONDS)}
    if share is not None:
        values["progress"] = min(max(share, 0.0), 1.0)
    kept = update_returning(held(claims), **values)
    told = {
        job_id: (cancel, deadline)
        for job_id, cancel, deadline in jobs().filter(id__in=kept).values_list("id", "cancel_requested", "deadline")
    }
    verdicts = {}
    for one in claims:
        if one.job_id not in kept:
            verdicts[one.job_id] = Verdict.LOST
            continue
        cancel, deadline = told[one.job_id]
        expired = deadline is not None and deadline <= at
        verdicts[one.job_id] = Verdict.CANCEL if cancel else Verdict.EXPIRED if expired else Verdict.OK
    return verdicts
