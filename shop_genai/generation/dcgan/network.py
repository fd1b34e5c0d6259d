"""A DCGAN: transposed convolutions draw a picture from noise, convolutions judge it.

Source: Radford et al. 2016, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
Networks", section 3. Two things differ: D has no batch normalisation, because its judgement of a picture must not
depend on the others in the batch (R1 differentiates it picture by picture); and spectral normalisation can be chosen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

COARSEST = 4  # side of the first feature map, pixels


@dataclass(frozen=True)
class GeneratorConfig:
    """The shape of G; stored in the manifest beside its weights."""

    side: int = 64  # of the pictures, pixels: 4 times a power of two
    latent: int = 128  # numbers of noise per picture
    channels: int = 32  # of the finest feature map; doubles with every halving of the side

    def __post_init__(self) -> None:
        if self.side < 8 or math.log2(self.side) % 1:
            raise ValueError(f"side must be a power of two, at least 8; got {self.side}")

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels of the feature maps, coarsest (4x4) first."""
        halvings = int(math.log2(self.side // COARSEST))
        return tuple(self.channels * 2**i for i in reversed(range(halvings)))


@dataclass(frozen=True)
class DiscriminatorConfig:
    """The shape of D."""

    side: int = 64  # of the pictures, pixels
    channels: int = 32  # of the finest feature map; doubles with every halving of the side
    spectral: bool = False  # divide every weight by its largest singular value (Miyato et al. 2018)


class Generator(nn.Module):
    """Noise (N, latent) in, pictures (N, 3, side, side) in [0, 1] out."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        widths = config.widths
        self.expand = nn.Linear(config.latent, widths[0] * COARSEST**2, bias=False)
        self.layers = nn.Sequential(nn.BatchNorm2d(widths[0]), nn.ReLU(inplace=True))
        for inputs, outputs in pairwise(widths):
            self.layers.append(nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False))
            self.layers.extend([nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)])
        self.layers.append(nn.ConvTranspose2d(widths[-1], 3, 4, stride=2, padding=1))
        for module in self.modules():
            if isinstance(module, nn.ConvTranspose2d | nn.Linear):
                nn.init.normal_(module.weight, std=0.02)

    def forward(self, z: Tensor) -> Tensor:
        if z.shape[1:] != (self.config.latent,):
            raise ValueError(f"expected (N, {self.config.latent}), got {tuple(z.shape)}")
        cells = self.expand(z).unflatten(1, (-1, COARSEST, COARSEST))  # (N, widths[0], 4, 4)
        picture: Tensor = 0.5 + 0.5 * torch.tanh(self.layers(cells))
        return picture

    @torch.no_grad()
    def settle(self, batches: int = 8, size: int = 64) -> None:
        """Measure the statistics of batch normalisation anew, over noise from a fixed seed, and leave training mode.

        Averaged (EMA) weights need it: statistics gathered in training belong to the weights of that moment.

        Source: Brock et al. 2019, "Large Scale GAN Training for High Fidelity Natural Image Synthesis"
        (BigGAN, "standing statistics").
        """
        norms = [module for module in self.modules() if isinstance(module, nn.BatchNorm2d)]
        momenta = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # a plain average over the batches
        self.train()
        for number in range(batches):
            self(noise(size, self.config.latent, number, self.expand.weight.device))
        self.eval()
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum


class Discriminator(nn.Module):
    """Pictures (N, 3, side, side) in [0, 1] in, logits (N,) out: high for real."""

    trainings: Tensor  # how often D was trained; kept with its weights, so that a resumed run keeps the rhythm of R1

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        self.config = config
        widths = GeneratorConfig(config.side, channels=config.channels).widths[::-1]  # finest first
        self.layers = nn.Sequential()
        for inputs, outputs in pairwise((3, *widths)):
            self.layers.append(nn.Conv2d(inputs, outputs, 4, stride=2, padding=1))
            self.layers.append(nn.LeakyReLU(0.2, inplace=True))
        self.layers.append(nn.Conv2d(widths[-1], 1, COARSEST))
        self.register_buffer("trainings", torch.zeros((), dtype=torch.int64))
        if config.spectral:
            for module in self.layers:
                if isinstance(module, nn.Conv2d):
                    spectral_norm(module)

    def forward(self, picture: Tensor) -> Tensor:
        side = self.config.side
        if picture.shape[1:] != (3, side, side):
            raise ValueError(f"expected (N, 3, {side}, {side}), got {tuple(picture.shape)}")
        logits: Tensor = self.layers(2 * picture - 1).flatten()
        return logits


def noise(count: int, latent: int, seed: int, device: torch.device | str = "cpu") -> Tensor:
    """z that depends on the seed only, not on the device: (count, latent), standard normal."""
    return torch.randn(count, latent, generator=torch.Generator().manual_seed(seed)).to(device)
