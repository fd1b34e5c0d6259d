"""Looks from nothing: the distribution of looks that real products have, and different ones drawn from it.

Training pulls the looks of products towards N(0, I), but they do not fill it evenly: most of it belongs to no cloth. So
new looks are drawn from a mixture of Gaussians fitted to the looks of the training pictures, as far as the weights
bring one along.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]
Shown = Callable[[Vectors], Vectors]  # looks (N, A) → what they look like (N, F)

FLOOR = 0.01  # least variance of a dimension: those that say nothing must not make every look improbable
INSIDE = 0.99  # share of the training looks within the radius
TEMPER = 0.5  # of the noise, where different looks are chosen
DRAWN = 64  # looks that are drawn for each one that is wanted, to choose different ones from
FIRST = 8  # of these, the first one that is chosen is the one least like the picture's own look
ROUNDS = 30  # of k-means
DIGITS = 4  # that a manifest keeps


@dataclass(frozen=True)
class Prior:
    """A mixture of Gaussians with one covariance."""

    means: Vectors  # (K, A)
    weights: Vectors  # (K,), summing to 1
    covariance: Vectors  # (A, A), around each mean
    radius: float  # Mahalanobis distance from the mean of all beyond which a look is implausible

    @classmethod
    def standard(cls, size: int) -> Prior:
        """N(0, I), for weights that bring no prior along."""
        return cls(np.zeros((1, size)), np.ones(1), np.eye(size), _chi(size))

    @classmethod
    def fit(cls, looks: Vectors, components: int = 16, seed: int = 0) -> Prior:
        """A prior for the looks of training pictures, (N, A).

        Args:
            looks: at least one.
            components: number of Gaussians; no more than looks.
            seed: of where k-means begins.

        Source: Lloyd 1982, "Least Squares Quantization in PCM" (k-means); Arthur and Vassilvitskii 2007, "k-means++".
        """
        looks = np.asarray(looks, np.float64)
        centres = _centres(looks, min(components, len(looks)), np.random.default_rng(seed))
        nearest = _squares(looks, centres).argmin(axis=1)
        used = np.unique(nearest)
        means = np.stack([looks[nearest == k].mean(axis=0) for k in used])
        weights = np.array([np.mean(nearest == k) for k in used])
        left = looks - means[np.searchsorted(used, nearest)]
        covariance = left.T @ left / len(looks) + FLOOR * np.eye(looks.shape[1])
        fitted = cls(means, weights, covariance, np.inf)
        return cls(means, weights, covariance, float(np.quantile(fitted.distance(looks), INSIDE)))

    @classmethod
    def read(cls, entry: Mapping[str, Any] | None, size: int) -> Prior:
        """What a manifest says of the looks: `means`, `weights`, `covariance`, `radius`; or one `mean`. None: N(0, I).

        Raises:
            ValueError: the numbers do not fit together.
        """
        if not entry:
            return cls.standard(size)
        means = np.array(entry["means"] if "means" in entry else [entry["mean"]], np.float64)
        weights = np.array(entry.get("weights", np.ones(len(means))), np.float64)
        covariance = np.array(entry["covariance"], np.float64)
        if means.shape != (len(weights), size) or covariance.shape != (size, size) or not weights.sum() > 0:
            raise ValueError(f"the prior in the manifest is not one of looks of {size} numbers")
        return cls(means, weights / weights.sum(), covariance, float(entry.get("radius", _chi(size))))

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON for the manifest."""
        return {
            "means": np.round(self.means, DIGITS).tolist(),
            "weights": np.round(self.weights, DIGITS).tolist(),
            "covariance": np.round(self.covariance, DIGITS).tolist(),
            "radius": round(self.radius, DIGITS),
        }

    @cached_property
    def mean(self) -> Vectors:
        """(A,), of the whole mixture."""
        return np.asarray(self.weights @ self.means)

    @cached_property
    def _precision(self) -> Vectors:
        """The inverse covariance of the whole mixture: that within its parts and that between them."""
        between = self.means - self.mean
        return np.asarray(np.linalg.inv(self.covariance + (between.T * self.weights) @ between))

    def distance(self, looks: Vectors) -> Vectors:
        """Mahalanobis distances of looks (N, A) from the mean: (N,).

        Source: Mahalanobis 1936, "On the generalised distance in statistics".
        """
        away = looks - self.mean
        return np.asarray(np.sqrt(np.einsum("na,ab,nb->n", away, self._precision, away)))

    def clipped(self, look: Vectors) -> Vectors:
        """The look, (A,); one beyond the radius is moved straight towards the mean until it lies on it."""
        distance = float(self.distance(look[None])[0])
        return look if distance <= self.radius else self.mean + (look - self.mean) * (self.radius / distance)

    def draw(self, count: int, rng: np.random.Generator, temper: float = 1.0) -> Vectors:
        """Looks within the radius, as probable as they are: (count, A); with a `temper` below 1 more usual ones."""
        parts = rng.choice(len(self.weights), count, p=self.weights)
        noise = rng.standard_normal((count, self.means.shape[1])) @ np.linalg.cholesky(self.covariance).T
        return np.stack([self.clipped(look) for look in self.means[parts] + temper * noise])

    def different(self, count: int, seed: int, own: Vectors, shown: Shown) -> Vectors:
        """`count` looks, as different from each other as the draw allows: (count, A). One seed, one choice.

        Each next one is the draw that shows least of all before it and of `own`, (A,), the picture's own look. Whoever
        picks the most different of many picks the oddest, so these are drawn with less noise.

        Args:
            count: how many.
            seed: of the draw.
            own: (A,)
            shown: what people see of looks, in units of what they notice; distances are taken there.

        Source: Gonzalez 1985, "Clustering to Minimize the Maximum Intercluster Distance" (farthest-first traversal);
        less noise: Brock et al. 2019, "Large Scale GAN Training for High Fidelity Natural Image Synthesis" (3.1).
        """
        drawn = self.draw(DRAWN * count, np.random.default_rng(seed), TEMPER)
        seen = shown(drawn)
        away = np.linalg.norm(seen - shown(own[None]), axis=1)
        chosen = [int(away[:FIRST].argmax())]
        while len(chosen) < count:
            away = np.minimum(away, np.linalg.norm(seen - seen[chosen[-1]], axis=1))
            chosen.append(int(away.argmax()))
        return drawn[chosen]


