"""Garments in several colours, drawn: the same folds under other dyes."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from shop_genai.generation.variant.sampler import Shot


def shots(count: int, side: int = 32, colours: int = 3, seed: int = 0) -> list[Shot]:
    """Shaded boxes and discs on a light ground, each in several colours."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        mask = Image.new("L", (side, side))
        draw = ImageDraw.Draw(mask)
        low, high = side * rng.uniform(0.1, 0.2), side * rng.uniform(0.8, 0.9)
        (draw.rectangle if number % 2 else draw.ellipse)((low, low, high, high), fill=255)
        inside = np.asarray(mask)[..., None] > 0
        folds = 0.75 + 0.25 * np.sin(np.arange(side) * rng.uniform(0.3, 0.9))[None, :, None]
        dyes = rng.integers(40, 240, (colours, 3))
        pictures = tuple(
            Image.fromarray(np.where(inside, dye * folds, 235).round().astype(np.uint8))
            for dye in np.broadcast_to(dyes[:, None, None], (colours, side, 1, 3))
        )
        made.append(Shot(pictures[0], "garment", mask=mask, colourways=pictures))
    return made
