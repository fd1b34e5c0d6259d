"""What else of a garment is hidden once somebody wears it: whatever lies behind the opening for the neck.

Above the inner side there is only the back: the upper edge of its collar, a hanger, a hood that lies up. Left on the
garment, they would float over the wearer's neck and face.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from shop_genai.generation.segment.regions import parts

from .landmarks import NECK, Point

Values = NDArray[np.float32]

SIDE = 448  # pixels a side of the upright square that is worked on
WIDE = 1.5  # half of that square, in widths of the neck; half as much again lies above the neck as below
RAISED, ASIDE = 0.45, 1.2  # widths of the neck above its line, and to either side, where a hood is looked for
COLLAR = 0.82  # widths of the neck: narrower there is a high collar
STANDS = 0.22  # widths of the neck that a hood stands up beside it when it is worn down
COARSE = 4  # pixels of that square for one in which loose parts are looked for
POSSIBLE = 0.3  # probability from which the corners of the opening belong to it


def with_what_is_behind(
    inside: Image.Image, mask: Image.Image, likely: Image.Image, landmarks: Mapping[str, Point]
) -> Image.Image:
    """The inner side of a top, mode L, with all that its wearer hides.

    Args:
        inside: mode L.
        mask: the garment, mode L, the same size.
        likely: what the network says of the inner side, mode L.
        landmarks: of the garment.
    """
    left, right, _front = (np.array(landmarks[name], np.float64) for name in NECK)
    width = float(np.hypot(*(left - right)))
    middle, across = (left + right) / 2, (left - right) / max(width, 1e-6)
    down = np.array([-across[1], across[0]])
    scale = 2 * WIDE * width / SIDE  # pixels of the picture for one of the square
    if scale < 1e-3:
        return inside
    matrix = np.stack([across * scale, down * scale], axis=1)  # from the square to the picture
    level = SIDE * 0.75  # the neck's line
    start = middle - matrix @ np.array([SIDE / 2, level])
    planes = [_turned(plane, matrix, start) for plane in (inside, mask, likely)]
    cover, cloth, chance = planes
    inverse = np.linalg.inv(matrix)
    found = cover > 0.5
    if found.any():
        # The corners of the opening, which a smooth border rounds off.
        corners = [inverse @ (point - start) for point in (left, right)]
        rows, columns = np.nonzero(found)
        triangle = Image.new("L", (SIDE, SIDE))
        points = [*((float(x), float(y)) for x, y in corners), (float(columns.mean()), float(rows.mean()))]
        ImageDraw.Draw(triangle).polygon(points, fill=255)
        cover = np.maximum(cover, (np.asarray(triangle) > 0) & (chance > POSSIBLE))
    unit = SIDE / (2 * WIDE)  # the neck's width
    if _is_hood(cloth, level, unit):
        cover = np.maximum(cover, np.arange(SIDE)[:, None] < level - STANDS * unit)
    elif not found.any():
        return inside
    # Behind the opening, column by column, up to the garment's edge and beyond.
    cover = np.maximum.accumulate(cover[::-1], axis=0)[::-1]
    # What hangs together with nothing any more.
    rest = parts((cloth - cover)[::COARSE, ::COARSE] > 0.5)
    areas = np.bincount(rest.ravel())
    areas[0] = 0
    loose = (rest > 0) & (rest != areas.argmax()) & (np.arange(SIDE)[::COARSE, None] < level)
    cover = np.maximum(cover, np.kron(loose, np.ones((COARSE, COARSE))))
    back = np.concatenate([inverse, (-inverse @ start)[:, None]], axis=1)
    hidden = Image.fromarray(np.rint(cover * 255).astype(np.uint8)).transform(
        inside.size, Image.Transform.AFFINE, tuple(back.ravel().tolist()), Image.Resampling.BILINEAR
    )
    return Image.fromarray(np.minimum(np.maximum(np.asarray(hidden), np.asarray(inside)), np.asarray(mask)))


def _is_hood(cloth: Values, level: float, unit: float) -> bool:
    """Whether above the neck there is something wider than a collar."""
    beside = np.abs(np.arange(SIDE) - SIDE / 2) < ASIDE * unit
    columns = np.flatnonzero((cloth[int(level - RAISED * unit)] > 0.5) & beside)
    return len(columns) > 0 and bool(np.ptp(columns) >= COLLAR * unit)


def _turned(plane: Image.Image, matrix: NDArray[np.float64], start: NDArray[np.float64]) -> Values:
    """The upright square, (SIDE, SIDE) in 0..1."""
    data = np.concatenate([matrix, start[:, None]], axis=1).ravel().tolist()
    turned = plane.transform((SIDE, SIDE), Image.Transform.AFFINE, tuple(data), Image.Resampling.BILINEAR)
    return np.asarray(turned, np.float32) / np.float32(255)
