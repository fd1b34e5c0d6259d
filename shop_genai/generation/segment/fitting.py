"""Pictures of any shape as what the network sees: about its own number of pixels, sides that can be halved."""

from __future__ import annotations

import math

from PIL import Image

NARROWEST = 0.4  # the shorter side against the longer one; a picture narrower than that is squeezed


def fitted(picture: Image.Image, side: int, multiple: int) -> Image.Image:
    """The whole picture in RGB, resized to about side x side pixels in nearly its own proportions."""
    size = fitted_size(picture.size, side, multiple)
    return picture.convert("RGB").resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)


def fitted_size(size: tuple[int, int], side: int, multiple: int) -> tuple[int, int]:
    """Width and height, both multiples, with a product near side squared and proportions near those given."""
    ratio = min(max(size[0] / size[1], NARROWEST), 1 / NARROWEST)
    choices = []
    for width in range(multiple, int(side / NARROWEST) + multiple, multiple):
        for height in range(multiple, int(side / NARROWEST) + multiple, multiple):
            stretch = abs(math.log(width / height / ratio))
            growth = abs(math.log(width * height / side**2))
            choices.append((stretch + 0.5 * growth, width, height))
    _, width, height = min(choices)
    return width, height
