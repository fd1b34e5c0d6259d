"""The VAE's losses against values worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from shop_genai.generation.vae import losses


def test_the_standard_normal_costs_nothing() -> None:
    assert float(losses.gaussian_kl(torch.zeros(1, 1), torch.zeros(1, 1))) == 0


@pytest.mark.parametrize("mean", [-2.0, 0.5, 3.0])
def test_a_shifted_unit_gaussian_costs_half_its_squared_mean(mean: float) -> None:
    kl = losses.gaussian_kl(torch.tensor([[mean]]), torch.zeros(1, 1))
    assert float(kl) == pytest.approx(mean**2 / 2)


def test_kl_at_chosen_variances() -> None:
    # 1/2 (s^2 - 1 - log s^2): for 4, (3 - log 4) / 2; for 1/4, (-3/4 + log 4) / 2. And both: mean 1, variance 4.
    kl = losses.gaussian_kl(torch.tensor([[0.0, 0.0, 1.0]]), torch.log(torch.tensor([[4.0, 0.25, 4.0]])))
    expected = [(3 - math.log(4)) / 2, (math.log(4) - 0.75) / 2, (3 - math.log(4)) / 2 + 0.5]
    assert kl[0].tolist() == pytest.approx(expected, rel=1e-6)


def test_kl_is_that_of_pytorch() -> None:
    torch.manual_seed(0)
    mean, log_variance = torch.randn(5, 7), torch.randn(5, 7)
    normal = torch.distributions.Normal
    expected = torch.distributions.kl_divergence(normal(mean, (log_variance / 2).exp()), normal(0.0, 1.0))
    torch.testing.assert_close(losses.gaussian_kl(mean, log_variance), expected)


def test_the_likelihood_counts_its_constant() -> None:
    # A perfect picture of 12 values with scale 0.1: 12 (log 0.1 + log(2 pi) / 2).
    picture = torch.rand(2, 3, 2, 2)
    nll = losses.gaussian_nll(picture, picture, torch.tensor(math.log(0.1)))
    assert nll.tolist() == pytest.approx([12 * (math.log(0.1) + 0.9189385)] * 2, rel=1e-5)


def test_the_likelihood_of_an_error() -> None:
    # One value is 0.2 off with scale 0.1: two standard deviations, 2 nats more.
    target = torch.zeros(1, 3, 2, 2)
    output = target.clone()
    output[0, 1, 0, 0] = 0.2
    scale = torch.tensor(math.log(0.1))
    more = losses.gaussian_nll(output, target, scale) - losses.gaussian_nll(target, target, scale)
    assert float(more) == pytest.approx(2.0, rel=1e-5)


def test_the_likelihood_is_that_of_pytorch() -> None:
    torch.manual_seed(0)
    output, target = torch.rand(2, 3, 4, 4), torch.rand(2, 3, 4, 4)
    expected = -torch.distributions.Normal(output, 0.3).log_prob(target).flatten(1).sum(dim=1)
    torch.testing.assert_close(losses.gaussian_nll(output, target, torch.tensor(math.log(0.3))), expected)


def test_the_best_scale_is_the_root_mean_square_error() -> None:
    target = torch.zeros(1, 3, 4, 4)
    log_scale = torch.tensor(math.log(0.07), requires_grad=True)
    (slope,) = torch.autograd.grad(losses.gaussian_nll(target + 0.07, target, log_scale).sum(), log_scale)
    assert float(slope) == pytest.approx(0, abs=1e-4)


def test_the_bound_is_minus_both_parts() -> None:
    bound = losses.elbo(torch.tensor([3.0, -1.0]), torch.tensor([[0.5, 0.25], [0.0, 2.0]]))
    assert bound.tolist() == [-3.75, -1.0]


def test_free_bits_make_cheap_dimensions_cost_the_floor() -> None:
    kl = torch.tensor([[0.1, 3.0], [0.3, 1.0]], requires_grad=True)  # means 0.2 and 2
    assert float(losses.with_free_bits(kl, 0.0).detach()) == pytest.approx(2.2)
    cost = losses.with_free_bits(kl, 0.5)
    assert float(cost.detach()) == pytest.approx(2.5)
    (slope,) = torch.autograd.grad(cost, kl)
    assert slope.tolist() == [[0.0, 0.5], [0.0, 0.5]]  # below the floor nothing is driven anywhere


def test_psnr_by_hand() -> None:
    target = torch.zeros(2, 3, 2, 2)
    output = torch.stack([torch.full((3, 2, 2), 0.1), torch.full((3, 2, 2), 2.0)])  # mse 0.01; clamped to 1
    assert losses.psnr(output, target).tolist() == pytest.approx([20.0, 0.0], abs=1e-5)
