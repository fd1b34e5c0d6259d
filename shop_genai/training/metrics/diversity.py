"""How different the pictures of a set are from each other, measured against a real set."""

from __future__ import annotations

import numpy as np

from .distributions import Vectors
from .manifolds import radii, squared_distances


def mean_distance(points: Vectors) -> float:
    """Mean Euclidean distance over all pairs of different rows.

    Raises:
        ValueError: fewer than two rows.
    """
    count = len(points)
    if count < 2:
        raise ValueError(f"a distance needs two pictures, got {count}")
    total = sum(float(np.sqrt(squares).sum()) for _, squares in squared_distances(points, points))
    return total / (count * (count - 1))


def pairwise_ratio(real: Vectors, fake: Vectors) -> float:
    """The made pictures' mean distance from each other, as a ratio to the real ones': 1 is as varied, 0 all alike."""
    distance = mean_distance(real)
    return mean_distance(fake) / distance if distance else 1.0


def usual_nearest(points: Vectors, others: Vectors | None = None) -> float:
    """The median distance from a picture to the nearest of `others`, or of its own set. It shrinks as sets grow."""
    if others is None:
        return float(np.median(np.sqrt(radii(points, 1))))
    nearest = [squares.min(axis=1) for _, squares in squared_distances(points, others)]
    return float(np.median(np.sqrt(np.concatenate(nearest))))


def near_duplicates(points: Vectors, distance: float) -> float:
    """Share of the pictures that have another one nearer than `distance`, or just as near."""
    return float((np.sqrt(radii(points, 1)) <= distance).mean())
