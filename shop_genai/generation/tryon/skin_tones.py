"""People in other skin tones, to learn from: the training photos show few, and a composer must not know a usual one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

LIGHTER, DARKER = -0.15, 1.3  # range of what is drawn: the depth by which melanin darkens
ABSORBED = np.array([0.8, 1.0, 1.15])  # of that depth, by red, green and blue: dark skin is also redder

Change = Callable[[Image.Image, Image.Image], Image.Image]


def another_tone(rng: np.random.Generator) -> Change:
    """A change of tone: it takes a picture and where its skin is (mode L, the same size), and gives the picture.

    Light passes the pigment and is weakened by it, each colour by a factor of its own.

    Source: the law of Beer and Lambert; Anderson and Parrish 1981, "The Optics of Human Skin" (melanin absorbs short
    waves more).
    """
    return tone_of(float(rng.uniform(LIGHTER, DARKER)))


def tone_of(depth: float) -> Change:
    """The change by that depth: 0 none, 1.3 from the lightest to the darkest skin."""
    factor = np.exp(-depth * ABSORBED)

    def changed(picture: Image.Image, skin: Image.Image) -> Image.Image:
        pixels = np.asarray(picture, np.float32)
        share = np.asarray(skin, np.float32)[:, :, None] / 255
        new = (pixels * (1 - share + share * factor)).clip(0, 255)
        return Image.fromarray(new.round().astype(np.uint8))

    return changed
