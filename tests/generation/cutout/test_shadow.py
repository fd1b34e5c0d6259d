"""The contact shadow: where it is dark, where it is not, and the same at every size."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from shop_genai.generation.cutout import shadow


def standing(scale: int = 1) -> Image.Image:
    """A block on the ground with an arm that ends high above it, in a frame of 200 × 160."""
    mask = Image.new("L", (200 * scale, 160 * scale))
    draw = ImageDraw.Draw(mask)
    draw.rectangle((80 * scale, 40 * scale, 120 * scale - 1, 120 * scale - 1), fill=255)
    draw.rectangle((40 * scale, 40 * scale, 80 * scale, 60 * scale - 1), fill=255)
    return mask


def test_it_is_darkest_at_the_contact_and_falls_off_below() -> None:
    dark = np.asarray(shadow.contact(standing()), np.int16)
    below = dark[120:150, 100]
    assert 0.6 * 255 * shadow.DARKEST < below[0] <= 255 * shadow.DARKEST
    assert (np.diff(below) <= 0).all()
    assert below[-1] <= 1
    beside = dark[121, 120:170]
    assert (np.diff(beside) <= 0).all()
    assert beside[-1] <= 1


def test_what_ends_in_the_air_casts_none() -> None:
    dark = np.asarray(shadow.contact(standing()))
    assert dark[62:100, 40:70].max() == 0


def test_it_looks_the_same_at_every_resolution() -> None:
    small = shadow.contact(standing(4))
    large = shadow.contact(standing(16)).resize(small.size, Image.Resampling.BOX)
    assert np.abs(np.asarray(small, np.int16) - np.asarray(large, np.int16)).max() <= 4


@pytest.mark.parametrize("size", [(60, 300), (301, 60), (40, 40)])
def test_it_is_exactly_nothing_at_the_border(size: tuple[int, int]) -> None:
    mask = Image.new("L", size)
    width, height = size
    mask.paste(255, (width // 10, height // 10, width - width // 10, height - 3))
    dark = np.asarray(shadow.contact(mask))
    assert dark.any()
    assert not dark[0].any()
    assert not dark[-1].any()
    assert not dark[:, 0].any()
    assert not dark[:, -1].any()


def test_no_product_casts_none() -> None:
    assert shadow.contact(Image.new("L", (30, 20), 100)).getextrema() == (0, 0)
