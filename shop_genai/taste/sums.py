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
from shop_genai.taste.index import Floats, Index

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


def add_up(happened: Iterable[Happened], index: Index, now: datetime) -> Sums:
    """The sums over events, in any order. Of several verdicts on one picture the newest counts."""
    vectors: dict[str | None, Floats] = defaultdict(lambda: np.zeros(index.size, dtype=np.float32))
    n: dict[str | None, float] = defaultdict(float)
    positive: dict[str, float] = defaultdict(float)
    verdicts: dict[UUID, Happened] = {}
    strongest: dict[tuple[str, str], list[Any]] = {}
    avoided: set[str] = set()
    count = 0
    for event in sorted(happened, key=lambda one: (one.at, one.kind, str(one.image), one.query)):
        count += 1
        if event.kind in VERDICTS and event.image is not None:
            verdicts[event.image] = event
            continue
        _add(event, index, now, vectors, n, positive, strongest, avoided)
    for event in verdicts.values():
        _add(event, index, now, vectors, n, positive, strongest, avoided)
    names = sorted(name for name in n if name is not None)
    kept = sorted(strongest.values(), key=lambda one: (-one[0], one[1:]))[:STRONGEST]
    facts = {
        "categories": names,
        "weights": [n[name] for name in names],
        "loose": n[None],
        "interest": dict(sorted(positive.items())),
        "strongest": kept,
        "avoided": sorted(avoided),
        "events": count,
    }
    rows = [*(vectors[name] for name in names), vectors[None]]
    return Sums(facts, np.stack(rows).astype(np.float32))


def _add(
    event: Happened,
    index: Index,
    now: datetime,
    vectors: dict[str | None, Floats],
    n: dict[str | None, float],
    positive: dict[str, float],
    strongest: dict[tuple[str, str], list[Any]],
    avoided: set[str],
) -> None:
    weight = weight_of(event.kind, (now - event.at).total_seconds() / DAY)
    category, offset = _place(event, index)
    row = index.rows.get(event.image) if event.image is not None else None
    if row is not None and event.kind in (Event.Kind.PURCHASE, Event.Kind.DISLIKE):
        avoided.add(index.products[row])
    if offset is not None:
        vectors[category] += np.float32(weight) * offset
        n[category] += abs(weight)
    if category is not None:
        positive[category] += weight
    if weight > 0 and (offset is not None or category is not None):
        key = str(event.image or ""), event.query.casefold()
        entry = strongest.setdefault(key, [0.0, key[0], event.query, event.kind, category])
        entry[0] += weight
        if genai_settings.TASTE_WEIGHTS[event.kind] > genai_settings.TASTE_WEIGHTS[entry[3]]:
            entry[3] = event.kind


def _place(event: Happened, index: Index) -> tuple[str | None, Floats | None]:
    """Category and a − μ of what an event is about; None for what it does not say."""
    if event.image is None:
        return searched(event.query, index)
    row = index.rows.get(event.image)
    if row is None:
        return None, None
    return index.names[int(index.category[row])], index.offset(row) if index.seen[row] else None


def searched(query: str, index: Index) -> tuple[str | None, Floats | None]:
    """What a search asks for: the category it names, and the mean look of the colours it names."""
    found = words.understood(query, index.names, index.colour_names)
    if not found.colours:
        return found.category, None
    offset = index.colour_offset(found.colours, found.category)
    if offset is None and found.category is not None:
        offset = index.colour_offset(found.colours, None)
    return found.category, offset
