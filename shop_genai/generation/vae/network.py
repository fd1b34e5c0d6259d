"""A convolutional variational autoencoder for square pictures.

    x → encode → Posterior N(mean, exp(log_variance)) → sample: z = mean + exp(log_variance / 2) * noise → decode → x'

Source: Kingma and Welling 2014, "Auto-Encoding Variational Bayes"; convolutions of stride 2 as in Radford et al. 2016.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from . import losses

COARSEST = 4  # side of the feature map between the convolutions and the latent vector, pixels
SPATIAL = 8  # the same, where the latent vector is a map itself


@dataclass(frozen=True)
class VaeConfig:
    """The shape of a VAE; stored in the manifest beside its weights."""

    side: int = 64  # of the pictures, pixels: 4 times a power of two
    latent: int = 128  # numbers per picture
    channels: int = 32  # of the finest feature map; doubles with every halving of the side
    widest: int = 192  # largest number of channels
    scale: float = 0.1  # standard deviation of a pixel around its reconstruction: fixed, or where learning starts
    learned_scale: bool = True  # one scale for all pixels, learned with the weights
    spatial: bool = False  # z is a map of 8x8 cells: each number tells of its place only, and the same everywhere

    def __post_init__(self) -> None:
        if self.side < 8 or math.log2(self.side) % 1:
            raise ValueError(f"side must be a power of two, at least 8; got {self.side}")
        if not 1 <= self.latent <= 512:
            raise ValueError(f"latent must be in 1..512, got {self.latent}")
        if self.spatial and (self.latent % SPATIAL**2 or self.side <= SPATIAL):
            raise ValueError(f"a spatial latent fills {SPATIAL**2} cells of a larger picture evenly; got {self.latent}")
        if self.channels % 8 or self.widest % 8:
            raise ValueError("numbers of channels must be multiples of 8, the groups of their normalisation")

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels after each halving of the side, finest first."""
        return tuple(min(self.channels * 2**i, self.widest) for i in range(int(math.log2(self.side // self.coarsest))))

    @property
    def coarsest(self) -> int:
        """Side of the coarsest feature map, pixels."""
        return SPATIAL if self.spatial else COARSEST


@dataclass(frozen=True)
class Posterior:
    """What the encoder believes about z: a Gaussian with independent dimensions, for each picture of a batch."""

    mean: Tensor  # (N, L)
    log_variance: Tensor  # (N, L)

    def sample(self) -> Tensor:
        """z, (N, L), drawn from PyTorch's global random state so that gradients reach mean and variance.

        Source: Kingma and Welling 2014, section 2.4 (reparameterisation).
        """
        return self.mean + torch.exp(0.5 * self.log_variance) * torch.randn_like(self.mean)

    def mode(self) -> Tensor:
        """The most likely z, (N, L)."""
        return self.mean

    def kl(self) -> Tensor:
        """KL divergence from the prior N(0, 1) in nats, for each dimension of each picture: (N, L)."""
        return losses.gaussian_kl(self.mean, self.log_variance)


class Vae(nn.Module):
    """Encoder and decoder. Pictures are (N, 3, side, side) in [0, 1], z is (N, latent)."""

    log_scale: Tensor  # of the likelihood, scalar

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = config
        widths = config.widths
        self.encoder = nn.Sequential()
        for inputs, outputs in pairwise((3, *widths)):
            self.encoder.extend([nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), *_active(outputs)])
        # Without an activation: a mean may be any number, and so may the logarithm of a variance.
        self.mean, self.log_variance, self.expand = _joints(config)
        self.decoder = nn.Sequential(*_active(widths[-1]))
        for inputs, outputs in pairwise(reversed(widths)):
            self.decoder.extend([nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1), *_active(outputs)])
        # Not transposed: the last layer would leave its grid on even surfaces (Odena et al. 2016).
        self.decoder.extend([nn.Upsample(scale_factor=2), nn.Conv2d(widths[0], 3, 3, padding=1)])

        log_scale = torch.tensor(math.log(config.scale))
        if config.learned_scale:
            self.log_scale = nn.Parameter(log_scale)
        else:
            self.register_buffer("log_scale", log_scale)

    def encode(self, picture: Tensor) -> Posterior:
        """(N, 3, side, side) → the posterior of its z."""
        side = self.config.side
        if picture.shape[1:] != (3, side, side):
            raise ValueError(f"expected (N, 3, {side}, {side}), got {tuple(picture.shape)}")
        cells = self.encoder(2 * picture - 1)  # (N, widths[-1], coarsest, coarsest)
        cells = cells if self.config.spatial else cells.flatten(1)
        return Posterior(self.mean(cells).flatten(1), self.log_variance(cells).flatten(1))

    def decode(self, z: Tensor) -> Tensor:
        """(N, latent) → the mean of the pictures' distribution, (N, 3, side, side); hardly ever outside [0, 1]."""
        side = self.config.coarsest
        cells = self.expand(z.view(len(z), -1, side, side) if self.config.spatial else z)
        picture: Tensor = 0.5 + 0.5 * self.decoder(cells.view(len(z), -1, side, side))
        return picture

    def forward(self, picture: Tensor) -> tuple[Tensor, Posterior]:
        """A reconstruction from a sampled z, and the posterior that it was drawn from."""
        posterior = self.encode(picture)
        return self.decode(posterior.sample()), posterior


def _joints(config: VaeConfig) -> tuple[nn.Module, nn.Module, nn.Module]:
    """From the coarsest map to the mean and to the log variance, and from z to the coarsest map."""
    widest = config.widths[-1]
    if config.spatial:
        depth = config.latent // SPATIAL**2
        return nn.Conv2d(widest, depth, 1), nn.Conv2d(widest, depth, 1), nn.Conv2d(depth, widest, 3, padding=1)
    cells = widest * COARSEST**2
    return nn.Linear(cells, config.latent), nn.Linear(cells, config.latent), nn.Linear(config.latent, cells)


def _active(channels: int) -> tuple[nn.Module, nn.Module]:
    # Not batch normalisation: what a picture becomes must not depend on the batch that it comes in.
    return nn.GroupNorm(8, channels), nn.SiLU(inplace=True)
