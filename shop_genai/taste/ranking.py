"""Which products come first: the arithmetic over the whole index. Imports numpy.

The score of a picture with look a in category c, in nats:

    z · m − ‖m‖² / 2                  how much likelier this look is among what the shopper likes than in its category
  + AFFINITY · log(p_c / q_c)         how much likelier the shopper is to want this category than the catalogue holds it
  + POPULAR · log(1 + popularity)     what others want

with z = √ρ (a − μ_c) / σ_c and m = √ρ t_c / σ_c, ρ the relevance of each dimension: two Gaussians of equal spread, one
around the shopper's taste and one around the category's mean, so their log-likelihood ratio is linear in z. p_c is the
shopper's weight per category, smoothed by the catalogue's shares q_c as if those were SMOOTHING views more. AFFINITY
and POPULAR were chosen on simulated shoppers (``python -m benchmarks taste``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Literal
from uuid import UUID

import numpy as np

from shop_genai.conf import genai_settings
from shop_genai.taste.profile import Taste
from shop_genai.taste.space import Floats, Found, Plan, Space
from shop_genai.taste.sums import searched

AFFINITY = 2.0
POPULAR = 0.5
SMOOTHING = 2.0  # views
LEAST = 1e-6  # nats: what adds less is no reason

Cause = int | Literal["popular", "taste"]


def rank(
    space: Space, taste: Taste, count: int, category: str | None = None, left_out: AbstractSet[str] = frozenset()
) -> list[Found]:
    """The best ``count`` products for a taste, one picture each; equal scores: the newest first.

    An empty taste ranks by what is popular, then by what is new.
    """
    return space.first(None if taste.empty else plan(space, taste), count, category, left_out)


def plan(space: Space, taste: Taste) -> Plan:
    """The score above, as an index computes it: everything that depends on the category alone is worked out here."""
    overall = np.array(taste.overall or (0.0,) * space.size, dtype=np.float32)
    std = space.std[: len(space.names)]
    far = np.sqrt(((overall / std) ** 2).sum(axis=1))
    radius = np.float32(genai_settings.TASTE_RADIUS)
    scale = np.minimum(np.float32(1.0), radius / np.maximum(far, np.float32(1e-12))).astype(np.float32)
    unit = space.scale[: len(space.names)]
    half = (np.float32(0.5) * scale**2 * ((overall / unit) ** 2).sum(axis=1)).astype(np.float32)
    own = {}
    for name in taste.vectors:
        number = space.by_name.get(name)
        if number is not None:
            own[number] = np.array(taste.direction(name), dtype=np.float32)
            half[number] = 0.5 * float(((own[number] / unit[number]) ** 2).sum())
    return Plan(overall, scale, own, half, np.float32(AFFINITY) * affinity(space, taste), POPULAR)


def affinity(space: Space, taste: Taste) -> Floats:
    """(categories,): log(p_c / q_c)."""
    weights = np.array([max(0.0, taste.interest.get(name, 0.0)) for name in space.names], dtype=np.float32)
    wanted = (weights + SMOOTHING * space.share) / (weights.sum() + SMOOTHING)
    made: Floats = np.log(wanted / space.share).astype(np.float32)
    return made


def causes(space: Space, taste: Taste, found: Sequence[Found]) -> list[Cause]:
    """What adds most to each score: the number of an event in ``taste.strongest``, "popular", or "taste" as a whole.

    An event of weight w in category c' takes part in t_c with w ([c' = c] + k / (n + k)) / (n_c + k), and in p_c with
    its share of the category's weight. What the shopper did with a product itself is no reason to show it, nor does it
    make the product popular.
    """
    if not taste.strongest or not found:
        return ["popular" if one.popularity > 0 else "taste" for one in found]
    k = float(genai_settings.TASTE_SHRINK)
    weights = np.array([one[0] for one in taste.strongest], dtype=np.float32)
    categories = [one[4] for one in taste.strongest]
    products, offsets = _events(space, taste)
    interest = np.float32(AFFINITY) * np.maximum(affinity(space, taste), 0)
    owed: list[Cause] = []
    for one in found:
        same = np.array([category == one.category for category in categories], dtype=np.float32)
        part = weights * (same + k / max(taste.n + k, 1e-9)) / max(taste.counts.get(one.category, 0.0) + k, 1e-9)
        added = part * (offsets @ one.pull) if one.pull is not None else np.zeros_like(part)
        liked = float(interest[space.by_name[one.category]])
        added += liked * same * weights / max(taste.interest.get(one.category, 0.0), 1e-9)
        own = np.array([product == one.product for product in products])
        added[own] = 0
        most = int(np.argmax(added))
        popular = POPULAR * math.log1p(max(0.0, math.expm1(one.popularity) - float(weights[own].sum())))
        owed.append("popular" if popular > max(added[most], LEAST) else most if added[most] > LEAST else "taste")
    return owed


def _events(space: Space, taste: Taste) -> tuple[list[str], Floats]:
    """Of each of the strongest events: its product, and a − μ (events, d), zero where it is about no look."""
    entries = space.entries(UUID(picture) for _w, picture, _q, _k, _c in taste.strongest if picture)
    products, rows = [], []
    for _weight, picture, query, _kind, _category in taste.strongest:
        entry = entries.get(UUID(picture)) if picture else None
        offset = entry.offset if entry is not None else searched(query, space)[1] if query else None
        products.append(entry.product if entry is not None else "")
        rows.append(np.zeros(space.size, dtype=np.float32) if offset is None else offset)
    return products, np.stack(rows)
