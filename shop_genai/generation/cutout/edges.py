"""The product's own colours at its soft edge, without what shone through from the old background.

A pixel of the edge is a mixture, I = αF + (1 − α)B. Put on another ground as it is, it shows a rim of the old one. F is
estimated twice: coarsely, from averages of the inside and of the outside over a few hundredths of the picture, and then
finely, over a few pixels. Photos are worked on in tiles, and only in those that have an edge in them; never are they
held as floating-point numbers whole.

Source: M. Forte, "Approximate Fast Foreground Colour Estimation" (ICIP 2021): Blur-Fusion, two passes. It is the quick
relative of T. Germer et al., "Fast Multi-Level Foreground Estimation" (ICPR 2020), whose cost function it drops. Here
the first pass averages, instead of all pixels by their alpha, those that are surely of the one or the other, as far as
there are such: a wide soft edge would else tint both averages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Values = NDArray[np.float32]
Box = tuple[int, int, int, int]  # left, upper, right, lower

COARSE_SIDE = 512  # pixels, the longer side of the copy on which the first pass works
COARSE = 0.03  # radius of the first pass's averages, as a share of the longer side
FINE = 0.004  # of the second
TILE = 256  # pixels
EMPTY = 1e-4  # an average over a smaller weight says nothing
# Alpha → weight in the first pass: 0 below three quarters, but for a trace that speaks where nothing else does.
TRUSTED = [round(255 * (max(0.0, 4 * value / 255 - 3) + 0.03 * value / 255) / 1.03) for value in range(256)]


def clean(colour: Image.Image, alpha: Image.Image) -> Image.Image:
    """Foreground colours for a soft mask.

    Args:
        colour: mode RGB, the photo.
        alpha: mode L, the same size: how much of each pixel is the product.

    Returns:
        Mode RGB: the photo to the bit where alpha is 255; estimated colours where it is less; black where no product
        is near.
    """
    coarse = _coarse(colour, alpha)
    radius = max(1, round(FINE * max(colour.size)))
    result = Image.new("RGB", colour.size)
    for box in _tiles(colour.size):
        low, high = alpha.crop(box).getextrema()
        if high == 0:
            continue
        if low == 255:
            result.paste(colour.crop(box), box)
            continue
        left, top = max(0, box[0] - radius), max(0, box[1] - radius)
        around = (left, top, min(colour.width, box[2] + radius), min(colour.height, box[3] + radius))
        found = _tile(colour, alpha, coarse, around, radius)
        result.paste(Image.fromarray(found[box[1] - top : box[3] - top, box[0] - left : box[2] - left]), box)
    return result


def _tiles(size: tuple[int, int]) -> Iterator[Box]:
    for top in range(0, size[1], TILE):
        for left in range(0, size[0], TILE):
            yield left, top, min(left + TILE, size[0]), min(top + TILE, size[1])


@dataclass(frozen=True)
class _Coarse:
    """What the first pass found: averages of the product's and of the background's colours, both in mode RGB."""

    factor: int  # pixels of the photo to one of these
    product: Image.Image
    background: Image.Image

    def at(self, image: Image.Image, box: Box) -> Values:
        """A part of one of the two at full resolution: (H, W, 3), 0..1."""
        left, top, right, bottom = box
        part = (left / self.factor, top / self.factor, right / self.factor, bottom / self.factor)
        return _values(image.resize((right - left, bottom - top), Image.Resampling.BILINEAR, box=part))


def _coarse(colour: Image.Image, alpha: Image.Image) -> _Coarse:
    factor = -(-max(colour.size) // COARSE_SIDE)
    width, height = -(-colour.width // factor), -(-colour.height // factor)
    sums = {side: np.empty((height, width, 3), np.float32) for side in ("product", "background")}
    weights = {side: np.empty((height, width, 1), np.float32) for side in sums}
    step = factor * -(-TILE // factor)
    for top in range(0, colour.height, step):
        box = (0, top, colour.width, min(top + step, colour.height))
        part, mask = colour.crop(box), alpha.crop(box)
        black = Image.new("RGB", part.size)
        at = slice(top // factor, -(-box[3] // factor))
        for side, trusted in (("product", TRUSTED), ("background", TRUSTED[::-1])):
            weight = mask.point(trusted)
            sums[side][at] = _values(Image.composite(part, black, weight).reduce(factor))
            weights[side][at] = _values(weight.reduce(factor))[..., None]
    radius = max(1, round(COARSE * max(width, height)))
    means = {side: _picture(_ratio(_box(sums[side], radius), _box(weights[side], radius))) for side in sums}
    return _Coarse(factor, means["product"], means["background"])


def _tile(colour: Image.Image, alpha: Image.Image, coarse: _Coarse, box: Box, radius: int) -> NDArray[np.uint8]:
    """Both passes for a part of the photo, (H, W, 3); its outermost `radius` pixels are not to be used."""
    pixels = np.asarray(colour.crop(box))
    mask = np.asarray(alpha.crop(box))
    image = pixels.astype(np.float32) / np.float32(255)
    cover = mask.astype(np.float32)[..., None] / np.float32(255)
    background = coarse.at(coarse.background, box)
    product = _fused(image, cover, coarse.at(coarse.product, box), background)
    weight = _box(cover, radius)
    near = _ratio(_box(product * cover, radius), weight)
    behind = _ratio(_box(background * (1 - cover), radius), _box(1 - cover, radius))
    found = np.rint(255 * _fused(image, cover, near, behind)).astype(np.uint8)
    found[(weight < EMPTY)[..., 0]] = 0
    kept: NDArray[np.uint8] = np.where((mask == 255)[..., None], pixels, found)
    return kept


def _fused(image: Values, cover: Values, product: Values, background: Values) -> Values:
    """The average of the product, corrected by how far the mixture misses the pixel: F = F̂ + α(I − αF̂ − (1 − α)B̂)."""
    fused: Values = np.clip(product + cover * (image - cover * product - (1 - cover) * background), 0, 1)
    return fused


def _ratio(total: Values, weight: Values) -> Values:
    return np.where(weight > EMPTY, np.clip(total / np.maximum(weight, EMPTY), 0, 1), 0).astype(np.float32)


def _box(values: Values, radius: int) -> Values:
    """The mean over a square window of 2 · radius + 1 pixels, smaller at the borders: (H, W, C) → the same."""
    for axis in (0, 1):
        values = np.moveaxis(values, axis, 0)
        length = len(values)
        sums = np.zeros((length + 1, *values.shape[1:]), np.float32)
        np.cumsum(values, axis=0, out=sums[1:])
        ends = np.minimum(np.arange(length) + radius + 1, length)
        starts = np.maximum(np.arange(length) - radius, 0)
        count = (ends - starts).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
        mean: Values = np.divide(sums[ends] - sums[starts], count, dtype=np.float32)
        values = np.moveaxis(mean, 0, axis)
    return values


def _values(image: Image.Image) -> Values:
    return np.asarray(image, dtype=np.float32) / np.float32(255)


def _picture(values: Values) -> Image.Image:
    return Image.fromarray(np.rint(255 * values).astype(np.uint8))
