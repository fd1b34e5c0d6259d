"""What is popular among the shoppers who agreed to be remembered: their events, fading as in everybody's own taste.

Each shopper counts once per picture, with the event that weighs most, so that nobody makes a thing popular alone. Who
opts out is not counted any more, because then there are no events.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import numpy as np
from django.db.models import Max
from django.utils import timezone

from shop_genai.conf import genai_settings
from shop_genai.models import Event
from shop_genai.taste.space import Floats
from shop_genai.taste.sums import DAY, weight_of

COUNTED_FOR = 300.0  # seconds until a process counts again
DAYS = 90  # older events are no news
MOST_ROWS = 200_000

_kept: dict[UUID, tuple[float, Floats]] = {}  # stamp of the index → (monotonic seconds, values); one entry


def of(stamp: UUID, images: Sequence[UUID]) -> Floats:
    """(n,): log(1 + the weights of all shoppers) of the pictures of an index; 0 where nobody did anything."""
    kept = _kept.get(stamp)
    if kept is not None and time.monotonic() - kept[0] <= COUNTED_FOR:
        return kept[1]
    counted = counts()
    values = np.log1p(np.array([counted.get(image, 0.0) for image in images], dtype=np.float32))
    _kept.clear()
    _kept[stamp] = time.monotonic(), values
    return values


def forget() -> None:
    """Count again at the next question."""
    _kept.clear()


def counts() -> dict[UUID, float]:
    """Picture → the sum over shoppers of each one's heaviest event with it, in fresh views."""
    now = timezone.now()
    days = min(DAYS, genai_settings.TASTE_EVENTS_KEPT_DAYS)
    events = Event.objects.filter(image__isnull=False, at__gte=now - timedelta(days=days), at__lte=now)
    last = events.order_by().values_list("image_id", "shopper_id", "kind").annotate(last=Max("at"))
    heaviest: dict[tuple[UUID, int], float] = defaultdict(float)
    for image, shopper, kind, at in last.order_by("-last")[:MOST_ROWS]:
        weight = weight_of(kind, (now - at).total_seconds() / DAY)
        heaviest[image, shopper] = max(heaviest[image, shopper], weight)
    summed: dict[UUID, float] = defaultdict(float)
    for (image, _shopper), weight in heaviest.items():
        if weight > 0:
            summed[image] += weight
    return dict(summed)
