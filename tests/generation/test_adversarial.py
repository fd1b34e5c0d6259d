"""The adversarial losses against values worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from shop_genai.generation import adversarial


def test_the_discriminator_that_cannot_tell_loses_log_two_twice() -> None:
    loss = adversarial.non_saturating_discriminator(torch.zeros(3), torch.zeros(5))
    assert float(loss) == pytest.approx(2 * math.log(2), rel=1e-6)


def test_the_discriminators_loss_at_chosen_logits() -> None:
    # log(1 + e^-2), log(1 + e^1) for real; log(1 + e^-3) for fake.
    real, fake = torch.tensor([2.0, -1.0]), torch.tensor([-3.0])
    expected = (0.1269280 + 1.3132617) / 2 + 0.0485874
    assert float(adversarial.non_saturating_discriminator(real, fake)) == pytest.approx(expected, rel=1e-6)


def test_the_generators_loss_at_chosen_logits() -> None:
    assert float(adversarial.non_saturating_generator(torch.zeros(2))) == pytest.approx(math.log(2), rel=1e-6)
    expected = (0.1269280 + 1.3132617) / 2
    assert float(adversarial.non_saturating_generator(torch.tensor([2.0, -1.0]))) == pytest.approx(expected, rel=1e-6)


def test_the_generators_loss_falls_as_its_pictures_look_more_real() -> None:
    # The article has G minimise D(G(z)), which rises here.
    worse, better = torch.tensor([-1.0]), torch.tensor([1.0])
    assert adversarial.non_saturating_generator(better) < adversarial.non_saturating_generator(worse)


def test_a_sure_discriminator_leaves_the_non_saturating_loss_a_gradient() -> None:
    def slope(loss: Tensor, logit: Tensor) -> float:
        return abs(float(torch.autograd.grad(loss, logit)[0]))

    logit = torch.tensor([-20.0], requires_grad=True)  # D is sure that G's picture is not real
    saturating = -F.softplus(logit).mean()  # log(1 - D(G(z))), to be minimised
    assert slope(saturating, logit) < 1e-8
    assert slope(adversarial.non_saturating_generator(logit), logit) == pytest.approx(1.0)


def test_logits_of_any_size_have_finite_losses() -> None:
    far = torch.tensor([-1e4, 1e4])
    assert float(adversarial.non_saturating_discriminator(far, far)) == pytest.approx(1e4)
    assert float(adversarial.non_saturating_generator(far)) == pytest.approx(5e3)


def test_hinge_of_the_discriminator() -> None:
    real, fake = torch.tensor([2.0, 0.5]), torch.tensor([-3.0, 0.5])
    assert float(adversarial.hinge_discriminator(real, fake)) == pytest.approx((0 + 0.5) / 2 + (0 + 1.5) / 2)


def test_hinge_of_the_generator() -> None:
    assert float(adversarial.hinge_generator(torch.tensor([-3.0, 0.5]))) == pytest.approx(1.25)


def test_r1_of_a_linear_discriminator_is_half_gamma_times_its_squared_weight() -> None:
    weight = torch.tensor([1.0, -2.0, 3.0]).view(3, 1, 1).requires_grad_(True)
    pictures = torch.rand(4, 3, 1, 1, requires_grad=True)
    penalty = adversarial.r1_penalty((weight * pictures).sum(dim=(1, 2, 3)), pictures, gamma=10.0)
    assert float(penalty.detach()) == pytest.approx(10 / 2 * (1 + 4 + 9))
    (slope,) = torch.autograd.grad(penalty, weight)  # d/dw of gamma/2 |w|^2 is gamma w
    assert slope.flatten().tolist() == pytest.approx([10.0, -20.0, 30.0])


def test_r1_averages_over_pictures() -> None:
    pictures = torch.tensor([1.0, 3.0]).view(2, 1, 1, 1).requires_grad_(True)
    logits = (pictures**2).sum(dim=(1, 2, 3))  # gradients 2 and 6
    assert float(adversarial.r1_penalty(logits, pictures, gamma=1.0).detach()) == pytest.approx((4 + 36) / 2 / 2)


def test_instance_noise_has_the_asked_spread_and_is_seeded() -> None:
    pictures = torch.full((4, 3, 64, 64), 0.5)
    torch.manual_seed(3)
    noisy = adversarial.instance_noise(pictures, 0.1)
    assert float((noisy - pictures).std()) == pytest.approx(0.1, rel=0.02)
    assert float((noisy - pictures).mean()) == pytest.approx(0, abs=0.003)
    torch.manual_seed(3)
    assert torch.equal(adversarial.instance_noise(pictures, 0.1), noisy)


def test_without_spread_there_is_no_noise() -> None:
    pictures = torch.rand(1, 3, 4, 4)
    assert adversarial.instance_noise(pictures, 0.0) is pictures
