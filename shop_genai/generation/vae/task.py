"""How the VAE is trained and judged: one loss, the evidence lower bound; there is no discriminator."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn

from shop_genai.generation import squares, tensors
from shop_genai.generation.example import Example

from . import losses, paths, pca
from .network import Posterior, Vae, VaeConfig

Batch = dict[str, Any]
ACTIVE = 0.01  # a dimension is active if its posterior mean varies by more than this over the pictures
SHOWN = 8  # pictures in a row of samples
LARGEST_PCA = 2000  # training pictures, mirrored ones counted: its time grows with the square of their number


@dataclass(frozen=True)
class VaeTaskConfig:
    """Everything that decides what is learned."""

    network: VaeConfig = field(default_factory=VaeConfig)
    beta: float = 1.0  # weight of the KL term; 1 is the evidence lower bound, less gives sharper reconstructions
    warmup: float = 0.1  # share of the run over which beta rises from zero
    free_bits: float = 0.0  # nats per dimension that cost nothing more than this
    augment: squares.Change | None = None  # of the training pictures; None: half of them are mirrored


class VaeTask:
    """The network, its backward pass, and what a trained one is worth."""

    name = "vae"

    def __init__(self, config: VaeTaskConfig, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.sampler = squares.SquareSampler(config.network.side, config.augment)
        self.generator: nn.Module = Vae(config.network).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs lack this form
        self.discriminator: nn.Module | None = None

    def forward(self, batch: Batch, steady: nn.Module, progress: float) -> None:
        """Encode, draw z, decode."""
        self.picture = tensors.to_tensor(batch["picture"], self.device)  # (N, 3, side, side)
        self.beta = self.config.beta * min(1.0, progress / self.config.warmup if self.config.warmup else 1.0)
        self.output: Tensor
        self.posterior: Posterior
        self.output, self.posterior = self.generator(self.picture)

    def backward_D(self) -> dict[str, Tensor]:
        """There is nothing to tell real from made."""
        raise RuntimeError("the VAE has no discriminator to train")

    def backward_G(self) -> dict[str, Tensor]:
        """Minimise nll + beta * KL, divided by the number of a picture's values: nats per dimension."""
        scale = _vae(self.generator).log_scale
        nll, kl = losses.gaussian_nll(self.output, self.picture, scale), self.posterior.kl()
        loss = nll.mean() + self.beta * losses.with_free_bits(kl, self.config.free_bits)
        torch.autograd.backward(loss / self.picture[0].numel())
        with torch.no_grad():
            return {
                "elbo": losses.elbo(nll, kl).mean() / self.picture[0].numel(),  # nats per dimension
                "kl": kl.sum(dim=1).mean(),  # nats per picture
                "psnr": losses.psnr(self.output, self.picture).mean(),  # dB, of reconstructions from a drawn z
                "scale": scale.detach().exp(),
                "beta": torch.tensor(self.beta),
            }

    @torch.no_grad()
    def show(self, generator: nn.Module, pictures: Sequence[Image.Image], name: str) -> list[list[Image.Image]]:
        """Rows: pictures; their reconstructions; prior samples; from the first picture to the second, on the great
        arc and on the straight line.
        """
        network = _vae(generator)
        side = self.config.network.side
        known = squares.to_batch(pictures[:SHOWN], side, self.device)
        codes = network.encode(known).mode()
        rows = [known, network.decode(codes), network.decode(self._noise(SHOWN, 0))]
        if len(codes) > 1:
            rows += [network.decode(path(codes[0], codes[1], SHOWN)) for path in (paths.spherical, paths.linear)]
        return [squares.to_pictures(row) for row in rows]

    @torch.no_grad()
    def samples(self, generator: nn.Module, count: int, seed: int) -> list[Image.Image]:
        """Pictures from the prior."""
        codes = torch.split(self._noise(count, seed), 64)
        return [picture for z in codes for picture in squares.to_pictures(_vae(generator).decode(z))]

    @torch.no_grad()
    def measure(
        self, generator: nn.Module, examples: Sequence[Example], training: Sequence[Example] = ()
    ) -> dict[str, float]:
        """Figures over pictures that training did not see.

        `psnr` (dB, over RGB, of reconstructions from the mode), `elbo` (nats per dimension, one draw of z per picture
        from a fixed seed), `kl` (nats per picture), `active` (dimensions whose mean varies by more than `ACTIVE`),
        `scale`; with `training` also `psnr_pca`: as many principal components of those pictures as z has numbers; and
        `psnr_mean`: their mean picture, which is what a collapsed VAE draws.

        Source: Burda et al. 2016, "Importance Weighted Autoencoders" (active units).
        """
        network = _vae(generator)
        ratios, bounds, costs, means = [], [], [], []
        noise = torch.Generator().manual_seed(0)
        for picture in self._batches(examples):
            posterior = network.encode(picture)
            drawn = torch.randn(posterior.mean.shape, generator=noise).to(self.device)
            z = posterior.mean + (0.5 * posterior.log_variance).exp() * drawn
            nll = losses.gaussian_nll(network.decode(z), picture, network.log_scale)
            kl = posterior.kl()
            bounds.append(losses.elbo(nll, kl) / picture[0].numel())
            costs.append(kl.sum(dim=1))
            means.append(posterior.mean)
            ratios.append(losses.psnr(network.decode(posterior.mode()), picture))
        figures = {
            "psnr": float(torch.cat(ratios).mean()),
            "elbo": float(torch.cat(bounds).mean()),
            "kl": float(torch.cat(costs).mean()),
            "active": float((torch.cat(means).var(dim=0, unbiased=False) > ACTIVE).sum()),
            "scale": math.exp(float(network.log_scale)),
        }
        return figures | (self._linear(examples, training) if training else {})

    def _linear(self, examples: Sequence[Example], training: Sequence[Example]) -> dict[str, float]:
        """What the mean picture and principal components reach."""
        seen = training[:: math.ceil(2 * len(training) / LARGEST_PCA)]
        both = [Example(turned(e.picture)) for e in seen for turned in (lambda p: p, ImageOps.mirror)]  # as the sampler
        known, asked = (torch.cat(list(self._batches(e))).cpu() for e in (both, examples))
        floats = self.config.network.latent
        drawn = pca.reconstructed(known.flatten(1).numpy(), asked.flatten(1).numpy(), floats)
        linear = torch.from_numpy(drawn.astype(np.float32)).view_as(asked)
        mean = known.mean(dim=0, keepdim=True).expand_as(asked)
        return {
            "psnr_pca": float(losses.psnr(linear, asked).mean()),
            "psnr_mean": float(losses.psnr(mean, asked).mean()),
        }

    def _batches(self, examples: Sequence[Example]) -> Iterator[Tensor]:
        for first in range(0, len(examples), 64):
            pictures = [example.picture for example in examples[first : first + 64]]
            yield squares.to_batch(pictures, self.config.network.side, self.device)

    def _noise(self, count: int, seed: int) -> Tensor:
        """(count, latent), the same on every device."""
        source = torch.Generator().manual_seed(seed)
        return torch.randn(count, self.config.network.latent, generator=source).to(self.device)


def _vae(network: nn.Module) -> Vae:
    if not isinstance(network, Vae):
        raise TypeError(f"expected a Vae, got {type(network).__name__}")
    return network
