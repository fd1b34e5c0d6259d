"""A soft contact shadow: darkest where the product touches the ground, gone a little way off.

It is drawn from the mask alone, for a light from above and a camera in front. Each column of the mask casts one below
its lowest pixel, the less the higher that pixel lies above the ground, so that a handle or a sleeve in the air casts
none. What the columns cast is a Gaussian in both directions, in two layers: a narrow dark one, and a wide faint one.
All lengths are shares of the product's width, so the shadow looks the same at every resolution; it is drawn small and
enlarged.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Values = NDArray[np.float64]

SIDE = 256  # pixels, the longer side of the drawing
DARKEST = 0.6  # of the light taken away, at a strength of 1, at the very contact
LIFT = 0.06  # of the product's height: how far above the ground a column still counts as touching it
# Weight, and standard deviations across and along the ground's depth, as shares of the product's width.
LAYERS = ((0.6, 0.02, 0.012), (0.4, 0.06, 0.035))
FADE = 0.03  # of the longer side: towards the picture's border the shadow is taken back, to nothing at the border


def contact(alpha: Image.Image) -> Image.Image:
    """How much light the ground loses.

    Args:
        alpha: mode L, the product in the frame of the finished picture. Its lowest pixel stands on the ground.

    Returns:
        Mode L, the same size: 255 × the share of the light that is taken away at a strength of 1. Exactly 0 at the
        picture's border, and everywhere if there is no product.
    """
    scale = min(1, SIDE / max(alpha.size))
    size = (max(1, round(alpha.width * scale)), max(1, round(alpha.height * scale)))
    small = np.asarray(alpha.resize(size, Image.Resampling.BOX)) >= 128
    if not small.any():
        return Image.new("L", alpha.size)
    drawn = np.rint(255 * DARKEST * _cast(small) * _fade(small.shape)).astype(np.uint8)
    return Image.fromarray(drawn).resize(alpha.size, Image.Resampling.BICUBIC)


def _cast(product: NDArray[np.bool_]) -> Values:
    """(H, W) mask → (H, W) shadow, 0..1."""
    height, width = product.shape
    columns = np.flatnonzero(product.any(axis=0))
    filled = np.flatnonzero(product.any(axis=1))
    ground, tall = filled[-1], filled[-1] - filled[0] + 1
    wide = columns[-1] - columns[0] + 1
    lowest = height - 1 - np.argmax(product[::-1, columns], axis=0)
    touching = np.exp(-(((ground - lowest) / (LIFT * tall)) ** 2))
    down, across = np.arange(height)[:, None], np.arange(width)[None, :]
    shadow = np.zeros((height, width))
    for weight, sideways, deep in LAYERS:
        rows = touching * np.exp(-0.5 * ((down - lowest) / (deep * wide)) ** 2)  # (H, columns)
        spread = np.exp(-0.5 * ((across - columns[:, None]) / (sideways * wide)) ** 2)  # (columns, W)
        spread /= np.sqrt(2 * np.pi) * sideways * wide  # of an unbroken line of columns, each place gets 1
        shadow += weight * (rows @ spread)
    return np.clip(shadow, 0, 1)


def _fade(shape: tuple[int, ...]) -> Values:
    """1 inside, falling smoothly to 0 in the two outermost rows and columns, so that enlarging leaves the border 0."""
    reach = FADE * max(shape)

    def along(length: int) -> Values:
        place = np.arange(length)
        share = np.clip((np.minimum(place, length - 1 - place) - 1) / reach, 0, 1)
        return np.asarray(share**2 * (3 - 2 * share))

    return along(shape[0])[:, None] * along(shape[1])[None, :]
