"""Random colourways for training: the same cloth as if it had been dyed otherwise.

A network that sees the few colours of a few hundred garments learns those; one that sees each garment in endless
colours learns how colour and shading go together. Pixels are (H, W, 3) float32 in [0, 1]. A dye is drawn once, and then
changes any part of the picture, at any size, alike.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .grid import LUMA

Pixels = NDArray[np.float32]
Rows = NDArray[np.float32]  # (H,): how far down the garment each row of pixels lies, 0..1
Dye = Callable[[Pixels, Rows], Pixels]


def drawn(pixels: Pixels, rng: np.random.Generator) -> Dye:
    """A dye for a garment: one of three ways, with equal chances: other channels, another dye, another light."""
    way = int(rng.integers(3))
    first = _mixed(rng) if way == 0 else _dyed(pixels, rng) if way == 1 else None
    light = _relit(rng)
    return lambda values, rows: light(first(values) if first is not None else values)


def in_two(pixels: Pixels, cut: float, rng: np.random.Generator) -> Dye:
    """Two dyes, above and below the row `cut`, 0..1: as of a shirt over trousers."""
    upper, lower = drawn(pixels, rng), drawn(pixels, rng)

    def dye(values: Pixels, rows: Rows) -> Pixels:
        above = int(np.searchsorted(rows, cut))
        return np.concatenate([upper(values[:above], rows[:above]), lower(values[above:], rows[above:])])

    return dye


def _mixed(rng: np.random.Generator) -> Callable[[Pixels], Pixels]:
    """Channels exchanged and mixed: hues turn, saturation changes."""
    matrix = np.eye(3)[rng.permutation(3)] + rng.normal(0, 0.15, (3, 3))
    grey = np.outer(np.ones(3), LUMA)
    saturation = rng.uniform(0.3, 1.5)
    matrix = saturation * matrix + (1 - saturation) * grey
    matrix /= matrix.sum(axis=1, keepdims=True)  # grey stays grey
    turned = matrix.T.astype(np.float32)
    return lambda pixels: np.clip(pixels @ turned, 0, 1)


def _dyed(pixels: Pixels, rng: np.random.Generator) -> Callable[[Pixels], Pixels]:
    """Brightness runs from one colour to another; what remains of the old hues stays in part."""
    weights = np.array(LUMA, np.float32)
    low, high = np.quantile(pixels[::4, ::4] @ weights, (0.02, 0.98))
    # A garment of one tone must not become a drawing of its noise.
    span = np.float32(max(high - low, 0.15))
    bright = (rng.uniform(0.15, 1.2) * rng.dirichlet((1.2, 1.2, 1.2)) ** 0.5).astype(np.float32)
    dark = (bright * rng.uniform(0.0, 0.7) + rng.uniform(0, 0.05)).astype(np.float32)
    kept = np.float32(rng.uniform(0, 0.6))

    def dye(values: Pixels) -> Pixels:
        brightness = (values @ weights)[..., None]
        ramp = (brightness - np.float32(low)) / span * (bright - dark) + dark
        changed: Pixels = np.clip(ramp + kept * (values - brightness), 0, 1)
        return changed

    return dye


def _relit(rng: np.random.Generator) -> Callable[[Pixels], Pixels]:
    """Gains, an offset and a gamma, channel by channel around a common one."""
    gamma = np.exp(rng.normal(0, 0.25) + rng.normal(0, 0.08, 3))
    gain = np.exp(rng.normal(0, 0.12) + rng.normal(0, 0.06, 3))
    offset = rng.normal(0, 0.04) + rng.normal(0, 0.02, 3)
    steps = np.linspace(0, 1, 256)[:, None] ** gamma * gain + offset  # a power for each pixel would take far longer
    table = np.clip(steps, 0, 1).astype(np.float32)

    def light(values: Pixels) -> Pixels:
        places = (values * 255 + 0.5).astype(np.uint8)
        return np.stack([table[:, channel][places[..., channel]] for channel in range(3)], axis=2)

    return light
