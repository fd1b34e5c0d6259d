"""The latent space of one index of looks: its categories, their means and spreads, and what an index can be asked.

Imports numpy: load this module inside functions only, so that pages which rank nothing do without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

POOLED = 20  # looks: the variance of a category with so many is half its own, half that of all categories
LEAST = 0.02  # relevance of a dimension that says nothing about colours
DOUBT = 10  # looks of which it is assumed that their colours say nothing
DIMENSIONS = 10  # of a look count in full, where nothing is known of them
FLOOR = 0.1  # share of the mean variance that every dimension has at least: a latent that says nothing is no distance


class Entry(NamedTuple):
    """One picture of the index. ``offset`` (d,) is a − μ_c; None where the network saw no product."""

    category: str
    product: str
    offset: Floats | None


@dataclass(frozen=True)
class Plan:
    """What a taste asks of an index: the score of a row of category c is linear in its look.

    score = pull · direction_c − half_c · seen + liked_c + POPULAR · popularity, where direction_c is ``own[c]`` for
    categories that the shopper did something in, else ``overall · scale_c``.
    """

    overall: Floats  # (d,)
    scale: Floats  # (categories,)
    own: Mapping[int, Floats]  # category's number → (d,)
    half: Floats  # (categories,)
    liked: Floats  # (categories,)
    popular: float

    def direction(self, number: int) -> Floats:
        """(d,): what the looks of a category are multiplied with."""
        own = self.own.get(number)
        return own if own is not None else self.overall * self.scale[number]


@dataclass(frozen=True)
class Found:
    """One product that was found, with the picture that found it."""

    image: UUID
    product: str
    category: str
    score: float
    popularity: float = 0.0
    pull: Floats | None = None  # (d,); None where only a distance was asked for


@dataclass(frozen=True, eq=False)
class Space:
    """One version of the index. ``pull`` of a look a of category c is ρ (a − μ_c) / σ_c²: pull · t is the product of
    look and taste in whitened space, where a dimension counts by its relevance ρ; zero where no product was seen.

    Subclasses hold the looks: in memory (``index``), or in PostgreSQL (``pgvector``).
    """

    weights: int
    digest: str
    stamp: UUID
    names: list[str]  # categories
    counts: list[int]  # pictures per category
    mean: Floats  # (categories + 1, d): the last row is for categories that the index does not know
    std: Floats  # (categories + 1, d)
    relevance: Floats  # (d,)

    @property
    def size(self) -> int:
        """Dimensions of a look."""
        return int(self.mean.shape[1])

    @cached_property
    def scale(self) -> Floats:
        """(categories + 1, d): σ / √ρ, the unit in which looks are compared."""
        return (self.std / np.sqrt(self.relevance)).astype(np.float32)

    @cached_property
    def by_name(self) -> dict[str, int]:
        """Category → its number."""
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def share(self) -> Floats:
        """(categories,): which part of the catalogue each category is."""
        counts = np.array(self.counts, dtype=np.float32)
        shares: Floats = counts / max(counts.sum(), np.float32(1.0))
        return shares

    def number(self, category: str) -> int:
        """The category's number; that of the row for unknown ones otherwise."""
        return self.by_name.get(category, len(self.names))

    def entries(self, images: Iterable[UUID]) -> dict[UUID, Entry]:
        """What the index knows of some pictures."""
        raise NotImplementedError

    def colour_names(self) -> frozenset[str]:
        """The catalogue's own words for colours."""
        raise NotImplementedError

    def colour_offset(self, colours: frozenset[str], category: str | None) -> Floats | None:
        """(d,): the mean of a − μ over the pictures of some colours, in one category or in all; None without any."""
        raise NotImplementedError

    def first(self, plan: Plan | None, count: int, category: str | None, left_out: AbstractSet[str]) -> list[Found]:
        """The ``count`` products with the best scores, each by its best picture; the newest first among equals.

        Args:
            plan: None: by popularity alone.
            count: products.
            category: only of this one.
            left_out: keys of products that are not wanted.
        """
        raise NotImplementedError

    def nearest(self, image: UUID, count: int) -> list[Found]:
        """The products whose looks are nearest in whitened space to that of a picture: its own category first."""
        raise NotImplementedError


def statistics(looks: Floats, seen: NDArray[np.bool_], bounds: Sequence[tuple[int, int]]) -> tuple[Floats, Floats]:
    """Mean and standard deviation of every category and dimension, and of all looks in a last row.

    A category's variance is pooled with the mean variance inside categories as if that were ``POOLED`` more looks, and
    raised by ``FLOOR`` times the variance of the average dimension.

    Args:
        looks: (n, d), rows of one category together.
        seen: (n,): which rows count.
        bounds: first row and the one behind the last, per category.
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


def relevance(white: Floats, colours: Sequence[str]) -> Floats:
    """(d,): how much more a dimension differs between colours than within one.

    Looks hold more than what people choose by: light, folds, prints. The catalogue's own words for colours tell the
    dimensions apart: with the variance β between colours and ω within, the relevance is β / ω, at least ``LEAST``. In
    a small catalogue ω is pooled with the whole variance as if that were ``DOUBT`` more looks, and the least is higher:
    without any colours all dimensions count alike, and together no more than ``DIMENSIONS``.

    Args:
        white: (n, d): (a − μ_c) / σ_c of the pictures in which a product was seen.
        colours: (n,): their colours; pictures without one say nothing here.

    Source: R. A. Fisher, "The use of multiple measurements in taxonomic problems" (1936): his criterion, one dimension
        at a time, with the unbiased variances of the analysis of variance.
    """
    numbers: dict[str, int] = {}
    group = np.array([numbers.setdefault(colour, len(numbers)) for colour in colours], dtype=np.int64)
    named = np.array([bool(colour) for colour in colours], dtype=np.bool_)
    alike = min(1.0, DIMENSIONS / max(1, white.shape[1]))
    white, group = white[named].astype(np.float64), group[named]
    groups = len(np.unique(group))
    known = len(white) - groups
    if groups < 2 or known < 1:
        return np.full(white.shape[1], alike, dtype=np.float32)
    counts = np.bincount(group, minlength=len(numbers))[:, None]
    sums = np.zeros((len(numbers), white.shape[1]))
    np.add.at(sums, group, white)
    within = ((white - (sums / np.maximum(counts, 1))[group]) ** 2).sum(axis=0) / known
    total = white.var(axis=0, ddof=1)
    within = np.maximum((known * within + DOUBT * total) / (known + DOUBT), 1e-9)
    least = max(LEAST, alike * DOUBT / (known + DOUBT))
    made: Floats = np.clip((total - within) / within, least, 1 / LEAST).astype(np.float32)
    return made
