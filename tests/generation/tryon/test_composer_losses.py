"""The composer's losses against values worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from shop_genai.generation.tryon import composer_losses as losses


def test_only_what_is_weighted_counts() -> None:
    values = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]).expand(1, 3, 2, 2)
    weight = torch.tensor([[[[1.0, 0.0], [0.5, 0.5]]]])
    assert float(losses.within(values, weight)) == pytest.approx((1 + 1.5 + 2) / 2)
    assert float(losses.within(values, torch.zeros_like(weight))) == 0


def test_the_absolute_error_is_a_mean_over_channels_and_pixels() -> None:
    target = torch.zeros(1, 3, 2, 2)
    output = target.clone()
    output[0, 0, 0, 0] = 0.6
    weight = torch.zeros(1, 1, 2, 2)
    weight[..., 0, :] = 1
    assert float(losses.absolute(output, target, weight)) == pytest.approx(0.6 / (3 * 2))


def test_edges_are_differences_of_neighbours_that_both_count() -> None:
    target = torch.zeros(1, 1, 1, 4)
    output = torch.tensor([[[[0.0, 0.3, 0.3, 0.9]]]])
    everywhere = torch.ones(1, 1, 1, 4)
    assert float(losses.edges(output, target, everywhere)) == pytest.approx((0.3 + 0.0 + 0.6) / 3)
    without_last = torch.tensor([[[[1.0, 1.0, 1.0, 0.0]]]])
    assert float(losses.edges(output, target, without_last)) == pytest.approx(0.3 / 2)
    assert float(losses.edges(output + 0.5, target, everywhere)) == pytest.approx((0.3 + 0.6) / 3)  # colour alone


def test_broad_errors_cancel_within_a_cell() -> None:
    target = torch.zeros(1, 1, 8, 16)
    output = target.clone()
    output[..., :4, :8], output[..., 4:, :8] = 0.5, -0.5
    output[..., 8:] = 0.25
    assert float(losses.broad(output, target, torch.ones(1, 1, 8, 16))) == pytest.approx(0.25 / 2)


def test_equal_pictures_have_equal_structure_and_flat_ones_follow_the_formula() -> None:
    torch.manual_seed(0)
    picture, weight = torch.rand(1, 3, 12, 12), torch.ones(1, 1, 12, 12)
    assert float(losses.structure(picture, picture, weight)) == pytest.approx(0, abs=1e-5)
    a, b = 0.2, 0.7
    flat = torch.full((1, 3, 12, 12), a), torch.full((1, 3, 12, 12), b)
    expected = 1 - (2 * a * b + 1e-4) / (a * a + b * b + 1e-4)  # no variance: the second factor is one
    assert float(losses.structure(*flat, weight)) == pytest.approx(expected, rel=1e-3)


def test_coverage_is_the_cross_entropy_where_it_is_known() -> None:
    alpha = torch.tensor([[[[0.8, 0.3, 0.9]]]])
    truth = torch.tensor([[[[1.0, 0.0, 0.0]]]])
    known = torch.tensor([[[[1.0, 1.0, 0.0]]]])
    expected = -(math.log(0.8) + math.log(0.7)) / 2
    assert float(losses.coverage(alpha, truth, known)) == pytest.approx(expected, rel=1e-5)
    assert math.isfinite(
        float(losses.coverage(torch.ones(1, 1, 1, 1), torch.zeros(1, 1, 1, 1), torch.ones(1, 1, 1, 1)))
    )


def test_light_that_is_even_costs_its_square_and_no_slope() -> None:
    gain, weight = torch.full((1, 1, 4, 4), 0.3), torch.ones(1, 1, 4, 4)
    assert float(losses.even(gain, weight)) == pytest.approx(0.09)
    assert float(losses.smoothness(gain, weight)) == 0
    ramp = torch.arange(4.0).expand(1, 1, 4, 4) * 0.1
    assert float(losses.smoothness(ramp, weight)) == pytest.approx(0.1)
