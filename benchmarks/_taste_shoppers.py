"""A simulated shop: products with looks from a mixture, and shoppers who each hide a taste for colours and categories.

A look is the mean of its category + that of its colour + its own; a few latent dimensions carry it all, the others only
noise, as in a trained VAE. A shopper picks products by hidden weights of colours and categories, by how popular a
product is with everybody, and sometimes at random.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ACTIVE = 12  # latent dimensions that say something
COLOURS = 14
CATEGORIES = 10
KINDS = ("view", "basket", "purchase", "like", "dislike")
CHANCES = (0.70, 0.12, 0.08, 0.08, 0.02)
RANDOM = 0.15  # of the picks follow no taste but what is popular


@dataclass(frozen=True)
class Catalogue:
    """``looks`` (n, d) float32; ``category``, ``colour`` (n,): numbers; ``pull`` (n,): how popular each product is."""

    looks: NDArray[np.float32]
    category: NDArray[np.int64]
    colour: NDArray[np.int64]
    pull: NDArray[np.float64]


@dataclass(frozen=True)
class Picked:
    """One event of a simulated shopper: a product's number, and how many days ago it was."""

    product: int
    kind: str
    days: float


def catalogue(count: int, size: int, rng: np.random.Generator) -> Catalogue:
    """``count`` products with looks of ``size`` numbers."""
    category = rng.integers(0, CATEGORIES, count)
    colour = rng.integers(0, COLOURS, count)
    looks = rng.normal(0, 0.02, (count, size))
    active = min(ACTIVE, size)
    looks[:, :active] += rng.normal(0, 0.4, (CATEGORIES, active))[category]
    looks[:, :active] += rng.normal(0, 0.8, (COLOURS, active))[colour]
    looks[:, :active] += rng.normal(0, 0.4, (count, active))
    return Catalogue(looks.astype(np.float32), category, colour, pull(count, rng))


def pull(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(count,): how popular products are, summing to 1: few are, most are not."""
    drawn = rng.permutation(1.0 / np.arange(1, count + 1) ** 0.5)
    return drawn / drawn.sum()


def shopper(goods: Catalogue, rng: np.random.Generator) -> list[Picked]:
    """A history, the oldest event first; what is disliked is of another colour than what is liked."""
    colours = np.full(int(goods.colour.max()) + 1, 0.02)
    liked = rng.choice(len(colours), int(rng.integers(1, 4)), replace=False)
    colours[liked] += rng.dirichlet(np.full(len(liked), 2.0))
    categories = np.full(int(goods.category.max()) + 1, 0.02)
    wanted = rng.choice(len(categories), int(rng.integers(1, min(5, len(categories) + 1))), replace=False)
    categories[wanted] += rng.dirichlet(np.full(len(wanted), 2.0))
    taste = goods.pull * colours[goods.colour] * categories[goods.category]
    against = goods.pull * (1.0 / colours[goods.colour])
    history = []
    for days in np.sort(rng.uniform(0, 60, int(rng.integers(5, 26))))[::-1]:
        kind = str(rng.choice(KINDS, p=CHANCES))
        chances = goods.pull if rng.random() < RANDOM else against if kind == "dislike" else taste
        product = int(rng.choice(len(chances), p=chances / chances.sum()))
        history.append(Picked(product, kind, float(days)))
    return history
