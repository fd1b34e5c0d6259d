"""How the DCGAN is trained: D and G in turn, with the non-saturating loss and what keeps the two in balance."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from shop_genai.generation import adversarial, squares, tensors
from shop_genai.generation.example import Example

from .network import Discriminator, DiscriminatorConfig, Generator, GeneratorConfig, noise

Batch = dict[str, Any]
SHOWN = 8  # pictures in a row of samples
ROWS = 6


@dataclass(frozen=True)
class DcganConfig:
    """Everything that decides what is learned. Choose `gamma` > 0 (R1), `discriminator.spectral`, or both."""

    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    gamma: float = 0.5  # weight of R1, for pictures in [0, 1]; 0: none
    interval: int = 16  # trainings of D between two penalties, each of which then counts as many times
    noise: float = 0.1  # standard deviation of the instance noise at the start, for pictures in [0, 1]
    noise_until: float = 0.5  # share of the run after which it is gone; it falls linearly
    augment: squares.Change | None = None  # of the training pictures; None: half of them are mirrored


class DcganTask:
    """The networks, the two backward passes, and what a trained G is worth."""

    name = "dcgan"

    def __init__(self, config: DcganConfig, device: torch.device) -> None:
        if config.generator.side != config.discriminator.side:
            raise ValueError(f"G draws {config.generator.side} pixels, D judges {config.discriminator.side}")
        self.config = config
        self.device = device
        self.sampler = squares.SquareSampler(config.generator.side, config.augment)
        self.generator: nn.Module = Generator(config.generator).to(device)
        self.discriminator: nn.Module | None = Discriminator(config.discriminator).to(device)
        self.penalty = torch.zeros((), device=device)  # R1 as last measured

    def forward(self, batch: Batch, steady: nn.Module, progress: float) -> None:
        """Draw as many pictures as the batch has."""
        self.real = tensors.to_tensor(batch["picture"], self.device)  # (N, 3, side, side)
        self.spread = self.config.noise * max(0.0, 1 - progress / self.config.noise_until)
        z = torch.randn(len(self.real), self.config.generator.latent, device=self.device)
        self.output = self.generator(z)

    def backward_D(self) -> dict[str, Tensor]:
        """D learns to tell real from drawn; now and then it is held flat at real pictures."""
        judge = _discriminator(self.discriminator)
        real = judge(adversarial.instance_noise(self.real, self.spread))
        fake = judge(adversarial.instance_noise(self.output.detach(), self.spread))
        loss = adversarial.non_saturating_discriminator(real, fake)
        torch.autograd.backward(loss)
        if self.config.gamma and int(judge.trainings) % self.config.interval == 0:
            self._penalise(judge)
        judge.trainings += 1
        return {
            "d": loss.detach(),
            "d_real": real.detach().mean(),
            "d_fake": fake.detach().mean(),
            "r1": self.penalty,
            "noise": torch.tensor(self.spread),
        }

    def backward_G(self) -> dict[str, Tensor]:
        """G learns to look real to D."""
        fake = _discriminator(self.discriminator)(adversarial.instance_noise(self.output, self.spread))
        loss = adversarial.non_saturating_generator(fake)
        torch.autograd.backward(loss)
        return {"g": loss.detach()}

    @torch.no_grad()
    def show(self, generator: nn.Module, pictures: Sequence[Image.Image], name: str) -> list[list[Image.Image]]:
        """A row of real pictures, then rows drawn from noise that is the same each time."""
        side = self.config.generator.side
        drawn = self.samples(generator, SHOWN * ROWS, 0)
        rows = [drawn[first : first + SHOWN] for first in range(0, len(drawn), SHOWN)]
        return [[squares.squared(picture, side) for picture in pictures[:SHOWN]], *rows]

    @torch.no_grad()
    def samples(self, generator: nn.Module, count: int, seed: int) -> list[Image.Image]:
        """Pictures from noise of that seed."""
        return [picture for batch in self._drawn(generator, count, seed) for picture in squares.to_pictures(batch)]

    @torch.no_grad()
    def measure(self, generator: nn.Module, examples: Sequence[Example]) -> dict[str, float]:
        """Figures on plain pixels, against real pictures; distances of distributions need an extractor of features.

        `variety` and `variety_real`: root mean square distance between two different pictures, drawn and real;
        `distance`: between the mean drawn and the mean real picture. With all pictures alike, variety is 0.
        """
        real = squares.to_batch([example.picture for example in examples], self.config.generator.side)
        fake = torch.cat(list(self._drawn(generator, len(real), 1))).cpu()
        distance = (real.mean(dim=0) - fake.mean(dim=0)).square().mean().sqrt()
        return {"variety": variety(fake), "variety_real": variety(real), "distance": float(distance)}

    def _penalise(self, judge: Discriminator) -> None:
        # In float32, also where the rest is computed in bfloat16: it is a derivative of a derivative.
        with torch.autocast(self.device.type, enabled=False):
            real = self.real.detach().requires_grad_(True)
            penalty = adversarial.r1_penalty(judge(real), real, self.config.gamma)
            torch.autograd.backward(self.config.interval * penalty)
        self.penalty = penalty.detach()

    def _drawn(self, generator: nn.Module, count: int, seed: int) -> list[Tensor]:
        settled = copy.deepcopy(generator)
        if not isinstance(settled, Generator):
            raise TypeError(f"expected a Generator, got {type(settled).__name__}")
        settled.settle()
        codes = noise(count, self.config.generator.latent, seed, self.device)
        return [settled(z) for z in torch.split(codes, 64)]


def variety(pictures: Tensor) -> float:
    """Root mean square difference of two different pictures of a batch, which is sqrt(2 variance); 0 for one alone."""
    if len(pictures) < 2:
        return 0.0
    return float(np.sqrt(2 * float(pictures.var(dim=0).mean())))


def _discriminator(network: nn.Module | None) -> Discriminator:
    if not isinstance(network, Discriminator):
        raise TypeError(f"expected a Discriminator, got {type(network).__name__}")
    return network
