"""Encoder, posterior and decoder."""

from __future__ import annotations

import math

import pytest
import torch

from shop_genai.generation.vae.network import Posterior, Vae, VaeConfig

TINY = VaeConfig(side=16, latent=6, channels=8, widest=16)


def test_a_sample_is_mean_plus_scaled_noise_and_seeded() -> None:
    posterior = Posterior(torch.full((2, 50_000), 3.0), torch.full((2, 50_000), math.log(0.25)))
    torch.manual_seed(1)
    z = posterior.sample()
    assert float(z.mean()) == pytest.approx(3.0, abs=0.01)
    assert float(z.std()) == pytest.approx(0.5, rel=0.01)
    torch.manual_seed(1)
    assert torch.equal(posterior.sample(), z)


def test_gradients_pass_through_a_sample() -> None:
    mean = torch.tensor([[0.3, -1.0]], requires_grad=True)
    log_variance = torch.tensor([[0.0, math.log(4.0)]], requires_grad=True)
    torch.manual_seed(5)
    z = Posterior(mean, log_variance).sample()
    torch.manual_seed(5)
    noise = torch.randn(1, 2)
    by_mean, by_log_variance = torch.autograd.grad(z.sum(), (mean, log_variance))
    assert by_mean.tolist() == [[1.0, 1.0]]
    # d/dl exp(l / 2) e = 1/2 sigma e, with sigma 1 and 2.
    torch.testing.assert_close(by_log_variance, 0.5 * torch.tensor([[1.0, 2.0]]) * noise)


def test_the_mode_is_the_mean_and_kl_is_per_dimension() -> None:
    posterior = Posterior(torch.tensor([[0.0, 2.0]]), torch.zeros(1, 2))
    assert torch.equal(posterior.mode(), posterior.mean)
    assert posterior.kl().tolist() == [[0.0, 2.0]]


def test_shapes() -> None:
    network = Vae(TINY)
    output, posterior = network(torch.rand(3, 3, 16, 16))
    assert output.shape == (3, 3, 16, 16)
    assert posterior.mean.shape == posterior.log_variance.shape == posterior.sample().shape == (3, 6)
    assert network.decode(torch.zeros(2, 6)).shape == (2, 3, 16, 16)
    with pytest.raises(ValueError, match="expected"):
        network.encode(torch.rand(1, 3, 8, 8))


def test_a_spatial_latent_tells_of_its_place_only() -> None:
    network = Vae(VaeConfig(side=32, latent=128, channels=16, widest=16, spatial=True))
    picture = torch.rand(1, 3, 32, 32)
    changed = picture.clone()
    changed[..., :2, :2] = 1 - changed[..., :2, :2]
    # GroupNorm looks at the whole map; without it only the convolutions' surroundings are left.
    network.encoder[1], network.encoder[4] = torch.nn.Identity(), torch.nn.Identity()
    difference = (network.encode(picture).mean - network.encode(changed).mean).view(2, 8, 8)
    assert float(difference[:, :2, :2].detach().abs().max()) > 0
    assert float(difference[:, 3:].detach().abs().max()) == 0
    assert network.decode(torch.zeros(2, 128)).shape == (2, 3, 32, 32)


def test_mean_and_log_variance_are_not_confined() -> None:
    # The article puts a sigmoid on both: then no mean could be negative, no deviation above 1.
    network = Vae(TINY)
    with torch.no_grad():
        for head in (network.mean, network.log_variance):
            head.weight.mul_(50)
        posterior = network.encode(torch.rand(8, 3, 16, 16))
    for values in (posterior.mean, posterior.log_variance):
        assert float(values.min()) < -1
        assert float(values.max()) > 1


@pytest.mark.parametrize(("side", "widths"), [(64, (32, 64, 128, 192)), (128, (32, 64, 128, 192, 192))])
def test_each_halving_of_the_side_doubles_the_channels_up_to_the_widest(side: int, widths: tuple[int, ...]) -> None:
    assert VaeConfig(side=side).widths == widths


def test_the_scale_is_learned_or_fixed() -> None:
    assert "log_scale" in dict(Vae(TINY).named_parameters())
    fixed = Vae(VaeConfig(side=16, latent=6, channels=8, widest=16, scale=0.2, learned_scale=False))
    assert "log_scale" not in dict(fixed.named_parameters())
    assert float(fixed.state_dict()["log_scale"].exp()) == pytest.approx(0.2)


@pytest.mark.parametrize("latent", [100, 0])
def test_a_spatial_latent_fills_its_cells(latent: int) -> None:
    with pytest.raises(ValueError, match=str(latent)):
        VaeConfig(side=128, latent=latent, spatial=True)


@pytest.mark.parametrize("wrong", [{"side": 48}, {"side": 4}, {"latent": 0}, {"latent": 513}, {"channels": 12}])
def test_impossible_shapes_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be"):
        VaeConfig(**wrong)
