"""Cutting a picture into overlapping tiles, so that memory is bounded and results join without a seam.

Lengths and positions are in pixels of the *input*.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Span:
    """One tile along one axis: what is read, and which part of its result is kept."""

    start: int  # first pixel read
    stop: int  # one past the last pixel read
    keep_start: int  # first pixel kept, on the picture's axis
    keep_stop: int


@dataclass(frozen=True)
class Tile:
    """One tile of a picture."""

    y: Span
    x: Span


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


def tiles(height: int, width: int, largest: int, halo: int, unit: int) -> list[Tile]:
    """All tiles of a picture, row by row; all of the same size."""
    columns = spans(width, largest, halo, unit)
    return [Tile(y, x) for y in spans(height, largest, halo, unit) for x in columns]
