"""Grounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shop_genai.generation.segment import grounds
from shop_genai.generation.segment.grounds import DRAWN, beside, ground, out_of_focus
from tests.generation.segment.tiny import shirt


@pytest.mark.parametrize("draw", dict.fromkeys(DRAWN))
@pytest.mark.parametrize("size", [(24, 40), (64, 48)])
def test_drawn_grounds_fill_the_picture_and_depend_on_the_seed_only(draw: grounds.Drawing, size: grounds.Size) -> None:
    first, again, other = (draw(size, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.shape == (*size, 3)
    assert first.dtype == np.float32
    assert np.isfinite(first).all()
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_beside_the_product_there_is_none_of_it() -> None:
    found = beside(shirt(120, 120), (30, 20), np.random.default_rng(0))
    assert found is not None
    assert found.shape == (30, 20, 3)
    assert np.ptp(found) < 12  # the grey ground, and hardly a rim of the red thing


def test_a_picture_full_of_product_has_no_ground() -> None:
    full = shirt()
    full = replace(full, possible=np.full_like(full.possible, 2))
    assert beside(full, (8, 8), np.random.default_rng(0)) is None


def test_out_of_focus_nothing_can_be_told() -> None:
    blurred = out_of_focus(shirt(80, 80).picture, (80, 80), np.random.default_rng(0))
    assert np.abs(np.diff(blurred, axis=0)).max() < 12


def test_grounds_can_be_had_without_other_pictures() -> None:
    assert all(ground((16, 16), [], np.random.default_rng(seed)).shape == (16, 16, 3) for seed in range(20))
