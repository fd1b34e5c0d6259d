"""Corrections of exposure and colour cast."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from shop_genai.generation.enhance.faults import Fault, spoil
from shop_genai.generation.enhance.light import LARGEST_GAIN, Light, LightConfig, LightNetwork, adjusted, estimate
from tests.generation.pictures import drawn

small = st.floats(-0.8, 0.8)


def test_nothing_to_do_returns_the_very_same_pixels() -> None:
    pixels = np.asarray(drawn(20, 10))
    assert Light().apply(pixels) is pixels
    assert Light(0.5, 0.2, -0.1, 0.1).scaled(0).is_identity


def test_twice_the_linear_light_is_what_the_curve_says() -> None:
    # 128 encodes 0.2158605; twice that is encoded as 1.055 * 0.431721^(1/2.4) - 0.055 = 0.68857, and 255 times that is
    # 175.6.
    curves = Light(math.log(2), 0, 0, 0).curves()
    assert curves[128].tolist() == [176, 128, 128]


def test_the_curve_is_an_exponent() -> None:
    assert Light(curve=math.log(0.8)).curves()[128].tolist() == [147] * 3  # 255 * (128 / 255) ** 0.8 = 146.9


@given(small, small, small, st.floats(-0.35, 0.35))
def test_curves_never_fall(red: float, green: float, blue: float, curve: float) -> None:
    assert (np.diff(Light(red, green, blue, curve).curves().astype(int), axis=0) >= 0).all()


def test_a_known_fault_is_undone_by_the_opposite_light() -> None:
    good = np.clip(np.asarray(drawn(64, 48)), 20, 200).astype(np.uint8)
    bad = spoil(good, Fault(exposure=-1, warmth=0.2))
    mended = Light(math.log(2) - 0.2, math.log(2), math.log(2) + 0.2).apply(bad)
    assert np.abs(mended.astype(int) - good).max() <= 3
    assert np.abs(bad.astype(int) - good).mean() > 20


def test_an_untrained_network_leaves_every_picture_alone() -> None:
    pixels = np.asarray(drawn(100, 80))
    assert estimate(LightNetwork(), pixels).is_identity


def test_corrections_are_bounded_and_small_ones_are_not_made() -> None:
    network = LightNetwork(LightConfig(channels=4))
    pixels = np.asarray(drawn(100, 80))
    with torch.no_grad():
        network.last.bias.copy_(torch.tensor([50.0, 50.0, 50.0, 0.0]))
    light = estimate(network, pixels)
    assert light.red == light.blue == pytest.approx(LARGEST_GAIN)
    with torch.no_grad():
        network.last.bias.copy_(torch.tensor([0.01, 0.0, -0.01, 0.0]))
    assert estimate(network, pixels).is_identity


def test_the_gradient_reaches_all_four_values() -> None:
    values = torch.zeros(1, 4, requires_grad=True)
    adjusted(torch.full((1, 3, 2, 2), 0.5), values).sum().backward()
    assert values.grad is not None
    assert (values.grad[0, :3] > 0).all()
    assert values.grad[0, 3] < 0
