"""Distances inside a mask."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from shop_genai.generation import lab as reference
from shop_genai.generation.variant import losses


def test_only_masked_pixels_count() -> None:
    output, target = torch.zeros(1, 3, 2, 2), torch.zeros(1, 3, 2, 2)
    output[0, 0, 0, 0] = 0.3  # masked: 0.09 over three channels of two pixels
    output[0, :, 1, 1] = 9.0  # not masked
    mask = torch.tensor([[1.0, 1.0], [0.0, 0.0]]).view(1, 1, 2, 2)
    assert float(losses.squared_error(output, target, mask)) == pytest.approx(0.09 / 6)
    assert float(losses.decibels_lost(output, target, mask)) == pytest.approx(0.5 * math.log(0.09 / 6 + 1e-4))


def test_half_the_error_in_decibels_is_worth_the_same_from_any_start() -> None:
    target, mask = torch.zeros(1, 3, 4, 4), torch.ones(1, 1, 4, 4)
    lost = [float(losses.decibels_lost(torch.full_like(target, e), target, mask)) for e in (0.8, 0.4, 0.2)]
    assert lost[0] - lost[1] == pytest.approx(lost[1] - lost[2], abs=0.01)


def test_lab_is_that_of_the_metrics() -> None:
    picture = torch.rand(2, 3, 5, 4)
    expected = reference.lab(picture.permute(0, 2, 3, 1).double().numpy() * 255)
    np.testing.assert_allclose(losses.lab(picture).permute(0, 2, 3, 1).numpy(), expected, atol=1e-2)


def test_a_colour_difference_by_hand_and_its_slope_at_black() -> None:
    white, black, mask = torch.ones(1, 3, 2, 2), torch.zeros(1, 3, 2, 2, requires_grad=True), torch.ones(1, 1, 2, 2)
    difference = losses.colour_difference(black, white, mask)
    assert float(difference.detach()) == pytest.approx(100, abs=0.1)
    torch.autograd.backward(difference.sum())
    assert black.grad is not None
    assert torch.isfinite(black.grad).all()
