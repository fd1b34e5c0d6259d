"""The index of looks in memory: one float32 matrix per process, loaded when its stamp in the database changes.

Imports numpy: load this module inside functions only, so that pages which rank nothing do without it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from shop_genai.models import Look, LookIndex, Weights
from shop_genai.taste import pgvector, popularity
from shop_genai.taste.space import Entry, Floats, Found, Plan, Space, relevance, statistics

Row = tuple[UUID, bytes, str, str, str]  # picture, float16 look, category, product, colour

SPARE = 4  # pictures fetched per product wanted: products have several

_lock = threading.Lock()
_held: dict[UUID, Space] = {}  # stamp → index; one entry, the index used last


@dataclass(frozen=True, eq=False)
class Index(Space):
    """All looks of one version of the network, rows of one category together, the newest first in each."""

    images: list[UUID]
    products: list[str]
    colours: list[str]
    bounds: list[tuple[int, int]]  # per category: its first row, and the one behind its last
    age: NDArray[np.int32]  # (n,): 0 is the newest picture
    seen: NDArray[np.bool_]  # (n,): whether the network saw a product
    pull: Floats  # (n, d)

    def __len__(self) -> int:
        return len(self.images)

    def entries(self, images: Iterable[UUID]) -> dict[UUID, Entry]:
        found = {}
        for image in images:
            row = self.rows.get(image)
            if row is not None:
                offset = self._offsets([row])[0] if self.seen[row] else None
                found[image] = Entry(self.names[int(self.category[row])], self.products[row], offset)
        return found

    def colour_names(self) -> frozenset[str]:
        return self._colour_names

    def colour_offset(self, colours: frozenset[str], category: str | None) -> Floats | None:
        start, end = (0, len(self)) if category is None else self.bounds[self.by_name[category]]
        rows = [row for row in range(start, end) if self.colours[row] in colours and self.seen[row]]
        return self._offsets(rows).mean(axis=0) if rows else None

    def first(self, plan: Plan | None, count: int, category: str | None, left_out: AbstractSet[str]) -> list[Found]:
        if category is not None and category not in self.by_name:
            return []
        start, end = (0, len(self)) if category is None else self.bounds[self.by_name[category]]
        popular = self.popularity()
        scored = popular[start:end] if plan is None else self.scores(plan)[start:end]
        wanted = np.ones(end - start, dtype=np.bool_)
        for key in left_out:
            for row in self._rows_of.get(key, ()):
                if start <= row < end:
                    wanted[row - start] = False
        ages, products = self.age[start:end], self.product_numbers[start:end]
        return [
            self._found(start + at, float(scored[at]), float(popular[start + at]))
            for at in first_of_products(scored, ages, products, wanted, count)
        ]

    def scores(self, plan: Plan) -> Floats:
        """(n,): the score of every picture."""
        if len(plan.own) < len(self.names):
            scored: Floats = self.pull @ plan.overall
            if (plan.scale != 1).any():
                scored *= plan.scale[self.category]
        else:
            scored = np.empty(len(self), dtype=np.float32)
        for number, direction in plan.own.items():
            start, end = self.bounds[number]
            scored[start:end] = self.pull[start:end] @ direction
        constant = plan.liked - plan.half
        scored += constant[self.category]
        scored[self._unseen] += plan.half[self.category[self._unseen]]
        scored += np.float32(plan.popular) * self.popularity()
        return scored

    def nearest(self, image: UUID, count: int) -> list[Found]:
        row = self.rows.get(image)
        if row is None or not self.seen[row]:
            return []
        start, end = self.bounds[int(self.category[row])]
        wanted = self.seen & (self.product_numbers != self.product_numbers[row])
        near = self._nearest(row, start, end, wanted, count)
        if len(near) < count:
            wanted = wanted.copy()
            wanted[start:end] = False
            taken = {found.image for found in near}
            near += [one for one in self._nearest(row, 0, len(self), wanted, count) if one.image not in taken]
        return near[:count]

    def popularity(self) -> Floats:
        """(n,): see the module of that name."""
        return popularity.of(self.stamp, self.images)

    def _nearest(self, row: int, start: int, end: int, wanted: NDArray[np.bool_], count: int) -> list[Found]:
        white = self.pull[start:end] * self.scale[self.category[start:end]]
        distance = ((white - self.pull[row] * self.scale[self.category[row]]) ** 2).sum(axis=1)
        ages, products = self.age[start:end], self.product_numbers[start:end]
        picked = first_of_products(-distance, ages, products, wanted[start:end], count)
        return [self._found(start + at, -float(distance[at]), 0.0) for at in picked]

    def _found(self, row: int, score: float, popular: float) -> Found:
        name = self.names[int(self.category[row])]
        return Found(self.images[row], self.products[row], name, score, popular, self.pull[row])

    def _offsets(self, rows: list[int]) -> Floats:
        """(rows, d): a − μ."""
        made: Floats = self.pull[rows] * self.scale[self.category[rows]] ** 2
        return made

    @cached_property
    def rows(self) -> dict[UUID, int]:
        """Picture → row."""
        return {image: row for row, image in enumerate(self.images)}

    @cached_property
    def _rows_of(self) -> dict[str, list[int]]:
        """Product → its rows."""
        found: dict[str, list[int]] = {}
        for row, product in enumerate(self.products):
            found.setdefault(product, []).append(row)
        return found

    @cached_property
    def _colour_names(self) -> frozenset[str]:
        return frozenset(self.colours)

    @cached_property
    def _unseen(self) -> NDArray[np.intp]:
        return np.flatnonzero(~self.seen)

    @cached_property
    def category(self) -> NDArray[np.int32]:
        """(n,): number of each row's category."""
        return np.repeat(np.arange(len(self.names), dtype=np.int32), self.counts)

    @cached_property
    def product_numbers(self) -> NDArray[np.int32]:
        """(n,): rows of one product have one number."""
        numbers: dict[str, int] = {}
        return np.array([numbers.setdefault(one, len(numbers)) for one in self.products], dtype=np.int32)


