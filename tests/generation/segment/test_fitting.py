"""How pictures are fitted to the network."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop_genai.generation.segment.fitting import NARROWEST, fitted, fitted_size
from tests.generation.pictures import drawn


@given(st.integers(1, 9000), st.integers(1, 9000))
def test_sides_can_be_halved_and_the_area_is_about_the_networks(width: int, height: int) -> None:
    across, down = fitted_size((width, height), 160, 32)
    assert across % 32 == down % 32 == 0
    assert 0.6 < across * down / 160**2 < 1.6
    ratio = min(max(width / height, NARROWEST), 1 / NARROWEST)
    assert abs(math.log(across / down / ratio)) < 0.3


@pytest.mark.parametrize(("size", "expected"), [((500, 500), (160, 160)), ((600, 800), (128, 192))])
def test_usual_proportions(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert fitted_size(size, 160, 32) == expected


def test_grey_and_tiny_pictures_are_fitted_too() -> None:
    assert fitted(drawn(3, 2).convert("L"), 32, 8).mode == "RGB"
