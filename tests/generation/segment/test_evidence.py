"""What a picture's colours say."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shop_genai.generation.segment.evidence import ALONE, BINS, WORN, Evidence, histogram, weighed


def two_halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> Image.Image:
    picture = Image.new("RGB", (40, 20), left)
    picture.paste(right, (20, 0, 40, 20))
    return picture


def unsure() -> np.ndarray:
    """Sure of the outer parts, wrong about a strip on the left and a strip on the right."""
    coarse = np.full((20, 40), 0.05, np.float32)
    coarse[:, 20:] = 0.95
    coarse[:, 12:20], coarse[:, 20:26] = 0.6, 0.4
    return coarse


@pytest.mark.parametrize("how", [ALONE, WORN])
def test_colours_that_only_one_side_has_decide(how: Evidence) -> None:
    found = weighed(two_halves((30, 90, 160), (220, 60, 40)), unsure(), how)
    assert (found[:, :20] < 0.5).all()
    assert (found[:, 20:] > 0.5).all()


def test_colours_that_both_have_change_nothing() -> None:
    coarse = unsure()
    coarse[:, 12:28] = 0.5
    coarse[:, :12], coarse[:, 28:] = 0.05, 0.95
    found = weighed(two_halves((240, 240, 240), (240, 240, 240)), coarse, ALONE)
    assert np.abs(found - coarse).max() < 0.05


def test_the_ratio_is_bounded() -> None:
    coarse = np.full((20, 40), 0.02, np.float32)
    coarse[:, 20:] = 0.98
    found = weighed(two_halves((30, 90, 160), (220, 60, 40)), coarse, Evidence(1.0, 2.0, 1))
    odds = np.log(0.98 / 0.02) + 2
    assert found[5, 35] == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-4)


def test_a_histogram_spreads_a_colour_over_its_neighbours() -> None:
    middle = (5 * BINS + 5) * BINS + 5
    shares = histogram(np.full((2, 2), middle), np.ones((2, 2)))
    assert shares.sum() == pytest.approx(1)
    assert shares[middle] == pytest.approx(1 / 8)
    assert shares[middle + 1] == pytest.approx(1 / 16)


def test_one_pixel_is_enough() -> None:
    assert weighed(Image.new("RGB", (1, 1)), np.array([[0.7]], np.float32), ALONE).shape == (1, 1)
