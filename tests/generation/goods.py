"""Simple products drawn on plain ground, for tests in which a tiny network has to learn something."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from shop_genai.generation.example import Example


def goods(count: int, side: int = 32, seed: int = 0) -> list[Example]:
    """Boxes and discs of random colour, size and place on a light ground."""
    rng = np.random.default_rng(seed)
    examples = []
    for number in range(count):
        picture = Image.new("RGB", (side, side), (235, 235, 230))
        colour = tuple(int(c) for c in rng.integers(20, 200, 3))
        radius = rng.uniform(0.18, 0.3) * side
        x, y = rng.uniform(0.4, 0.6, 2) * side
        box = (x - radius, y - radius, x + radius, y + radius)
        draw = ImageDraw.Draw(picture)
        kind = ("box", "disc")[number % 2]
        (draw.rectangle if kind == "box" else draw.ellipse)(box, fill=colour)
        examples.append(Example(picture, kind))
    return examples
