"""Colours at a soft edge, against the product's own, which the drawing knows."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from shop_genai.generation.cutout import edges
from tests.generation.cutout.conftest import PRODUCT, ellipse, photo
from tests.generation.pictures import drawn


@pytest.mark.parametrize("blur", [0.0, 3.0])
def test_a_soft_edge_has_the_products_colour_not_the_grounds(blur: float) -> None:
    mask = ellipse((400, 400), (100, 80, 300, 330)).filter(ImageFilter.GaussianBlur(blur))
    cleaned = np.asarray(edges.clean(photo(mask), mask), np.int16)
    cover = np.asarray(mask)
    soft = (cover > 25) & (cover < 255)
    off = np.abs(cleaned[soft] - PRODUCT).max(axis=1)
    before = np.abs(np.asarray(photo(mask), np.int16)[soft] - PRODUCT).max(axis=1)
    assert off.mean() < 0.1 * before.mean()
    # What is seen on a new ground is the colour times the cover: at most a few steps of 255.
    assert (off * (cover[soft] / 255)).max() <= 8


def test_the_inside_is_the_photo_to_the_bit_and_the_outside_black() -> None:
    mask = ellipse()
    texture = drawn(200, 200)
    cleaned, cover = np.asarray(edges.clean(texture, mask)), np.asarray(mask)
    assert (cleaned[cover == 255] == np.asarray(texture)[cover == 255]).all()
    assert not cleaned[:30].any()


def test_tiles_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    mask = ellipse((150, 170), (20, 20, 130, 150)).filter(ImageFilter.GaussianBlur(4))
    whole = np.asarray(edges.clean(photo(mask), mask), np.int16)
    monkeypatch.setattr(edges, "TILE", 16)
    parts = np.asarray(edges.clean(photo(mask), mask), np.int16)
    weight = np.asarray(mask)[..., None] / 255
    assert (np.abs(whole - parts) * weight).max() <= 1


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (1030, 5)])
def test_any_size_works(size: tuple[int, int]) -> None:
    mask = Image.linear_gradient("L").resize(size)
    assert edges.clean(drawn(*size), mask).size == size


def test_a_mean_over_a_window_is_that() -> None:
    values = np.array([[[0.0], [3.0], [6.0], [9.0]]], np.float32)
    assert edges._box(values, 1)[0, :, 0].tolist() == [1.5, 3.0, 6.0, 7.5]
