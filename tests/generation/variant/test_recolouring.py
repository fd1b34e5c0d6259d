"""Cloth in other dyes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shop_genai.generation.variant.recolouring import Pixels, drawn, in_two
from tests.generation import pictures


def values(seed: int = 0) -> Pixels:
    return np.asarray(pictures.drawn(24, 20, seed)).astype(np.float32) / np.float32(255)


def rows(count: int) -> Pixels:
    return (np.arange(count, dtype=np.float32) + np.float32(0.5)) / count


@given(st.integers(0, 2**16))
def test_the_values_stay_values(seed: int) -> None:
    dye = drawn(values(seed), np.random.default_rng(seed))
    changed = dye(values(seed), rows(20))
    assert changed.shape == (20, 24, 3)
    assert changed.dtype == np.float32
    assert changed.min() >= 0
    assert changed.max() <= 1


@given(st.integers(0, 2**16))
def test_a_colour_becomes_the_same_colour_in_every_part_of_the_picture(seed: int) -> None:
    dye = drawn(values(), np.random.default_rng(seed))
    flat = np.full((8, 8, 3), (0.2, 0.5, 0.7), np.float32)
    changed = dye(flat, rows(8))
    assert np.ptp(changed, axis=(0, 1)).max() < 1e-6
    np.testing.assert_array_equal(dye(flat[3:5], rows(8)[3:5]), changed[3:5])


def test_seeds_give_other_dyes_and_each_seed_the_same() -> None:
    first, again, other = (drawn(values(), np.random.default_rng(s))(values(), rows(20)) for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert np.abs(first - other).mean() > 0.02


def test_two_parts_are_dyed_apart_at_any_size() -> None:
    dye = in_two(values(), 0.4, np.random.default_rng(3))
    for size in (10, 20):
        changed = dye(np.full((size, 4, 3), 0.5, np.float32), rows(size))
        cut = int(0.4 * size)
        assert np.ptp(changed[:cut], axis=(0, 1)).max() < 1e-6
        assert np.ptp(changed[cut:], axis=(0, 1)).max() < 1e-6
        assert np.abs(changed[0, 0] - changed[-1, 0]).max() > 0.01
