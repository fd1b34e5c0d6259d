"""Augmentation: random changes of training pictures that do not change what they show.

Every change is a pure function of the picture and the random generator, and keeps the picture's size. Samplers receive
an `Augmentation` as they receive their other settings; it is made of plain numbers, so it travels to the processes that
make batches and into the record of a run.

Hue stays as it is unless asked for: a red shirt that turned blue is another product, for a shop and for its shoppers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

Change = Callable[[Image.Image, np.random.Generator], Image.Image]


@dataclass(frozen=True)
class Augmentation:
    """Which changes are made, how often and how far. Called with an RGB picture, it returns one of the same size."""

    p: float = 0.8  # probability of each change; of the mirror, half of it. 0: pictures stay as they are
    mirror: bool = True  # left to right
    zoom: float = 1.15  # a view shows at least 1/zoom of each side; 1: the whole picture
    tilt: float = 6.0  # degrees of rotation, either way
    brightness: float = 0.1  # share by which it rises or falls at most
    contrast: float = 0.1
    saturation: float = 0.1
    hue: float = 0.0  # share of the colour circle, either way

    def __post_init__(self) -> None:
        if not 0 <= self.p <= 1 or self.zoom < 1:
            raise ValueError(f"p must lie between 0 and 1 and zoom be at least 1, got {self.p} and {self.zoom}")
        if not all(0 <= share < 1 for share in (self.brightness, self.contrast, self.saturation, self.hue)):
            raise ValueError(f"shares must lie in [0, 1), got {self}")

    def __call__(self, picture: Image.Image, rng: np.random.Generator) -> Image.Image:
        if self.mirror and rng.random() < self.p / 2:
            picture = ImageOps.mirror(picture)
        for far, change in (
            (self.tilt, tilted),
            (self.zoom - 1, zoomed),
            (self.brightness, brightened),
            (self.contrast, contrasted),
            (self.saturation, saturated),
            (self.hue, hued),
        ):
            if far and rng.random() < self.p:
                picture = change(picture, rng, far)
        return picture


PRESETS = {
    "none": Augmentation(p=0.0),
    "light": Augmentation(),
    "strong": Augmentation(zoom=1.4, tilt=15.0, brightness=0.3, contrast=0.3, saturation=0.3),
}


def named(name: str) -> Augmentation:
    """One of the presets, or changes to "light", as in "light,hue=0.1,mirror=0".

    Raises:
        ValueError: no such preset or setting.
    """
    preset, *changes = name.split(",")
    if preset not in PRESETS:
        raise ValueError(f"{preset!r} is none of {', '.join(PRESETS)}")
    made = PRESETS[preset]
    for change in changes:
        setting, _, value = change.partition("=")
        if setting not in vars(made):
            raise ValueError(f"{setting!r} is none of {', '.join(vars(made))}")
        number: Any = bool(float(value)) if setting == "mirror" else float(value)
        made = replace(made, **{setting: number})
    return made


def zoomed(picture: Image.Image, rng: np.random.Generator, far: float) -> Image.Image:
    """A random part of the picture with its proportions, 1/(1 + far) to all of each side, enlarged to the old size."""
    share = 1 / rng.uniform(1, 1 + far)
    width, height = picture.width * share, picture.height * share
    x, y = rng.uniform(0, picture.width - width), rng.uniform(0, picture.height - height)
    return picture.resize(picture.size, Image.Resampling.BICUBIC, box=(x, y, x + width, y + height))


def tilted(picture: Image.Image, rng: np.random.Generator, far: float) -> Image.Image:
    """Rotated by up to `far` degrees about the middle; the corners get the median colour of the picture's edge."""
    pixels = np.asarray(picture)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    colour = tuple(int(value) for value in np.median(edge, axis=0))
    return picture.rotate(float(rng.uniform(-far, far)), Image.Resampling.BICUBIC, fillcolor=colour)


def brightened(picture: Image.Image, rng: np.random.Generator, far: float) -> Image.Image:
    """All values times a factor within 1 ± far."""
    return ImageEnhance.Brightness(picture).enhance(_factor(rng, far))


def contrasted(picture: Image.Image, rng: np.random.Generator, far: float) -> Image.Image:
    """Distances to the mean grey times a factor within 1 ± far."""
    return ImageEnhance.Contrast(picture).enhance(_factor(rng, far))


def saturated(picture: Image.Image, rng: np.random.Generator, far: float) -> Image.Image:
    """Distances to the grey of each pixel times a factor within 1 ± far."""
    return ImageEnhance.Color(picture).enhance(_factor(rng, far))


def hued(picture: Image.Image, rng: np.random.Generator, far: float) -> Image.Image:
    """Every hue turned by one angle, up to `far` of the circle either way."""
    turn = round(256 * float(rng.uniform(-far, far)))
    hue, saturation, value = picture.convert("HSV").split()
    return Image.merge("HSV", (hue.point(lambda h: (h + turn) % 256), saturation, value)).convert("RGB")


def _factor(rng: np.random.Generator, far: float) -> float:
    return float(rng.uniform(1 - far, 1 + far))
