"""Cutting a picture into overlapping tiles, so that memory is bounded and results join without a seam.

The picture lies in a frame: mirrored pixels all around it, so that the zeros which a convolution puts beyond its input
never touch real pixels, and as many more at the right and below as the network's grid needs. Lengths and positions of
spans are in pixels of the frame; the mirrored pixels are made when a tile is read, never for the whole picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image


@dataclass(frozen=True)
class Span:
    """One tile along one axis: what is read, and which part of its result is kept."""

    start: int  # first pixel read
    stop: int  # one past the last pixel read
    keep_start: int  # first pixel kept, on the frame's axis
    keep_stop: int


@dataclass(frozen=True)
class Tile:
    """One tile of a picture."""

    y: Span
    x: Span

    @property
    def shape(self) -> tuple[int, int]:
        return self.y.stop - self.y.start, self.x.stop - self.x.start


@dataclass(frozen=True)
class Grid:
    """What a network asks of its tiles, in pixels of the input."""

    unit: int  # sides and positions of tiles are multiples of it
    halo: int  # pixels around a tile that are computed and thrown away
    border: int  # mirrored pixels around the picture

    @property
    def smallest(self) -> int:
        """The side below which a tile would be nearly all halo."""
        return -(-(3 * self.halo) // self.unit) * self.unit + 2 * self.unit


def spans(length: int, largest: int, halo: int, unit: int) -> list[Span]:
    """Cover `length` with as few equal tiles as possible that overlap by at least two halos; seams lie mid-overlap.

    `length` and `largest`, the longest tile, must be multiples of `unit`, and all tiles start at multiples of it: the
    network's grid then lies on the same pixels in every tile as in the whole picture.
    """
    room = largest - unit - 2 * halo  # what a tile adds at least; starts are rounded down to the unit, hence one spare
    if length % unit or largest % unit or room <= 0:
        raise ValueError(f"cannot cover {length} by tiles of {largest} with a halo of {halo} on a grid of {unit}")
    if length <= largest:
        return [Span(0, length, 0, length)]
    count = -(-(length - 2 * halo) // room)
    tile = (-(-(length + 2 * halo * (count - 1)) // (count * unit)) + 1) * unit
    starts = [(length - tile) * i // (count - 1) // unit * unit for i in range(count)]
    seams = [0, *((a + tile + b) // 2 for a, b in pairwise(starts)), length]
    return [Span(s, s + tile, seams[i], seams[i + 1]) for i, s in enumerate(starts)]


def tiles(height: int, width: int, largest: int, grid: Grid) -> list[Tile]:
    """All tiles of a picture in its frame, row by row; all of the same size."""
    columns, rows = (
        spans(-(-(length + 2 * grid.border) // grid.unit) * grid.unit, largest, grid.halo, grid.unit)
        for length in (width, height)
    )
    return [Tile(y, x) for y in rows for x in columns]


def read(picture: Image.Image, tile: Tile, border: int) -> NDArray[np.uint8]:
    """A tile's pixels, (H, W, 3); what lies outside the picture is its mirror image."""
    top, bottom = tile.y.start - border, tile.y.stop - border
    left, right = tile.x.start - border, tile.x.stop - border
    box = (max(left, 0), max(top, 0), min(right, picture.width), min(bottom, picture.height))
    inside = np.asarray(picture.crop(box))
    around = ((box[1] - top, bottom - box[3]), (box[0] - left, right - box[2]), (0, 0))
    if any(before or after for before, after in around):
        return np.pad(inside, around, mode="reflect")
    return inside


def write(result: Image.Image, pixels: NDArray[np.uint8], tile: Tile, border: int, scale: int) -> None:
    """Paste the part of a tile's result that is kept; what lies outside the picture is cut off."""
    top, left = (tile.y.start - border) * scale, (tile.x.start - border) * scale
    upper, lower = _kept(tile.y, border, scale, result.height)
    first, last = _kept(tile.x, border, scale, result.width)
    if upper < lower and first < last:
        kept = pixels[upper - top : lower - top, first - left : last - left]
        result.paste(Image.fromarray(np.ascontiguousarray(kept)), (first, upper))


def _kept(span: Span, border: int, scale: int, length: int) -> tuple[int, int]:
    return max((span.keep_start - border) * scale, 0), min((span.keep_stop - border) * scale, length)
