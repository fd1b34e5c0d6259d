"""The index of looks in memory: one float32 matrix per process, loaded when its stamp in the database changes.

Imports numpy: load this module inside functions only, so that pages which rank nothing do without it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from shop_genai.models import Look, LookIndex, Weights

Floats = NDArray[np.float32]

POOLED = 20  # looks: the variance of a category with so many is half its own, half that of all categories
FLOOR = 0.1  # share of the mean variance that every dimension has at least: a latent that says nothing is no distance

_lock = threading.Lock()
_held: dict[UUID, Index] = {}  # stamp → index; one entry, the index used last


@dataclass(frozen=True, eq=False)
class Index:
    """All looks of one version of the network, rows of one category together, the newest first in each.

    ``pull`` (n, d) is (a − μ_c) / σ_c² for a look a of category c, so that ``pull @ t`` is the product of look and
    taste in whitened space; zero where the network saw no product. ``age`` (n,): 0 is the newest picture.
    """

    weights: int
    digest: str
    stamp: UUID
    images: list[UUID]
    products: list[str]
    colours: list[str]
    names: list[str]
    bounds: list[tuple[int, int]]
    age: NDArray[np.int32]
    seen: NDArray[np.bool_]
    pull: Floats
    mean: Floats  # (categories + 1, d): the last row is for categories that the index does not know
    std: Floats  # (categories + 1, d)
    popularity: Popularity = field(default_factory=lambda: Popularity())

    def __len__(self) -> int:
        return len(self.images)

    @cached_property
    def rows(self) -> dict[UUID, int]:
        """Picture → row."""
        return {image: row for row, image in enumerate(self.images)}

    @cached_property
    def rows_of(self) -> dict[str, list[int]]:
        """Product → its rows."""
        found: dict[str, list[int]] = {}
        for row, product in enumerate(self.products):
            found.setdefault(product, []).append(row)
        return found

    @cached_property
    def by_name(self) -> dict[str, int]:
        """Category → its number."""
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def colour_names(self) -> frozenset[str]:
        """The catalogue's own words for colours."""
        return frozenset(self.colours)

    @cached_property
    def category(self) -> NDArray[np.int32]:
        """(n,): number of each row's category."""
        sizes = [end - start for start, end in self.bounds]
        return np.repeat(np.arange(len(self.names), dtype=np.int32), sizes)

    @cached_property
    def product_numbers(self) -> NDArray[np.int32]:
        """(n,): rows of one product have one number."""
        numbers: dict[str, int] = {}
        return np.array([numbers.setdefault(one, len(numbers)) for one in self.products], dtype=np.int32)

    @cached_property
    def share(self) -> Floats:
        """(categories + 1,): which part of the catalogue each category is, smoothed; the last is for unknown ones."""
        sizes = np.array([end - start for start, end in self.bounds] + [0], dtype=np.float32)
        return (sizes + 1.0) / np.float32(sizes.sum() + len(sizes))

    @property
    def size(self) -> int:
        """Dimensions of a look."""
        return int(self.pull.shape[1])

    def number(self, category: str) -> int:
        """The category's number; that of the row for unknown ones otherwise."""
        return self.by_name.get(category, len(self.names))

    def offset(self, row: int) -> Floats:
        """(d,): a − μ of one picture."""
        number = int(self.category[row])
        made: Floats = self.pull[row] * self.std[number] ** 2
        return made

    def colour_offset(self, colours: frozenset[str], category: str | None) -> Floats | None:
        """(d,): the mean of a − μ over the pictures of some colours, in one category or in all; None without any."""
        start, end = (0, len(self)) if category is None else self.bounds[self.by_name[category]]
        rows = [row for row in range(start, end) if self.colours[row] in colours and self.seen[row]]
        if not rows:
            return None
        made: Floats = (self.pull[rows] * self.std[self.category[rows]] ** 2).mean(axis=0)
        return made


@dataclass
class Popularity:
    """How popular each row is, and when that was counted (monotonic seconds). Written by ``popularity``."""

    counted: float = float("-inf")
    values: Floats | None = None  # (n,), at least 0


