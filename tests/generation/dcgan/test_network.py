"""Generator and discriminator."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from shop_genai.generation.dcgan.network import Discriminator, DiscriminatorConfig, Generator, GeneratorConfig, noise

TINY_G, TINY_D = GeneratorConfig(side=16, latent=6, channels=8), DiscriminatorConfig(side=16, channels=8)


def test_noise_becomes_pictures_and_pictures_become_logits() -> None:
    pictures = Generator(TINY_G)(noise(3, 6, 0)).detach()
    assert pictures.shape == (3, 3, 16, 16)
    assert 0 <= float(pictures.min()) <= float(pictures.max()) <= 1
    assert Discriminator(TINY_D)(pictures).shape == (3,)
    with pytest.raises(ValueError, match="expected"):
        Generator(TINY_G)(noise(3, 5, 0))
    with pytest.raises(ValueError, match="expected"):
        Discriminator(TINY_D)(torch.rand(1, 3, 32, 32))


def test_channels_double_with_every_halving() -> None:
    assert GeneratorConfig().widths == (256, 128, 64, 32)
    with pytest.raises(ValueError, match="power of two"):
        GeneratorConfig(side=48)


def test_a_logit_depends_on_its_own_picture_only() -> None:
    judge = Discriminator(TINY_D)
    pictures = torch.rand(4, 3, 16, 16)
    torch.testing.assert_close(judge(pictures)[:1], judge(pictures[:1]))


def test_spectral_normalisation_keeps_every_layers_largest_singular_value_at_one() -> None:
    torch.manual_seed(0)
    judge = Discriminator(DiscriminatorConfig(side=16, channels=8, spectral=True))
    for _ in range(30):  # each pass is one step of the power iteration
        judge(torch.rand(2, 3, 16, 16))
    layers = [layer for layer in judge.layers if isinstance(layer, nn.Conv2d)]
    assert len(layers) == 3
    for layer in layers:
        largest = torch.linalg.svdvals(layer.weight.detach().flatten(1))[0]
        assert float(largest) == pytest.approx(1.0, rel=0.02)


def test_settling_measures_what_normalisation_sees_now() -> None:
    torch.manual_seed(0)
    network = Generator(TINY_G)
    with torch.no_grad():
        network.expand.weight.mul_(10)  # as averaging does, the weights move and the statistics stay
    network.settle(batches=16)
    assert not network.training
    first = network.layers[0]
    assert isinstance(first, nn.BatchNorm2d)
    seen = torch.cat([network.expand(noise(64, 6, seed)) for seed in range(16)]).unflatten(1, (-1, 4, 4))
    torch.testing.assert_close(first.running_mean, seen.mean(dim=(0, 2, 3)).detach(), rtol=1e-3, atol=1e-4)
    assert first.momentum == 0.1
    before = network(noise(2, 6, 3))
    network.settle(batches=16)
    torch.testing.assert_close(network(noise(2, 6, 3)), before)


def test_noise_depends_on_the_seed_only() -> None:
    assert torch.equal(noise(2, 5, 1), noise(2, 5, 1))
    assert not torch.equal(noise(2, 5, 1), noise(2, 5, 2))
