"""What the variant VAE learns from: a product twice, in two looks, and a third picture that shows the second look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from shop_genai.generation.example import Example

from .recolouring import in_two, recoloured


@dataclass(frozen=True)
class Shot(Example):
    """One photo of a product in all the colours that it was taken in, framed: squares of one size.

    `picture` is the first of the colourways.
    """

    mask: Image.Image = field(kw_only=True)  # mode L
    colourways: tuple[Image.Image, ...] = field(kw_only=True)  # RGB, pixel for pixel the same but for the colours


@dataclass(frozen=True)
class SwapSampler:
    """Makes a batch; runs in the loader's processes, so it holds no tensors.

    `source` and `target` (N, S, S, 3) uint8 are one shot in two looks, `mask` (N, S, S) is where the product is;
    `source_mask` is what the encoder is told, which is less exact; `appearance` and `appearance_mask` show the
    target's look from elsewhere: mirrored, shifted, grown or shrunk, so that no pixel tells what belongs to it.
    """

    same_share: float = 0.2  # pairs whose target is the source
    recoloured_share: float = 0.6  # of the real pairs: each side dyed anew, on its own
    two_share: float = 0.2  # of what is dyed: above a line in one colour, below it in another
    shift: float = 0.12  # of the side: how far the appearance may be moved
    worn: float = 0.5  # share of masks that are grown or shrunk by a pixel or two

    def __call__(self, examples: Sequence[Example], rng: np.random.Generator) -> dict[str, Any]:
        rows = [self.swap(example, rng) for example in examples]
        return {name: np.stack([row[name] for row in rows]) for name in rows[0]}

    def swap(self, shot: Example, rng: np.random.Generator) -> dict[str, NDArray[np.uint8]]:
        """One row of the batch.

        Raises:
            TypeError: the example is no shot.
        """
        if not isinstance(shot, Shot):
            raise TypeError("the variant VAE learns from shots with masks")
        mask = np.asarray(shot.mask)
        source, target = self._pair(shot, mask, rng)
        if rng.random() < 0.5:
            source, target, mask = source[:, ::-1], target[:, ::-1], mask[:, ::-1]
        appearance, appearance_mask = self._elsewhere(target, mask, rng)
        return {
            "source": np.ascontiguousarray(source),
            "target": np.ascontiguousarray(target),
            "mask": np.ascontiguousarray(mask),
            "source_mask": self._worn(mask, rng),
            "appearance": appearance,
            "appearance_mask": self._worn(appearance_mask, rng),
        }

    def _pair(
        self, shot: Shot, mask: NDArray[np.uint8], rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        colourways = shot.colourways
        first, second = (int(i) for i in rng.integers(len(colourways), size=2))
        if len(colourways) > 1 and rng.random() > self.same_share:
            second = (first + int(rng.integers(1, len(colourways)))) % len(colourways)
        pair = [np.asarray(colourways[i]) for i in (first, second)]
        dyed = len(colourways) == 1 or rng.random() < self.recoloured_share
        if not dyed:
            return pair[0], pair[1]
        side = pair[0].shape[0]
        cut = int(rng.uniform(0.25, 0.8) * side) if rng.random() < self.two_share else None
        sides = [_dyed(pixels, mask, rng, cut) for pixels in pair]
        # The same cloth in the same dye must stay as it is: some pairs of one picture are dyed alike.
        return (sides[0], sides[0]) if first == second and rng.random() < self.same_share else (sides[0], sides[1])

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


def _dyed(
    pixels: NDArray[np.uint8], mask: NDArray[np.uint8], rng: np.random.Generator, cut: int | None
) -> NDArray[np.uint8]:
    """Inside the mask only: a discriminator must not find edited pictures by what surrounds the garment."""
    values = pixels.astype(np.float32) / np.float32(255)
    changed = recoloured(values, rng) if cut is None else in_two(values, cut, rng)
    share = mask.astype(np.float32)[..., None] / np.float32(255)
    return ((values + share * (changed - values)) * 255 + 0.5).astype(np.uint8)
