"""Pictures through a network, tile by tile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from shop_genai.generation import tensors
from shop_genai.generation.output import Progress

from .restorers import Network
from .tiles import Grid, Tile, read, tiles, write


@dataclass(frozen=True)
class Piece:
    """One tile of one of the pictures that are worked on together."""

    picture: int
    tile: Tile


@dataclass(frozen=True)
class Pass:
    """How pictures are put through."""

    network: Network
    device: torch.device
    scale: int  # asked for
    factor: int  # the network's own, a multiple of the scale; its tiles are shrunk by what is too much
    grid: Grid
    tile: int  # largest side of a tile, in units of the grid
    batch: int  # tiles at once


def run(how: Pass, pictures: Sequence[Image.Image], progress: Progress) -> list[Image.Image]:
    """RGB pictures → RGB pictures, `how.scale` times as large. No picture is ever held as numbers whole."""
    pieces = [
        Piece(index, tile)
        for index, picture in enumerate(pictures)
        for tile in tiles(picture.height, picture.width, how.tile * how.grid.unit, how.grid)
    ]
    results = [Image.new("RGB", (p.width * how.scale, p.height * how.scale)) for p in pictures]
    done = 0
    for group in _batches(pieces, how.batch):
        low = np.stack([read(pictures[piece.picture], piece.tile, how.grid.border) for piece in group])
        with torch.inference_mode():
            high = tensors.to_pixels(how.network(tensors.to_tensor(low, how.device), how.scale))
        for piece, pixels in zip(group, high, strict=True):
            write(results[piece.picture], _shrunk(pixels, how), piece.tile, how.grid.border, how.scale)
        done += len(group)
        progress(done / len(pieces))
    return results


def _shrunk(pixels: NDArray[np.uint8], how: Pass) -> NDArray[np.uint8]:
    """A tile at the scale that was asked for. The ratio is whole, so tiles still join."""
    if how.factor == how.scale:
        return pixels
    ratio = how.factor // how.scale
    size = (pixels.shape[1] // ratio, pixels.shape[0] // ratio)
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def _batches(pieces: list[Piece], size: int) -> Iterator[list[Piece]]:
    """Pieces in order, in groups of at most `size` that share one shape."""
    group: list[Piece] = []
    for piece in pieces:
        if group and (len(group) == size or piece.tile.shape != group[0].tile.shape):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group
