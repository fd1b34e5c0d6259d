"""Random colourways for training: the same cloth as if it had been dyed otherwise.

A network that sees the few colours of a few hundred garments learns those; one that sees each garment in endless
colours learns how colour and shading go together. Pixels are (H, W, 3) float32 in [0, 1].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .grid import LUMA

Pixels = NDArray[np.float32]


def recoloured(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """One of three ways, with equal chances: other channels, another dye, another light."""
    way = int(rng.integers(3))
    if way == 0:
        changed = _mixed(pixels, rng)
    elif way == 1:
        changed = _dyed(pixels, rng)
    else:
        changed = pixels
    return _relit(changed, rng)


def _mixed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Channels exchanged and mixed: hues turn, saturation changes."""
    matrix = np.eye(3)[rng.permutation(3)] + rng.normal(0, 0.15, (3, 3))
    grey = np.outer(np.ones(3), LUMA)
    saturation = rng.uniform(0.3, 1.5)
    matrix = saturation * matrix + (1 - saturation) * grey
    matrix /= matrix.sum(axis=1, keepdims=True)  # grey stays grey
    changed: Pixels = np.clip(pixels @ matrix.T.astype(np.float32), 0, 1)
    return changed


def _dyed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Brightness runs from one colour to another; what remains of the old hues stays in part."""
    brightness = pixels @ np.array(LUMA, np.float32)
    low, high = np.quantile(brightness, (0.02, 0.98))
    # A garment of one tone must not become a drawing of its noise.
    passed = (brightness - low) / max(high - low, 0.15)
    bright = rng.uniform(0.05, 1.0) * rng.dirichlet((1.2, 1.2, 1.2)) ** 0.5
    dark = bright * rng.uniform(0.0, 0.7) + rng.uniform(0, 0.05)
    chroma = (pixels - brightness[..., None]) * rng.uniform(0, 0.6)
    changed: Pixels = np.clip(dark + passed[..., None] * (bright - dark) + chroma, 0, 1).astype(np.float32)
    return changed


def _relit(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Gains, an offset and a gamma, channel by channel around a common one."""
    gamma = np.exp(rng.normal(0, 0.25) + rng.normal(0, 0.08, 3))
    gain = np.exp(rng.normal(0, 0.12) + rng.normal(0, 0.06, 3))
    offset = rng.normal(0, 0.04) + rng.normal(0, 0.02, 3)
    changed: Pixels = np.clip(pixels**gamma * gain + offset, 0, 1).astype(np.float32)
    return changed
