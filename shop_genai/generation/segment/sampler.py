"""Training pictures for the segmentation: moved, recoloured, put on other grounds, and photographed badly.

The photos to learn from are taken on white or on tidy grounds. What the network shall see is somebody's bedroom, so
most pictures are cut out by their masks and put elsewhere; the masks move along and stay exact.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from shop_genai.generation.example import Example

from .classes import bits
from .grounds import Pixels, Size, ground
from .labelled import Labelled
from .losses import UNKNOWN_SOLD

Batch = dict[str, Any]
BACKGROUND = bits(["background"])
Affine = tuple[float, float, float, float, float, float]  # of a place in the new picture: its place in the old one


@dataclass(frozen=True)
class SegmentSampler:
    """Makes a batch: `picture` (N, H, W, 3) uint8, `possible` (N, H, W) int32, `sold` (N, H, W) uint8."""

    shapes: tuple[Size, ...] = ((192, 128), (192, 160), (192, 128), (160, 160), (128, 192))  # of a batch, one at random
    elsewhere: float = 0.6  # share of the pictures that can be cut out which get another ground
    recoloured: float = 0.4  # share whose product gets another colour
    smallest: float = 0.55  # factor of size against the picture that fills the view
    largest: float = 1.4
    tilt: float = 14.0  # degrees
    squeeze: float = 0.14  # natural logarithm: how far the proportions of the sides may change
    spoiled: float = 0.6  # share that is blurred, noisy or saved as JPEG

    def __call__(self, examples: Sequence[Example], rng: np.random.Generator) -> Batch:
        shape = self.shapes[int(rng.integers(len(self.shapes)))]
        labelled = [example for example in examples if isinstance(example, Labelled)]
        views = [self.view(example, [o for o in labelled if o is not example], shape, rng) for example in labelled]
        pictures, possible, sold = zip(*views, strict=True)
        return {"picture": np.stack(pictures), "possible": np.stack(possible), "sold": np.stack(sold)}

    def view(
        self, example: Labelled, others: Sequence[Labelled], shape: Size, rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.uint8]]:
        """One random view of a picture."""
        picture = example.picture
        if rng.random() < self.recoloured:
            picture = recoloured(picture, example.sold == 1, rng)
        move = self._move(picture.size, shape, rng)
        size = (shape[1], shape[0])
        pixels = np.asarray(
            picture.transform(size, Image.Transform.AFFINE, move, Image.Resampling.BILINEAR), np.float32
        )
        possible = _moved(example.possible.astype(np.int32), size, move)
        sold = _moved(example.sold.astype(np.uint8), size, move)
        inside = _moved(np.ones(example.sold.shape, np.uint8), size, move) > 0
        if example.matte is not None and rng.random() < self.elsewhere:
            cover = Image.fromarray(example.matte).transform(
                size, Image.Transform.AFFINE, move, Image.Resampling.BILINEAR
            )
            pixels = _put_on(pixels, cover, ground(shape, others, rng), rng)
            possible[~inside] = BACKGROUND
            sold[~inside] = 0
        else:
            edge = np.asarray(example.picture)[[0, -1]].reshape(-1, 3)
            pixels[~inside] = np.median(edge, axis=0)
            possible[~inside] = 0
            sold[~inside] = UNKNOWN_SOLD
        pixels = _lit(pixels, rng)
        if rng.random() < self.spoiled:
            pixels = _spoiled(pixels, rng)
        return np.clip(np.rint(pixels), 0, 255).astype(np.uint8), possible, sold

    def _move(self, old: tuple[int, int], shape: Size, rng: np.random.Generator) -> Affine:
        """From places in the view to places in the picture: size, proportions, tilt, mirror, shift."""
        factor = float(np.exp(rng.uniform(np.log(self.smallest), np.log(self.largest))))
        if rng.random() < 0.3:
            factor = 1.0
        stretch = float(np.exp(rng.uniform(-self.squeeze, self.squeeze)))
        # Between the picture's own proportions and those of the view, which the pipeline may squeeze it into.
        fit_x, fit_y = old[0] / shape[1], old[1] / shape[0]
        even = (fit_x * fit_y) ** 0.5
        mix = float(rng.uniform(0, 1))
        step_x = fit_x**mix * even ** (1 - mix) / factor * stretch
        step_y = fit_y**mix * even ** (1 - mix) / factor / stretch
        angle = np.deg2rad(rng.uniform(-self.tilt, self.tilt) * (rng.random() < 0.6))
        mirror = -1.0 if rng.random() < 0.5 else 1.0
        a, b = mirror * step_x * np.cos(angle), mirror * step_x * -np.sin(angle)
        d, e = step_y * np.sin(angle), step_y * np.cos(angle)
        # The middle of the view shows a place near the middle of the picture.
        free = abs(1 - 1 / factor) / 2 + 0.05
        middle = [old[0] * (0.5 + rng.uniform(-free, free)), old[1] * (0.5 + rng.uniform(-free, free))]
        c = middle[0] - a * shape[1] / 2 - b * shape[0] / 2
        f = middle[1] - d * shape[1] / 2 - e * shape[0] / 2
        return float(a), float(b), float(c), float(d), float(e), float(f)


def recoloured(picture: Image.Image, where: NDArray[np.bool_], rng: np.random.Generator) -> Image.Image:
    """Another colour for a product: its light and shade in any hue, from white over skin to black."""
    if not where.any():
        return picture
    pixels = np.asarray(picture, np.float32).copy()
    cloth = pixels[where]
    luma = cloth.mean(axis=1, keepdims=True)
    shade = (luma - luma.mean()) / 255
    kind = rng.random()
    if kind < 0.2:
        colour = np.full(3, rng.uniform(205, 250))
    elif kind < 0.35:
        colour = np.array([rng.uniform(150, 240), rng.uniform(100, 190), rng.uniform(70, 160)])  # as skin has
    elif kind < 0.5:
        colour = np.full(3, rng.uniform(12, 60))
    else:
        colour = rng.uniform(15, 245, 3)
    contrast = rng.uniform(0.5, 1.2) * (0.35 + 0.65 * min(1.0, float(colour.mean()) / 128))
    # Part of the old print and colour shows through.
    keep = rng.uniform(0, 0.5) * (rng.random() < 0.5)
    new = colour + shade * 255 * contrast + keep * (cloth - luma)
    pixels[where] = np.clip(new, 0, 255)
    return Image.fromarray(pixels.astype(np.uint8))


def _moved(values: NDArray[Any], size: tuple[int, int], move: Affine) -> NDArray[Any]:
    """A map of labels; 0 outside."""
    moved = Image.fromarray(values).transform(size, Image.Transform.AFFINE, move, Image.Resampling.NEAREST)
    return np.array(moved)


def _put_on(pixels: Pixels, cover: Image.Image, under: Pixels, rng: np.random.Generator) -> Pixels:
    """What is shown, before another ground, with or without a soft shadow."""
    if rng.random() < 0.6:
        blurred = cover.filter(ImageFilter.GaussianBlur(float(rng.uniform(1.5, 12))))
        shift = (int(rng.integers(-10, 11)), int(rng.integers(-4, 12)))
        shadow = np.roll(np.asarray(blurred, np.float32) / 255, shift, axis=(1, 0))
        under = np.asarray(under * (1 - rng.uniform(0.1, 0.6) * shadow[:, :, None]), np.float32)
    alpha = np.asarray(cover, np.float32)[:, :, None] / 255
    # The light of the place where it was photographed differs from that of the ground.
    front = pixels * rng.uniform(0.75, 1.12) + rng.normal(0, 4, 3)
    return np.asarray(front * alpha + under * (1 - alpha), np.float32)


def _lit(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Another exposure, cast, contrast and, at times, light from one side."""
    # Not so bright that a white shirt on white is gone.
    exposure = min(float(np.exp(rng.normal(0, 0.18))), 262 / max(float(np.percentile(pixels, 98)), 1))
    gain = exposure * np.exp(rng.normal(-0.03, 0.04, 3))
    power = float(np.exp(rng.normal(0, 0.16)))
    grey: NDArray[np.floating] = 255 * (np.clip(pixels, 0, 255) / 255) ** power
    grey = grey.mean(axis=2, keepdims=True) + (grey - grey.mean(axis=2, keepdims=True)) * rng.uniform(0.6, 1.25)
    if rng.random() < 0.35:
        height, width = pixels.shape[:2]
        y, x = np.mgrid[0:height, 0:width] / max(height, width)
        angle = rng.uniform(0, 2 * np.pi)
        ramp = np.cos(angle) * (x - x.mean()) + np.sin(angle) * (y - y.mean())
        grey = grey * np.exp(ramp * rng.uniform(0.1, 0.9))[:, :, None]
    return np.asarray(grey * gain, np.float32)


def _spoiled(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Blurred, noisy and saved as JPEG, each at times."""
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if rng.random() < 0.4:
        picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.3))))
    if rng.random() < 0.4:
        noisy = np.asarray(picture, np.float32) + rng.normal(0, rng.uniform(1, 10), pixels.shape)
        picture = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    if rng.random() < 0.6:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=int(rng.integers(30, 92)))
        picture = Image.open(file).convert("RGB")
    return np.asarray(picture, np.float32)
