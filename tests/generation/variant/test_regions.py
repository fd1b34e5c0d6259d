"""Colours of a region."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shop_genai.generation.lab import lab
from shop_genai.generation.variant.regions import histogram_distance, lab_histogram, mean_lab


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> Image.Image:
    picture = Image.new("RGB", (40, 20), left)
    picture.paste(right, (20, 0, 40, 20))
    return picture


LEFT = Image.new("L", (40, 20))
LEFT.paste(255, (0, 0, 20, 20))
ALL = Image.new("L", (40, 20), 255)


def test_only_what_is_masked_counts() -> None:
    assert mean_lab(halves((200, 30, 40), (0, 0, 255)), LEFT) == pytest.approx(lab(np.array([200.0, 30, 40])))
    half = Image.new("L", (40, 20), 128)
    both = mean_lab(halves((255, 255, 255), (0, 0, 0)), half)
    assert both == pytest.approx([50, 0, 0], abs=1e-6)


def test_large_pictures_have_the_same_mean() -> None:
    picture, mask = halves((200, 30, 40), (10, 90, 30)), LEFT
    large = picture.resize((1200, 600), Image.Resampling.NEAREST)
    assert mean_lab(large, mask.resize(large.size)) == pytest.approx(mean_lab(picture, mask), abs=1)


def test_histograms_are_shares() -> None:
    histogram = lab_histogram(halves((255, 255, 255), (0, 0, 0)), ALL)
    assert histogram.sum(axis=1) == pytest.approx([1, 1, 1])
    assert sorted(histogram[0])[-2:] == pytest.approx([0.5, 0.5])


def test_the_distance_is_how_far_colours_move() -> None:
    grey, lighter = (lab_histogram(Image.new("RGB", (8, 8), (v, v, v)), Image.new("L", (8, 8), 255)) for v in (70, 140))
    moved = float(lab(np.array([140.0] * 3))[0] - lab(np.array([70.0] * 3))[0])
    assert histogram_distance(grey, lighter) == pytest.approx(moved, abs=5)  # a bin's width
    assert histogram_distance(grey, grey) == 0
    assert histogram_distance(grey, lighter) == histogram_distance(lighter, grey)


def test_an_empty_mask_is_refused() -> None:
    for measure in (mean_lab, lab_histogram):
        with pytest.raises(ValueError, match="empty"):
            measure(ALL.convert("RGB"), Image.new("L", (40, 20)))
