"""Garments in several colours, drawn: the same folds under other dyes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from shop_genai.generation.variant.sampler import FINER, Shot


def shots(count: int, side: int = 32, colours: int = 3, seed: int = 0) -> list[Shot]:
    """Shaded boxes and discs on a light ground, each in several colours."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        low, high = rng.uniform(0.1, 0.2), rng.uniform(0.8, 0.9)
        period = rng.uniform(10, 30)
        dyes = rng.integers(40, 240, (colours, 3))
        (mask, pictures), (fine_mask, fine) = (
            _dyed(number % 2 == 0, size, low, high, period, dyes) for size in (side, FINER * side)
        )
        made.append(
            Shot(pictures[0], "garment", mask=mask, colourways=pictures, fine_mask=fine_mask, fine=fine),
        )
    return made


def _dyed(
    disc: bool, side: int, low: float, high: float, period: float, dyes: NDArray[np.int64]
) -> tuple[Image.Image, tuple[Image.Image, ...]]:
    mask = Image.new("L", (side, side))
    draw = ImageDraw.Draw(mask)
    (draw.ellipse if disc else draw.rectangle)((low * side, low * side, high * side, high * side), fill=255)
    inside = np.asarray(mask)[..., None] > 0
    folds = 0.75 + 0.25 * np.sin((np.arange(side) + 0.5) / side * period)[None, :, None]
    pictures = (Image.fromarray(np.where(inside, dye * folds, 235).round().astype(np.uint8)) for dye in dyes)
    return mask, tuple(pictures)
