"""A shopper's events summed up: weighted looks per category. The arithmetic of taste; imports numpy.

An event of weight w and look a in category c adds w (a − μ_c) to the sum of c and |w| to its weight n_c. Its weight is
that of its kind, halved every so many days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from shop_genai.conf import genai_settings
from shop_genai.models import Event
from shop_genai.taste import words
from shop_genai.taste.space import Floats, Space

STRONGEST = 100  # merged events kept for explanations
VERDICTS = (Event.Kind.LIKE, Event.Kind.DISLIKE)
DAY = 86400.0  # seconds


@dataclass(frozen=True)
class Happened:
    """One event, as the sums need it."""

    kind: str
    image: UUID | None
    query: str
    at: datetime


@dataclass(frozen=True)
class Sums:
    """``vectors`` (categories + 1, d): Σ w (a − μ_c), the last row for events that belong to no one category."""

    facts: dict[str, Any]
    vectors: Floats


def weight_of(kind: str, age_days: float) -> float:
    """What an event counts, in fresh views: its kind's weight × 0.5 ** (age / the kind's half-life)."""
    half_life = float(genai_settings.TASTE_HALF_LIFE_DAYS[kind])
    return float(genai_settings.TASTE_WEIGHTS[kind] * 0.5 ** (max(0.0, age_days) / half_life))


def add_up(happened: Iterable[Happened], space: Space, now: datetime) -> Sums:
    """The sums over events, in any order. Of several verdicts on one picture the newest counts."""
    events = sorted(happened, key=lambda one: (one.at, one.kind, str(one.image), one.query))
    last = {event.image: event for event in events if event.kind in VERDICTS}
    counted = [event for event in events if event.kind not in VERDICTS or last[event.image] is event]
    entries = space.entries({event.image for event in counted if event.image is not None})
    vectors: dict[str | None, Floats] = defaultdict(lambda: np.zeros(space.size, dtype=np.float32))
    n: dict[str | None, float] = defaultdict(float)
    interest: dict[str, float] = defaultdict(float)
    strongest: dict[tuple[str, str], list[Any]] = {}
    avoided: set[str] = set()
    for event in counted:
        weight = weight_of(event.kind, (now - event.at).total_seconds() / DAY)
        entry = entries.get(event.image) if event.image is not None else None
        if entry is not None and event.kind in (Event.Kind.PURCHASE, Event.Kind.DISLIKE):
            avoided.add(entry.product)
        asked = searched(event.query, space) if event.image is None else (None, None)
        category, offset = asked if entry is None else (entry.category, entry.offset)
        if offset is not None:
            vectors[category] += np.float32(weight) * offset
            n[category] += abs(weight)
        if category is not None:
            interest[category] += weight
        if weight > 0 and (offset is not None or category is not None):
            _note(strongest, event, weight, category)
    names = sorted(name for name in n if name is not None)
    facts = {
        "categories": names,
        "weights": [n[name] for name in names],
        "loose": n[None],
        "interest": dict(sorted(interest.items())),
        "strongest": sorted(strongest.values(), key=lambda one: (-one[0], one[1], one[2]))[:STRONGEST],
        "avoided": sorted(avoided),
        "events": len(events),
    }
    return Sums(facts, np.stack([*(vectors[name] for name in names), vectors[None]]))


def searched(query: str, space: Space) -> tuple[str | None, Floats | None]:
    """What a search asks for: the category it names, and the mean look of the colours it names."""
    found = words.understood(query, space.names, space.colour_names())
    if not found.colours:
        return found.category, None
    offset = space.colour_offset(found.colours, found.category)
    if offset is None and found.category is not None:
        offset = space.colour_offset(found.colours, None)
    return found.category, offset


def _note(strongest: dict[tuple[str, str], list[Any]], event: Happened, weight: float, category: str | None) -> None:
    """Add an event to those about the same picture or query; they are called by the kind that weighs most."""
    key = str(event.image or ""), event.query.casefold()
    entry = strongest.setdefault(key, [0.0, key[0], event.query, event.kind, category])
    entry[0] += weight
    if genai_settings.TASTE_WEIGHTS[event.kind] > genai_settings.TASTE_WEIGHTS[entry[3]]:
        entry[3] = event.kind
