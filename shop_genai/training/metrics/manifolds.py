"""Quality and variety apart: precision and recall, density and coverage, by balls around each picture's features.

A ball reaches to the k-th nearest neighbour within the same set; its edge belongs to it. Distances are worked out in
blocks of rows: sets of 50,000 pictures need 300 MiB beside the features themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .distributions import Vectors, check_pair

BLOCK = 2**24  # distances in memory at a time, 8 bytes each
ROUNDING = 1e-13  # squared distances below this share of the longest vector's square are 0: the points are equal


def precision_recall(real: Vectors, fake: Vectors, k: int = 3) -> tuple[float, float]:
    """(share of the made pictures inside a real one's ball, share of the real ones inside a made one's ball).

    One real outlier has a huge ball and flatters precision; pictures far from all real ones flatter recall.

    Source: Kynkaanniemi et al. 2019, "Improved Precision and Recall Metric for Assessing Generative Models", eq. 1-2.

    Raises:
        ValueError: a set has no more than k pictures.
    """
    check_pair(real, fake, smallest=k + 1)
    radii_real, radii_fake = radii(real, k), radii(fake, k)
    inside_real = np.zeros(len(fake), bool)
    inside_fake = np.zeros(len(real), bool)
    for rows, squares in squared_distances(real, fake):
        inside_real |= (squares <= radii_real[rows, None]).any(axis=0)
        inside_fake[rows] = (squares <= radii_fake).any(axis=1)
    return float(inside_real.mean()), float(inside_fake.mean())


def density_coverage(real: Vectors, fake: Vectors, k: int = 5) -> tuple[float, float]:
    """(how many real balls a made picture is in, per k; share of the real balls with a made picture inside).

    Both around 1 when the sets come from one distribution; density may exceed 1. Only real pictures have balls, so that
    made outliers gain nothing.

    Source: Naeem et al. 2020, "Reliable Fidelity and Diversity Metrics for Generative Models", eq. 3-4.

    Raises:
        ValueError: a set has no more than k pictures.
    """
    check_pair(real, fake, smallest=k + 1)
    radii_real = radii(real, k)
    hits = 0
    covered = np.zeros(len(real), bool)
    for rows, squares in squared_distances(real, fake):
        inside = squares <= radii_real[rows, None]
        hits += int(inside.sum())
        covered[rows] = inside.any(axis=1)
    return hits / (k * len(fake)), float(covered.mean())


def expected_coverage(real: int, fake: int, k: int = 5) -> float:
    """The coverage to expect when `fake` pictures come from the distribution of the `real` ones.

    A ball stays empty when, of the other real and the made pictures in order of distance, the first k are all real.

    Source: Naeem et al. 2020, section 4.1 and appendix; here for sets of unequal size.
    """
    empty = 1.0
    for taken in range(k):
        empty *= (real - 1 - taken) / (real + fake - 1 - taken)
    return 1 - empty


def radii(points: Vectors, k: int) -> Vectors:
    """Squared distance of each point to its k-th nearest other one: (N,)."""
    found = np.empty(len(points))
    for rows, squares in squared_distances(points, points):
        squares[np.arange(len(squares)), np.arange(rows.start, rows.stop)] = np.inf  # not a neighbour of itself
        found[rows] = np.partition(squares, k - 1, axis=1)[:, k - 1]
    return found


def squared_distances(a: Vectors, b: Vectors) -> Iterator[tuple[slice, Vectors]]:
    """Squared Euclidean distances from some rows of `a`, a block at a time, to all rows of `b`."""
    lengths = np.einsum("nf,nf->n", b, b)
    step = max(1, BLOCK // len(b))
    for first in range(0, len(a), step):
        rows = slice(first, min(first + step, len(a)))
        block = a[rows] @ b.T
        block *= -2
        block += np.einsum("nf,nf->n", a[rows], a[rows])[:, None]
        block += lengths
        block[block < ROUNDING * lengths.max()] = 0
        yield rows, block
