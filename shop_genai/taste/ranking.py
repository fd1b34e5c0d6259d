"""Which products come first: the arithmetic over the whole index. Imports numpy.

The score of a picture with look a in category c, in nats:

    z · m − ‖m‖² / 2                  how much likelier this look is among what the shopper likes than in its category
  + AFFINITY · log(p_c / q_c)         how much likelier the shopper is to want this category than the catalogue holds it
  + POPULAR · log(1 + popularity)     what others want

with z = (a − μ_c) / σ_c and m = t_c / σ_c: two Gaussians of equal spread, one around the shopper's taste and one around
the category's mean, so their log-likelihood ratio is linear in z. p_c is the shopper's weight per category, smoothed by
the catalogue's shares q_c as if those were SMOOTHING views more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from shop_genai.conf import genai_settings
from shop_genai.taste import popularity
from shop_genai.taste.index import Floats, Index
from shop_genai.taste.profile import Taste
from shop_genai.taste.sums import searched

AFFINITY = 1.0
POPULAR = 0.1
SMOOTHING = 3.0  # views
SPARE = 4  # pictures fetched per product wanted: products have several


@dataclass(frozen=True)
class Ranked:
    """One row of the index, its score, and the number of the event (in ``taste.strongest``) that it owes most to."""

    row: int
    score: float
    because: int | None = None


def rank(
    index: Index, taste: Taste, count: int, category: str | None = None, left_out: Iterable[str] = ()
) -> list[Ranked]:
    """The best ``count`` products for a taste, one picture each; equal scores: the newest first.

    Args:
        index: the looks.
        taste: an empty one ranks by what is popular, then by what is new.
        count: products.
        category: only of this one.
        left_out: keys of products that are not wanted.
    """
    if category is not None and category not in index.by_name:
        return []
    start, end = (0, len(index)) if category is None else index.bounds[index.by_name[category]]
    scored = scores(index, taste)[start:end]
    wanted = _allowed(index, set(left_out))[start:end]
    ages, products = index.age[start:end], index.product_numbers[start:end]
    rows = [start + at for at in first_of_products(scored, ages, products, wanted, count)]
    owed = because(index, taste, rows)
    return [Ranked(row, float(scored[row - start]), event) for row, event in zip(rows, owed, strict=True)]


def scores(index: Index, taste: Taste) -> Floats:
    """(n,): the score of every picture."""
    scored: Floats = np.float32(POPULAR) * popularity.of(index)
    if taste.empty:
        return scored
    if taste.overall:
        overall = np.array(taste.overall, dtype=np.float32)
        scale, half = _clipped(index, overall)
        looks = index.pull @ overall
        looks *= scale[index.category]
        looks -= half[index.category] * index.seen
        for category in taste.vectors:
            if category in index.by_name:
                start, end = index.bounds[index.by_name[category]]
                direction = np.array(taste.direction(category), dtype=np.float32)
                std = index.std[index.by_name[category]]
                less = np.float32(0.5) * np.float32(((direction / std) ** 2).sum())
                looks[start:end] = index.pull[start:end] @ direction - less * index.seen[start:end]
        scored = scored + looks
    scored += np.float32(AFFINITY) * affinity(index, taste)[index.category]
    return scored


def affinity(index: Index, taste: Taste) -> Floats:
    """(categories,): log(p_c / q_c)."""
    share = index.share[: len(index.names)]
    weights = np.array([max(0.0, taste.interest.get(name, 0.0)) for name in index.names], dtype=np.float32)
    wanted = (weights + SMOOTHING * share) / (weights.sum() + SMOOTHING)
    made: Floats = np.log(wanted / share)
    return made


def because(index: Index, taste: Taste, rows: Sequence[int]) -> list[int | None]:
    """Which of ``taste.strongest`` adds most to each row's score; None where popularity adds more than any.

    An event of weight w in category c' takes part in t_c with w ([c' = c] + k / (n + k)) / (n_c + k), and in p_c with
    its share of the category's weight.
    """
    if not taste.strongest or not rows:
        return [None] * len(rows)
    k = float(genai_settings.TASTE_SHRINK)
    weights = np.array([one[0] for one in taste.strongest], dtype=np.float32)
    offsets = np.stack([_offset(index, image, query) for _w, image, query, _k, _c in taste.strongest])
    interest = np.float32(AFFINITY) * np.maximum(affinity(index, taste), 0)
    popular = np.float32(POPULAR) * popularity.of(index)
    owed: list[int | None] = []
    for row in rows:
        name = index.names[int(index.category[row])]
        same = np.array([one[4] == name for one in taste.strongest], dtype=np.float32)
        part = weights * (same + k / max(taste.n + k, 1e-9)) / max(taste.counts.get(name, 0.0) + k, 1e-9)
        added = part * (offsets @ index.pull[row])
        added += interest[index.category[row]] * same * weights / max(taste.interest.get(name, 0.0), 1e-9)
        most = int(np.argmax(added))
        owed.append(most if added[most] > popular[row] else None)
    return owed


def similar(index: Index, row: int, count: int) -> list[Ranked]:
    """The products whose looks are nearest to one picture's, in whitened space: its own category first."""
    number = int(index.category[row])
    own = index.pull * index.std[index.category]
    distance = ((own - own[row]) ** 2).sum(axis=1)
    wanted = index.seen & (index.product_numbers != index.product_numbers[row])
    start, end = index.bounds[number]
    near = first_of_products(
        -distance[start:end], index.age[start:end], index.product_numbers[start:end], wanted[start:end], count
    )
    rows = [start + at for at in near]
    if len(rows) < count:
        wanted[start:end] = False
        more = first_of_products(-distance, index.age, index.product_numbers, wanted, count - len(rows))
        rows += more
    return [Ranked(one, -float(distance[one])) for one in rows]


