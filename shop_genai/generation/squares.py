"""Photos of any shape as the small squares that the teaching networks learn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from . import tensors
from .example import Example

Change = Callable[[Image.Image, np.random.Generator], Image.Image]  # keeps the picture's size


def squared(picture: Image.Image, side: int) -> Image.Image:
    """The whole picture in a square of `side` pixels; what is missing continues its borders.

    Each added strip has the median colour of the border that it continues, so a product on a plain ground stays one.
    """
    picture = picture.convert("RGB")
    scale = side / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    small = np.asarray(picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0))
    height, width = small.shape[:2]
    top, left = (side - height) // 2, (side - width) // 2
    square = np.empty((side, side, 3), np.uint8)
    square[:, :left], square[:, left + width :] = _median(small[:, 0]), _median(small[:, -1])
    square[:top, left : left + width] = _median(small[0])
    square[top + height :, left : left + width] = _median(small[-1])
    square[top : top + height, left : left + width] = small
    return Image.fromarray(square)


def to_batch(pictures: Sequence[Image.Image], side: int, device: torch.device | str = "cpu") -> Tensor:
    """Pictures of any shape → (N, 3, side, side) in [0, 1]."""
    return tensors.to_tensor(np.stack([np.asarray(squared(picture, side)) for picture in pictures]), device)


def to_pictures(batch: Tensor) -> list[Image.Image]:
    """(N, 3, H, W) in [0, 1] → N pictures."""
    return [Image.fromarray(pixels) for pixels in tensors.to_pixels(batch)]


@dataclass(frozen=True)
class SquareSampler:
    """Makes a batch of squares; `picture` is (N, side, side, 3) uint8."""

    side: int  # pixels
    augment: Change | None = None  # how each square is changed; None: half of them are mirrored

    def __call__(self, examples: Sequence[Example], rng: np.random.Generator) -> dict[str, NDArray[np.uint8]]:
        change = self.augment or mirrored
        return {"picture": np.stack([np.asarray(change(squared(e.picture, self.side), rng)) for e in examples])}


def mirrored(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The picture, or its mirror image, with equal chances."""
    return ImageOps.mirror(picture) if rng.random() < 0.5 else picture


def _median(border: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(N, 3) → (3,)"""
    colour: NDArray[np.uint8] = np.median(border, axis=0).astype(np.uint8)
    return colour
