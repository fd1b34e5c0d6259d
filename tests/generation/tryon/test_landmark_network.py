"""What the landmark network sees, and how its maps are read."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from shop_genai.generation.tryon.landmark_network import (
    CLASSES,
    MARGIN,
    LandmarkConfig,
    LandmarkNetwork,
    cropped,
    places,
    seen,
    square,
)

TINY = LandmarkConfig(side=32, widths=(8, 12, 16))


def test_it_says_where_each_landmark_is_and_what_it_sees() -> None:
    read = LandmarkNetwork(TINY)(torch.zeros(2, 3, 32, 32))
    assert read.maps.shape == (2, len(TINY.names), 16, 16)
    assert read.inside.shape == (2, 16, 16)
    assert read.classes.shape == (2, len(CLASSES))
    assert read.sleeves.shape == (2, 3)
    assert read.opens.shape == (2,)
    with pytest.raises(ValueError, match="sees"):
        LandmarkNetwork(TINY)(torch.zeros(2, 3, 32, 30))


def test_what_ships_is_small() -> None:
    assert sum(p.numel() for p in LandmarkNetwork().parameters()) * 2 < 1.5e6


def test_the_shape_survives_a_manifest() -> None:
    kept = {"side": 32, "names": list(TINY.names), "widths": [8, 12, 16]}
    assert LandmarkConfig.from_dict(kept) == TINY


def test_a_maps_mean_is_finer_than_its_cells() -> None:
    maps = torch.full((1, 1, 8, 8), -20.0)
    maps[0, 0, 3, 4] = maps[0, 0, 3, 5] = 1.0  # between two cells, whose middles are 4.5 and 5.5
    points, sure = places(maps)
    torch.testing.assert_close(points[0, 0], torch.tensor([5.0, 3.5]))
    assert sure.item() == pytest.approx(1, abs=1e-4)


def test_a_map_that_shows_two_places_is_not_sure() -> None:
    maps = torch.full((1, 1, 16, 16), -20.0)
    maps[0, 0, 2, 2] = maps[0, 0, 13, 13] = 5.0
    points, sure = places(maps)
    assert sure.item() == pytest.approx(0.5, abs=1e-4)
    assert points[0, 0, 0].item() in (pytest.approx(2.5, abs=1e-3), pytest.approx(13.5, abs=1e-3))


def test_the_square_holds_the_garment_and_a_margin_and_may_reach_beyond_the_picture() -> None:
    mask = Image.new("L", (100, 60))
    mask.paste(255, (10, 20, 90, 50))
    left, upper, right, lower = square(mask)
    assert right - left == pytest.approx(lower - upper) == pytest.approx(80 * (1 + 2 * MARGIN))
    assert ((left + right) / 2, (upper + lower) / 2) == (50, 35)
    assert upper < 0
    with pytest.raises(ValueError, match="empty"):
        square(Image.new("L", (8, 8), 100))


def test_a_crop_keeps_places_and_is_dark_beyond_the_picture() -> None:
    mask = Image.new("L", (100, 100))
    mask.paste(255, (0, 40, 100, 60))
    crop = cropped(mask, (-50, 0, 150, 200), 50)
    assert crop.shape == (50, 50)
    assert crop[12, 25] == 1
    assert crop[12, 5] == 0
    assert crop[30, 25] == 0
    assert crop.mean() == pytest.approx(100 * 20 / 200**2, rel=0.1)


def test_what_is_seen_does_not_depend_on_brightness_nor_on_the_ground() -> None:
    rng = np.random.default_rng(0)
    mask = np.zeros((32, 32), np.float32)
    mask[8:24, 8:24] = 1
    luma = rng.uniform(0.3, 0.6, (32, 32)).astype(np.float32)
    first = seen(mask, luma)
    assert first.shape == (3, 32, 32)
    np.testing.assert_allclose(seen(mask, luma * 1.5), first, atol=1e-4)
    other = np.where(mask > 0, luma, 1).astype(np.float32)
    np.testing.assert_allclose(seen(mask, other)[:2], first[:2], atol=1e-5)
    assert (first[0] == np.where(mask > 0, 1, -1)).all()
    assert first[2, :7].max() == 0