def build(weights: Weights, stamp: UUID, entries: Iterable[Row]) -> Index:
    """The index of some pictures, given with the newest first."""
    listed = list(entries)
    order = sorted(range(len(listed)), key=lambda one: listed[one][2])  # stable: the newest stays first
    length = max((len(entry[1]) for entry in listed), default=0)
    seen = np.array([len(listed[one][1]) == length > 0 for one in order], dtype=np.bool_)
    joined = b"".join(listed[one][1] if good else bytes(length) for one, good in zip(order, seen, strict=True))
    looks = np.frombuffer(joined, dtype="<f2").reshape(len(order), length // 2).astype(np.float32)
    names: list[str] = []
    bounds: list[tuple[int, int]] = []
    for name, group in groupby(listed[one][2] for one in order):
        start = bounds[-1][1] if bounds else 0
        names.append(name)
        bounds.append((start, start + len(list(group))))
    counts = [end - start for start, end in bounds]
    mean, std = statistics(looks, seen, bounds)
    number = np.repeat(np.arange(len(bounds)), counts)
    white = ((looks - mean[number]) / std[number]) * seen[:, None]
    colours = [listed[one][4] for one in order]
    counted = relevance(white[seen], [colour for colour, good in zip(colours, seen, strict=True) if good])
    pull = white / std[number] * counted
    return Index(
        weights=weights.pk,
        digest=weights.digest,
        stamp=stamp,
        names=names,
        counts=counts,
        mean=mean,
        std=std,
        relevance=counted,
        images=[listed[one][0] for one in order],
        products=[listed[one][3] for one in order],
        colours=colours,
        bounds=bounds,
        age=np.array(order, dtype=np.int32),
        seen=seen,
        pull=np.ascontiguousarray(pull, dtype=np.float32),
    )


def current(weights: Weights | None) -> Space | None:
    """The index of these weights as the database has it now; None if it is empty. One query, if it is in memory."""
    if weights is None or weights.pk is None:
        return None
    stamp = LookIndex.objects.filter(weights=weights).values_list("stamp", flat=True).first()
    if stamp is None:
        return None
    held = _held.get(stamp)
    if held is None:
        with _lock:
            held = _held.get(stamp) or pgvector.opened(weights, stamp) or load(weights, stamp)
            _held.clear()
            _held[stamp] = held
    return held if held.names else None


def load(weights: Weights, stamp: UUID) -> Index:
    """Read all looks: about half a second for 100,000."""
    rows = (
        Look.objects.filter(weights=weights, product__gt="")
        .order_by("-image__created", "image_id")
        .values_list("image_id", "vector", "category", "product", "colour")
    )
    return build(weights, stamp, ((one[0], bytes(one[1]), *one[2:]) for one in rows.iterator(chunk_size=5000)))


def forget() -> None:
    """Drop what is in memory."""
    with _lock:
        _held.clear()
    popularity.forget()


def first_of_products(
    scored: Floats, age: NDArray[np.int32], products: NDArray[np.int32], wanted: NDArray[np.bool_], count: int
) -> list[int]:
    """Positions of the ``count`` best scores, the best picture of each product; the newest first among equals."""
    candidates = np.flatnonzero(wanted)
    fetched = count * SPARE
    while True:
        some = best(scored, age, candidates, fetched)
        chosen: dict[int, int] = {}
        for at in some:
            chosen.setdefault(int(products[at]), int(at))
        if len(chosen) >= count or len(some) == len(candidates):
            return list(chosen.values())[:count]
        fetched *= SPARE


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
