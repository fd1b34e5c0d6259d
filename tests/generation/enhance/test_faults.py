"""What bad light does to a photo."""

from __future__ import annotations

import numpy as np
import pytest

from shop_genai.generation.enhance.faults import HARMLESS_SHARE, Fault, sample, spoil


def grey(value: int) -> np.ndarray:
    return np.full((1, 1, 3), value, np.uint8)


def test_no_fault_changes_nothing() -> None:
    pixels = grey(77)
    assert spoil(pixels, Fault()) is pixels


def test_one_stop_less_halves_linear_light() -> None:
    # 188 encodes 0.503 of white's light; half of it, 0.2515, is encoded as 1.055 * 0.2515^(1/2.4) - 0.055 = 0.5383.
    assert spoil(grey(188), Fault(exposure=-1))[0, 0].tolist() == [137, 137, 137]


def test_warmth_moves_red_and_blue_apart_and_leaves_green() -> None:
    red, green, blue = spoil(grey(128), Fault(warmth=0.2))[0, 0].tolist()
    # 128 encodes 0.2159; times exp(0.2) = 0.2636, encoded 0.5502; divided by exp(0.2) = 0.1767, encoded 0.4577.
    assert (red, green, blue) == (140, 128, 117)


def test_the_curve_is_an_exponent_on_encoded_values() -> None:
    # (128 / 255) ** exp(0.1) = 0.46694
    assert spoil(grey(128), Fault(curve=0.1))[0, 0].tolist() == [119, 119, 119]


def test_faults_are_drawn_within_their_limits_and_some_photos_stay() -> None:
    rng = np.random.default_rng(0)
    drawn = [sample(rng) for _ in range(2000)]
    assert all(-1.6 <= f.exposure <= 0.35 and -0.35 <= f.warmth <= 0.4 and abs(f.tint) <= 0.12 for f in drawn)
    assert sum(f.harmless for f in drawn) / 2000 == pytest.approx(HARMLESS_SHARE, abs=0.03)
    assert np.mean([f.exposure for f in drawn if not f.harmless]) < -0.2
