"""sRGB to CIELAB and back."""

from __future__ import annotations

import numpy as np
import pytest

from shop_genai.generation.lab import difference, lab, rgb


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),  # published values of the sRGB primaries
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((119, 119, 119), (50.03, 0.0, 0.0)),
    ],
)
def test_known_colours(colour: tuple[int, ...], expected: tuple[float, ...]) -> None:
    assert lab(np.array(colour, np.float64)) == pytest.approx(expected, abs=0.05)


def test_back_again() -> None:
    colours = np.random.default_rng(0).uniform(0, 255, (4, 5, 3))
    assert rgb(lab(colours)) == pytest.approx(colours, abs=1e-6)


def test_what_srgb_cannot_show_is_clipped() -> None:
    shown = rgb(np.array([[50.0, 120.0, -120.0], [120.0, 0.0, 0.0]]))
    assert shown.min() >= 0
    assert shown.max() <= 255
    assert shown[1] == pytest.approx((255, 255, 255), abs=0.01)


def test_differences_are_euclidean() -> None:
    assert difference(np.array([[50.0, 3.0, 4.0]]), np.array([[50.0, 0.0, 0.0]])) == pytest.approx([5.0])
