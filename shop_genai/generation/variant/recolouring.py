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


def in_two(pixels: Pixels, cut: int, rng: np.random.Generator) -> Pixels:
    """Recoloured in two parts, above and below the row `cut`, each on its own: as a shirt over trousers."""
    return np.concatenate([recoloured(pixels[:cut], rng), recoloured(pixels[cut:], rng)])


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
    low, high = np.quantile(brightness[::4, ::4], (0.02, 0.98))
    # A garment of one tone must not become a drawing of its noise.
    passed = (brightness - low) / max(high - low, 0.15)
    bright = rng.uniform(0.15, 1.2) * rng.dirichlet((1.2, 1.2, 1.2)) ** 0.5
    dark = bright * rng.uniform(0.0, 0.7) + rng.uniform(0, 0.05)
    chroma = (pixels - brightness[..., None]) * np.float32(rng.uniform(0, 0.6))
    ramp = passed[..., None].astype(np.float32) * (bright - dark).astype(np.float32) + dark.astype(np.float32)
    changed: Pixels = np.clip(ramp + chroma, 0, 1)
    return changed


def _relit(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Gains, an offset and a gamma, channel by channel around a common one."""
    gamma = np.exp(rng.normal(0, 0.25) + rng.normal(0, 0.08, 3))
    gain = np.exp(rng.normal(0, 0.12) + rng.normal(0, 0.06, 3))
    offset = rng.normal(0, 0.04) + rng.normal(0, 0.02, 3)
    steps = np.linspace(0, 1, 256)[:, None] ** gamma * gain + offset  # a power for each pixel would take far longer
    table = np.clip(steps, 0, 1).astype(np.float32)
    places = (pixels * 255 + 0.5).astype(np.uint8)
    return np.stack([table[:, channel][places[..., channel]] for channel in range(3)], axis=2)