def build(
    weights: Weights,
    stamp: UUID,
    entries: Iterable[tuple[UUID, bytes, str, str, str]],
) -> Index:
    """The index of entries (picture, float16 bytes, category, product, colour), the newest first."""
    listed = list(entries)
    order = sorted(range(len(listed)), key=lambda one: listed[one][2])  # stable: the newest stays first
    length = max((len(entry[1]) for entry in listed), default=0)
    seen = np.array([len(listed[one][1]) == length > 0 for one in order], dtype=np.bool_)
    joined = b"".join(listed[one][1] if good else bytes(length) for one, good in zip(order, seen, strict=True))
    looks = np.frombuffer(joined, dtype="<f2").reshape(len(order), length // 2).astype(np.float32)
    names, bounds = [], []
    for name, group in groupby(listed[one][2] for one in order):
        start = bounds[-1][1] if bounds else 0
        names.append(name)
        bounds.append((start, start + len(list(group))))
    mean, std = statistics(looks, seen, bounds)
    number = np.repeat(np.arange(len(bounds)), [end - start for start, end in bounds])
    pull = ((looks - mean[number]) / std[number] ** 2) * seen[:, None]
    return Index(
        weights=weights.pk,
        digest=weights.digest,
        stamp=stamp,
        images=[listed[one][0] for one in order],
        products=[listed[one][3] for one in order],
        colours=[listed[one][4] for one in order],
        names=names,
        bounds=bounds,
        age=np.array(order, dtype=np.int32),
        seen=seen,
        pull=np.ascontiguousarray(pull, dtype=np.float32),
        mean=mean,
        std=std,
    )


def statistics(looks: Floats, seen: NDArray[np.bool_], bounds: Sequence[tuple[int, int]]) -> tuple[Floats, Floats]:
    """Mean and standard deviation of every category and dimension, and of all looks in a last row.

    A category's variance is pooled with the mean variance inside categories as if that were ``POOLED`` more looks, and
    raised by ``FLOOR`` times the variance of the average dimension.
    """
    size = looks.shape[1]
    means = np.zeros((len(bounds) + 1, size), dtype=np.float64)
    variances = np.zeros_like(means)
    counts = np.zeros(len(bounds) + 1)
    for number, (start, end) in enumerate([*bounds, (0, len(looks))]):
        mine = looks[start:end][seen[start:end]].astype(np.float64)
        counts[number] = len(mine)
        if len(mine):
            means[number], variances[number] = mine.mean(axis=0), mine.var(axis=0)
    means[:-1][counts[:-1] == 0] = means[-1]
    inside = (counts[:-1, None] * variances[:-1]).sum(axis=0) / max(counts[:-1].sum(), 1.0)
    pooled = (counts[:, None] * variances + POOLED * inside) / (counts[:, None] + POOLED)
    floor = FLOOR * inside.mean() if size else 0.0
    pooled += floor if floor > 0 else 1.0  # no spread at all: one picture, or all alike
    return means.astype(np.float32), np.sqrt(pooled).astype(np.float32)


def current(weights: Weights | None) -> Index | None:
    """The index of these weights as the database has it now; None if it is empty. One query, if it is in memory."""
    if weights is None or weights.pk is None:
        return None
    stamp = LookIndex.objects.filter(weights=weights).values_list("stamp", flat=True).first()
    if stamp is None:
        return None
    held = _held.get(stamp)
    if held is None:
        with _lock:
            held = _held.get(stamp) or _load(weights, stamp)
            _held.clear()
            _held[stamp] = held
    return held if len(held) else None


def _load(weights: Weights, stamp: UUID) -> Index:
    rows = (
        Look.objects.filter(weights=weights, product__gt="")
        .order_by("-image__created", "image_id")
        .values_list("image_id", "vector", "category", "product", "colour")
    )
    entries = [(image, bytes(vector), *words) for image, vector, *words in rows.iterator(chunk_size=5000)]
    return build(weights, stamp, entries)  # type: ignore[arg-type]  # each entry has three words


def forget() -> None:
    """Drop the copy in memory, popularity included."""
    with _lock:
        _held.clear()