def assigned(wanted: Vectors, known: Mapping[str, Sequence[float]]) -> list[str]:
    """For each look, (N, A), the name of the nearest known one; a name comes again only when all were taken."""
    names = list(known)
    squares = _squares(wanted, np.array([known[name] for name in names], np.float64))
    taken = np.zeros(len(names), int)
    chosen = []
    for row in squares:
        free = taken == taken.min()
        best = int(np.where(free, row, np.inf).argmin())
        taken[best] += 1
        chosen.append(names[best])
    return chosen


def _chi(size: int) -> float:
    """The length that 99 % of the draws from N(0, I) do not exceed.

    Source: Wilson and Hilferty 1931, "The Distribution of Chi-Square".
    """
    spread = 2 / (9 * size)
    return float(np.sqrt(size * (1 - spread + 2.3263 * np.sqrt(spread)) ** 3))


def _centres(points: Vectors, count: int, rng: np.random.Generator) -> Vectors:
    """k-means: (count, A)."""
    centres = points[rng.integers(len(points), size=1)]
    while len(centres) < count:
        squares = _squares(points, centres).min(axis=1)
        total = squares.sum()
        shares = squares / total if total > 0 else np.full(len(points), 1 / len(points))
        centres = np.concatenate([centres, points[rng.choice(len(points), 1, p=shares)]])
    for _ in range(ROUNDS):
        nearest = _squares(points, centres).argmin(axis=1)
        moved = [points[nearest == k].mean(axis=0) if (nearest == k).any() else centres[k] for k in range(count)]
        centres = np.stack(moved)
    return np.asarray(centres)


def _squares(a: Vectors, b: Vectors) -> Vectors:
    """Squared distances, (N, A) and (M, A) → (N, M)."""
    return np.asarray(((a[:, None] - b[None]) ** 2).sum(axis=2))
