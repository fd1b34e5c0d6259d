"""What a pixel can be. A label is a class's number; a set of classes that are possible there is a number of bits."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CLASSES = ("background", "product", "hair", "skin", "upper", "lower", "dress", "shoes", "other")
GARMENTS = ("upper", "lower", "dress")  # what is sold when somebody wears it
PERSON = ("hair", "skin", *GARMENTS, "shoes", "other")
COLOURS = (  # of the label map, for the eye
    (0, 0, 0),
    (255, 196, 0),
    (120, 72, 32),
    (255, 178, 140),
    (220, 40, 60),
    (40, 90, 220),
    (170, 60, 200),
    (60, 180, 90),
    (150, 150, 150),
)
UNKNOWN = 0  # bits: no class is named, nothing is learned there


def number(name: str) -> int:
    """A class's label."""
    return CLASSES.index(name)


def bits(names: Iterable[str]) -> int:
    """The set of these classes: bit n stands for class n."""
    return sum(1 << number(name) for name in set(names))


def label_map(labels: NDArray[np.uint8]) -> Image.Image:
    """(H, W) of class numbers → a picture of mode P whose pixels are those numbers and whose palette shows them."""
    picture = Image.fromarray(labels)  # mode L; the palette makes it P, the numbers stay
    picture.putpalette([value for colour in COLOURS for value in colour])
    return picture
