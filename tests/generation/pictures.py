"""Pictures that tests draw: reproducible, with edges, colours and texture."""

from __future__ import annotations

import numpy as np
from PIL import Image


def drawn(width: int, height: int, seed: int = 0) -> Image.Image:
    """An RGB picture of a gradient, hard-edged stripes and a little noise."""
    y, x = np.mgrid[:height, :width]
    slope = 255 * x / max(1, width - 1)
    stripes = np.where((x // 5 + y // 7) % 2 == 0, 60.0, 190.0)
    noise = np.random.default_rng(seed).normal(0, 6, (height, width))
    channels = [slope, stripes + noise, 255 * y / max(1, height - 1)]
    return Image.fromarray(np.clip(np.rint(np.stack(channels, axis=2)), 0, 255).astype(np.uint8))
