"""Accessories from their own pictures."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shop_genai.errors import ProductNotFound
from shop_genai.generation.accessories import pictured
from shop_genai.generation.accessories.head import head_of
from shop_genai.generation.accessories.light import Light
from tests.generation.accessories.someone import SIZE, UNIT, face

LIGHT = Light(np.array([0.0, 0.0, -1.0]), ambient=0.6, exposure=1.0)


def test_the_coefficients_take_corners_to_corners() -> None:
    start = np.array([(10, 12), (50, 8), (55, 60), (5, 50)], np.float64)
    end = np.array([(0, 0), (100, 0), (100, 80), (0, 80)], np.float64)
    a, b, c, d, e, f, g, h = pictured.perspective(start, end)
    for (x, y), wanted in zip(start, end, strict=True):
        scale = g * x + h * y + 1
        assert ((a * x + b * y + c) / scale, (d * x + e * y + f) / scale) == pytest.approx(tuple(wanted))


def test_a_flat_picture_lies_where_its_corners_are() -> None:
    head = head_of(face(), SIZE)
    half = 0.3
    corners = np.array([[-half, -half, 0], [half, -half, 0], [half, half, 0], [-half, half, 0]])
    flag = Image.new("RGBA", (40, 40), (200, 0, 0, 255))
    flag.paste((0, 0, 200, 255), (20, 0, 40, 40))
    layer = pictured.placed(flag, corners, head, LIGHT, SIZE)
    assert layer is not None
    assert layer.cover.sum() == pytest.approx((2 * half * UNIT) ** 2, rel=0.05)
    row = layer.cover.shape[0] // 2
    assert layer.colour[row, 8] == pytest.approx([200, 0, 0], abs=3)  # the picture's left stays left
    assert layer.colour[row, -8] == pytest.approx([0, 0, 200], abs=3)
    assert pictured.placed(flag, corners + np.array([30, 0, 0]), head, LIGHT, SIZE) is None


def test_a_cut_out_keeps_its_transparency_and_is_cropped() -> None:
    thing = Image.new("RGBA", (60, 50))
    thing.paste((10, 200, 30, 255), (20, 10, 40, 30))
    cut = pictured.cut_out(thing, lambda picture: pytest.fail("its own transparency wins"))
    assert cut.size == (20, 20)
    assert pictured.colour_of(cut) == (10, 200, 30)


def test_a_photo_is_cut_out_by_whoever_finds_the_product() -> None:
    photo = Image.new("RGB", (60, 50), "white")
    mask = Image.new("L", (60, 50))
    mask.paste(255, (5, 5, 15, 45))
    assert pictured.cut_out(photo, lambda picture: mask).size == (10, 40)
    with pytest.raises(ProductNotFound):
        pictured.cut_out(photo, lambda picture: Image.new("L", picture.size))
