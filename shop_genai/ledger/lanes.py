"""Whether a doorbell is on its way: a thousand submissions ring once."""

from __future__ import annotations

from datetime import timedelta

from django.db import connections
from django.db.models import F, QuerySet

from shop_genai.conf import genai_settings
from shop_genai.ledger.database import now, write_alias
from shop_genai.models import LaneState

RING_LOST_AFTER = 30.0  # seconds; an unanswered ring this old is taken for lost

PRESS = """
INSERT INTO {table} (lane, rung_at, rings, claims) VALUES (%s, %s, 1, 0)
ON CONFLICT (lane) DO UPDATE SET rung_at = excluded.rung_at, rings = {table}.rings + 1
WHERE {table}.rung_at IS NULL OR {table}.rung_at < %s
RETURNING lane
"""


def press(lane: str) -> bool:
    """True for the one caller that must send the message; the others' work is covered by it."""
    alias = write_alias()
    connection = connections[alias]
    at = now()
    # A worker that died with the bell in its hand must not silence the lane until its jobs are queued again.
    patience = timedelta(seconds=min(RING_LOST_AFTER, genai_settings.LEASE_SECONDS / 2))
    if _state(lane).filter(rung_at__gte=at - patience).exists():
        # Most rings end here, with a read: trying the write would cost a transaction. The worker that answers lifts
        # the ring before it looks for work, so it will see what the caller has committed.
        return False
    times = [connection.ops.adapt_datetimefield_value(time) for time in (at, at - patience)]
    with connection.cursor() as cursor:
        cursor.execute(PRESS.format(table=LaneState._meta.db_table), [lane, *times])
        return cursor.fetchone() is not None


def lift(lane: str) -> None:
    """The ring was heard. Call it before looking for work: whoever submits after the look rings again."""
    _state(lane).filter(rung_at__isnull=False).update(rung_at=None)


def release(lane: str) -> None:
    """The message could not be sent: take the ring back, so that the next one tries again."""
    _state(lane).update(rung_at=None, rings=F("rings") - 1)


def count_claims(lane: str, batches: int) -> None:
    """Count claimed batches, for the ratio of rings to batches."""
    _state(lane).update(claims=F("claims") + batches)


def _state(lane: str) -> QuerySet[LaneState]:
    return LaneState.objects.using(write_alias()).filter(lane=lane)
