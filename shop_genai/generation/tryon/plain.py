"""A pale garment on a pale, even ground: what a shop's photo often shows, and what the segmentation loses half of.

From the picture's border the ground goes on as far as nothing breaks its evenness: across slow changes of light, not
across an edge. What it cannot reach, and what touches the garment, is garment. Nothing is ever taken away, and where
the ground is a floor or a sheet, nothing is added.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from shop_genai.generation.segment.regions import parts

Values = NDArray[np.float32]
Plane = NDArray[np.bool_]

SIDE = 384  # pixels, the longer side of the copy that is looked at
BORDER = 10  # pixels of it along which the ground is known
COVERED = 0.25  # share of that border that the garment may cover
ROUGH = 3.0  # steps of 1/255 for each pixel: a ground that changes more is not even
BLUR = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)
FACTOR, LEAST = 2.0, 0.4  # an edge is so many times what the border's light changes, and at least this
EVEN = 0.6  # share of what is not the garment that the ground has to reach
WIDER = 5  # pixels: how far an edge is felt
THICK = 9  # pixels: thinner is a shadow, or a hanger
WORTH = 0.03  # share of the garment that has to be missing
ALIKE = 30  # steps of 1/255 between the ground and what is missing, channel by channel: else it is no pale garment's
PALE = 150  # the darkest channel of a pale ground
OWN = 0.15  # share of the known garment that has the colour of what is missing
STEEPER = 2.5  # the outline as it is enlarged
MOST = 3.0  # times the garment: more is not added


def completed(picture: Image.Image, mask: Image.Image) -> Image.Image:
    """The mask of a garment, with what is missing of it; the same object where nothing is.

    Args:
        picture: RGB.
        mask: mode L, the same size.
    """
    scale = min(1.0, SIDE / max(picture.size))
    size = (max(3 * BORDER, round(picture.width * scale)), max(3 * BORDER, round(picture.height * scale)))
    small = picture.resize(size, Image.Resampling.BOX)
    known = np.asarray(mask.resize(size, Image.Resampling.BOX)) > 127
    changes = _changes(picture, size)
    border = np.ones(known.shape, bool)
    border[BORDER:-BORDER, BORDER:-BORDER] = False
    open_border = border & ~known
    if open_border.sum() < (1 - COVERED) * border.sum():
        return mask
    usual = float(np.percentile(changes[open_border], 90))
    if usual > ROUGH:
        return mask
    ground = _reached(changes < max(FACTOR * usual, LEAST))
    if (ground & ~known).sum() < EVEN * (~known).sum():
        return mask
    # An edge is felt some pixels around it: what is not ground is a little too wide.
    body = _touching(_shrunk(~ground, WIDER) | known, known)
    missing = body & ~known
    missing = _grown(_shrunk(missing, THICK), THICK) & missing
    if not WORTH * known.sum() < missing.sum() < MOST * known.sum():
        return mask
    colours = np.asarray(small, np.float32)
    below, here = (np.median(colours[where], axis=0) for where in (ground & ~body, missing))
    own = np.abs(colours[known] - here).max(axis=1) < ALIKE
    if below.min() < PALE or np.abs(below - here).max() > ALIKE or own.mean() < OWN:
        return mask
    whole = Image.fromarray(((known | missing) * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.2))
    larger = np.asarray(whole.resize(picture.size, Image.Resampling.BICUBIC), np.float32)
    steep = np.clip((larger - 127.5) * STEEPER + 127.5, 0, 255)
    return Image.fromarray(np.maximum(np.rint(steep).astype(np.uint8), np.asarray(mask)))


def _changes(picture: Image.Image, size: tuple[int, int]) -> Values:
    """(h, w) of a smaller copy: by how much the strongest channel changes from pixel to pixel.

    Steps below 1/255 count: they are what parts white from white.
    """
    strongest = np.zeros(size[::-1], np.float32)
    for channel in picture.split():
        values = np.asarray(channel.convert("F").resize(size, Image.Resampling.BOX))
        for axis in (0, 1):
            padded = np.pad(values, [(2, 2) if axis == each else (0, 0) for each in (0, 1)], mode="edge")
            length = values.shape[axis]
            shifted = [weight * padded.take(range(k, k + length), axis) for k, weight in enumerate(BLUR)]
            values = np.sum(shifted, axis=0)
        down, across = np.gradient(values)
        strongest = np.maximum(strongest, np.hypot(down, across).astype(np.float32))
    return strongest


def _reached(even: Plane) -> Plane:
    """What is connected with the picture's border; not through gaps of a pixel."""
    even = even.copy()
    even[[0, 1, -2, -1]] = even[:, [0, 1, -2, -1]] = True
    wide = _shrunk(even, 3)
    wide[[0, -1]] = wide[:, [0, -1]] = True
    numbers = parts(wide)
    return _grown(numbers == numbers[0, 0], 3)


def _touching(plane: Plane, seeds: Plane) -> Plane:
    """The parts of a plane in which there is a seed."""
    numbers = parts(plane)
    wanted = np.unique(numbers[seeds & plane])
    return np.isin(numbers, wanted[wanted > 0])


def _shrunk(plane: Plane, pixels: int) -> Plane:
    return np.asarray(Image.fromarray(plane).convert("L").filter(ImageFilter.MinFilter(pixels))) > 0


def _grown(plane: Plane, pixels: int) -> Plane:
    return np.asarray(Image.fromarray(plane).convert("L").filter(ImageFilter.MaxFilter(pixels))) > 0