def first_of_products(
    scored: Floats, age: NDArray[np.int32], products: NDArray[np.int32], wanted: NDArray[np.bool_], count: int
) -> list[int]:
    """Positions of the ``count`` best scores, the best picture of each product; the newest first among equals."""
    candidates = np.flatnonzero(wanted)
    fetched = count * SPARE
    while True:
        some = best(scored, age, candidates, fetched)
        seen: set[int] = set()
        chosen = []
        for at in some:
            if int(products[at]) not in seen and len(chosen) < count:
                seen.add(int(products[at]))
                chosen.append(int(at))
        if len(chosen) == count or len(some) == len(candidates):
            return chosen
        fetched *= 4


def best(scored: Floats, age: NDArray[np.int32], candidates: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """The positions of the best ``count`` candidates in order, without sorting the others."""
    if count < len(candidates):
        mine = scored[candidates]
        least = mine[np.argpartition(-mine, count - 1)[count - 1]]
        above = candidates[mine > least]
        level = candidates[mine == least]
        need = count - len(above)
        if need < len(level):
            level = level[np.argpartition(age[level], need - 1)[:need]]
        candidates = np.concatenate([above, level])
    order = np.lexsort((age[candidates], -scored[candidates]))
    made: NDArray[np.intp] = candidates[order]
    return made


def _clipped(index: Index, direction: Floats) -> tuple[Floats, Floats]:
    """Per category: by what the direction is scaled to stay within the radius, and ‖m‖² / 2 after it."""
    far = np.sqrt(((direction / index.std[: len(index.names)]) ** 2).sum(axis=1))
    radius = np.float32(genai_settings.TASTE_RADIUS)
    scale = np.minimum(np.float32(1.0), radius / np.maximum(far, np.float32(1e-12)))
    half: Floats = np.float32(0.5) * (far * scale) ** 2
    return scale.astype(np.float32), half


def _offset(index: Index, image: str, query: str) -> Floats:
    """(d,): a − μ of what an event is about; zero where that is no look."""
    row = index.rows.get(UUID(image)) if image else None
    if row is not None:
        return index.offset(row)
    asked = searched(query, index)[1] if query else None
    return asked if asked is not None else np.zeros(index.size, dtype=np.float32)


def _allowed(index: Index, left_out: set[str]) -> NDArray[np.bool_]:
    allowed = np.ones(len(index), dtype=np.bool_)
    for key in left_out:
        allowed[index.rows_of.get(key, [])] = False
    return allowed
