"""Cloth in other dyes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shop_genai.generation.variant.recolouring import in_two, recoloured
from tests.generation.pictures import drawn


def values(seed: int = 0) -> np.ndarray:
    return np.asarray(drawn(24, 20, seed)).astype(np.float32) / np.float32(255)


@given(st.integers(0, 2**16))
def test_the_values_stay_values(seed: int) -> None:
    changed = recoloured(values(seed), np.random.default_rng(seed))
    assert changed.shape == (20, 24, 3)
    assert changed.dtype == np.float32
    assert changed.min() >= 0
    assert changed.max() <= 1


@given(st.integers(0, 2**16))
def test_equal_colours_stay_equal(seed: int) -> None:
    flat = np.full((8, 8, 3), (0.2, 0.5, 0.7), np.float32)
    changed = recoloured(flat, np.random.default_rng(seed))
    assert np.ptp(changed, axis=(0, 1)).max() < 1e-6


def test_seeds_give_other_dyes_and_each_seed_the_same() -> None:
    first, again, other = (recoloured(values(), np.random.default_rng(s)) for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert np.abs(first - other).mean() > 0.02


def test_two_parts_are_dyed_apart() -> None:
    flat = np.full((10, 4, 3), 0.5, np.float32)
    changed = in_two(flat, 4, np.random.default_rng(3))
    assert np.ptp(changed[:4], axis=(0, 1)).max() < 1e-6
    assert np.ptp(changed[4:], axis=(0, 1)).max() < 1e-6
    assert np.abs(changed[0, 0] - changed[9, 0]).max() > 0.01
