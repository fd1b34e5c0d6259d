"""The losses against values worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from shop_genai.generation.enhance import losses


def test_charbonnier_is_the_rounded_off_absolute_error() -> None:
    output, target = torch.tensor([[[[0.3, 0.0]]]]), torch.tensor([[[[0.0, 0.0]]]])
    expected = (math.sqrt(0.3**2 + 1e-6) + 1e-3) / 2
    assert float(losses.charbonnier(output, target)) == pytest.approx(expected, rel=1e-6)


def test_charbonnier_weighs_pixels() -> None:
    output, target = torch.full((1, 3, 1, 2), 0.5), torch.zeros(1, 3, 1, 2)
    weight = torch.tensor([[[[0.0, 4.0]]]])
    expected = 2 * math.sqrt(0.25 + 1e-6)
    assert float(losses.charbonnier(output, target, weight=weight)) == pytest.approx(expected, rel=1e-6)


def test_a_constant_error_has_one_fourier_coefficient() -> None:
    # An error of e on 4x4 pixels: the orthonormal transform is 4e at zero frequency, in one of 4 x 3 coefficients.
    output, target = torch.full((1, 1, 4, 4), 0.25), torch.zeros(1, 1, 4, 4)
    assert float(losses.spectrum_distance(output, target)) == pytest.approx(4 * 0.25 / 12, abs=2e-6)


def test_spectrum_distance_sees_where_detail_is() -> None:
    output = torch.rand(1, 3, 8, 8)
    assert float(losses.spectrum_distance(output, output.roll(3, dims=3))) > 0.1


def test_feature_matching_averages_over_layers_and_spares_the_real_side() -> None:
    fake = [torch.tensor([1.0, 1.0], requires_grad=True), torch.tensor([0.0])]
    real = [torch.tensor([0.0, 1.0], requires_grad=True), torch.tensor([3.0])]
    loss = losses.feature_matching(fake, real)
    assert float(loss.detach()) == pytest.approx((0.5 + 3.0) / 2)
    torch.autograd.backward(loss)
    assert fake[0].grad is not None
    assert real[0].grad is None
    with pytest.raises(ValueError, match="2 layers of features against 1"):
        losses.feature_matching(fake, real[:1])


def test_the_artefact_weight_is_zero_where_the_output_is_no_worse_than_the_steady_one() -> None:
    target = torch.zeros(1, 3, 16, 16)
    steady = torch.full_like(target, 0.1)
    output = torch.full_like(target, 0.05)
    output[..., 4:8, 4:8] = 0.5
    weight = losses.artefact_weight(output, steady, target)
    assert weight.shape == (1, 1, 16, 16)
    assert float(weight[0, 0, 4:8, 4:8].min()) > 0
    weight[..., 4:8, 4:8] = 0
    assert float(weight.abs().max()) == 0


def test_the_artefact_weight_by_hand() -> None:
    # One wrong pixel among 49: residual 3 * 0.2 there, so the window's unbiased variance is 0.36/49 in its middle.
    output, target = torch.zeros(1, 3, 7, 7), torch.zeros(1, 3, 7, 7)
    output[..., 3, 3] = 0.2
    variance = 0.6**2 / 49
    weight = losses.artefact_weight(output, torch.zeros_like(target), target)
    assert float(weight[0, 0, 3, 3]) == pytest.approx(variance**0.2 * variance, rel=1e-4)
