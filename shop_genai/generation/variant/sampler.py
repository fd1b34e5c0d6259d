"""What the variant VAE learns from: a product twice, in two looks, and a third picture that shows the second look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from shop_genai.generation.example import Example

from .recolouring import Dye, drawn, in_two

FINER = 2  # times as many pixels to a side, where the edit is judged


@dataclass(frozen=True)
class Shot(Example):
    """One photo of a product in all the colours that it was taken in, framed: squares of one size.

    `picture` is the first of the colourways.
    """

    mask: Image.Image = field(kw_only=True)  # mode L
    colourways: tuple[Image.Image, ...] = field(kw_only=True)  # RGB, pixel for pixel the same but for the colours
    fine_mask: Image.Image = field(kw_only=True)  # the same squares, `FINER` times as wide and high
    fine: tuple[Image.Image, ...] = field(kw_only=True)


@dataclass(frozen=True)
class SwapSampler:
    """Makes a batch; runs in the loader's processes, so it holds no tensors.

    `source` and `target` (N, S, S, 3) uint8 are one shot in two looks, `mask` (N, S, S) is where the product is;
    `source_mask` is what the encoder is told, which is less exact; `appearance` and `appearance_mask` show the
    target's look from elsewhere: mirrored, shifted, grown or shrunk, so that no pixel tells what belongs to it.
    `patch`, `patch_target` and `patch_mask`, as large, are a part of the shot with `FINER` times the detail, in which
    the edit is judged: cloth has texture that the encoders never see. `place` (N, 2) is its top left corner, 0..1.
    """

    same_share: float = 0.2  # pairs whose target is the source
    recoloured_share: float = 0.6  # of the real pairs: each side dyed anew, on its own
    two_share: float = 0.2  # of what is dyed: above a line in one colour, below it in another
    shift: float = 0.12  # of the side: how far the appearance may be moved
    worn: float = 0.5  # share of masks that are grown or shrunk by a pixel or two

    def __call__(self, examples: Sequence[Example], rng: np.random.Generator) -> dict[str, Any]:
        rows = [self.swap(example, rng) for example in examples]
        return {name: np.stack([row[name] for row in rows]) for name in rows[0]}

    def swap(self, shot: Example, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
        """One row of the batch.

        Raises:
            TypeError: the example is no shot.
        """
        if not isinstance(shot, Shot):
            raise TypeError("the variant VAE learns from shots with masks")
        chosen, dyes = self._pair(shot, rng)
        mirrored = rng.random() < 0.5
        mask, fine_mask = (_turned(np.asarray(plane), mirrored) for plane in (shot.mask, shot.fine_mask))
        side = mask.shape[0]
        top, left = _busiest(fine_mask, side, rng)
        part = np.s_[top : top + side, left : left + side]
        pair, patches = [], []
        for index, dye in zip(chosen, dyes, strict=True):
            pair.append(_dyed(_turned(np.asarray(shot.colourways[index]), mirrored), mask, dye, (0, side)))
            fine = _turned(np.asarray(shot.fine[index]), mirrored)
            patches.append(_dyed(fine[part], fine_mask[part], dye, (top, len(fine))))
        appearance, appearance_mask = self._elsewhere(pair[1], mask, rng)
        return {
            "source": pair[0],
            "target": pair[1],
            "mask": np.ascontiguousarray(mask),
            "source_mask": self._worn(mask, rng),
            "appearance": appearance,
            "appearance_mask": self._worn(appearance_mask, rng),
            "patch": patches[0],
            "patch_target": patches[1],
            "patch_mask": np.ascontiguousarray(fine_mask[part]),
            "place": np.array([top, left], np.float32) / len(fine_mask),
        }

    def _pair(self, shot: Shot, rng: np.random.Generator) -> tuple[tuple[int, int], tuple[Dye | None, Dye | None]]:
        """Which colourways, and how each of them is dyed."""
        count = len(shot.colourways)
        first, second = (int(i) for i in rng.integers(count, size=2))
        if count > 1 and rng.random() > self.same_share:
            second = (first + int(rng.integers(1, count))) % count
        if count > 1 and rng.random() >= self.recoloured_share:
            return (first, second), (None, None)
        cut = float(rng.uniform(0.25, 0.8)) if rng.random() < self.two_share else None
        dyes = []
        for index in (first, second):
            values = np.asarray(shot.colourways[index]).astype(np.float32) / np.float32(255)
            dyes.append(drawn(values, rng) if cut is None else in_two(values, cut, rng))
        # The same cloth in the same dye must stay as it is: some pairs of one picture are dyed alike.
        alike = first == second and rng.random() < self.same_share
        return (first, second), (dyes[0], dyes[0] if alike else dyes[1])

    def _elsewhere(
        self, target: NDArray[np.uint8], mask: NDArray[np.uint8], rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        if rng.random() < 0.5:
            target, mask = target[:, ::-1], mask[:, ::-1]
        side = mask.shape[0]
        most = int(self.shift * side)
        down, across = (int(i) for i in rng.integers(-most, most + 1, size=2))
        rolled = [np.roll(plane, (down, across), axis=(0, 1)) for plane in (target, mask)]
        # What came round the border is no part of the garment there.
        rolled[1][: max(down, 0)] = 0
        rolled[1][side + min(down, 0) :] = 0
        rolled[1][:, : max(across, 0)] = 0
        rolled[1][:, side + min(across, 0) :] = 0
        return rolled[0], rolled[1]

    def _worn(self, mask: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        if rng.random() > self.worn:
            return np.ascontiguousarray(mask)
        kind = ImageFilter.MaxFilter if rng.random() < 0.5 else ImageFilter.MinFilter
        return np.asarray(Image.fromarray(np.ascontiguousarray(mask)).filter(kind(int(rng.choice((3, 5))))))


def _turned(plane: NDArray[np.uint8], mirrored: bool) -> NDArray[np.uint8]:
    return plane[:, ::-1] if mirrored else plane


def _busiest(mask: NDArray[np.uint8], side: int, rng: np.random.Generator) -> tuple[int, int]:
    """Of three places for a patch, (top, left), the one with most product."""
    places = rng.integers(len(mask) - side + 1, size=(3, 2))
    top, left = max(places, key=lambda at: int(mask[at[0] : at[0] + side : 4, at[1] : at[1] + side : 4].sum()))
    return int(top), int(left)


def _dyed(
    pixels: NDArray[np.uint8], mask: NDArray[np.uint8], dye: Dye | None, rows: tuple[int, int]
) -> NDArray[np.uint8]:
    """Inside the mask only: a discriminator must not find edited pictures by what surrounds the garment.

    `rows`: the number of the first row, and how many rows the whole square has.
    """
    if dye is None:
        return np.ascontiguousarray(pixels)
    first, count = rows
    values = pixels.astype(np.float32) / np.float32(255)
    changed = dye(
        values, (np.arange(first, first + len(pixels), dtype=np.float32) + np.float32(0.5)) / np.float32(count)
    )
    share = mask.astype(np.float32)[..., None] / np.float32(255)
    return ((values + share * (changed - values)) * 255 + 0.5).astype(np.uint8)
