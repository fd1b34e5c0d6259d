"""How the enhancer is trained: its batches, its forward pass, and what D and G each learn from it.

The loop in `shop_genai.training.loop` alternates the two; this file holds only what is particular to the enhancer. Two
stages use it: `pixel` (no discriminator: closest to the truth on average) and `gan` (starts from the pixel weights:
sharp).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from shop_genai.generation import adversarial, tensors
from shop_genai.generation.example import Example
from shop_genai.generation.features.network import Classifier, perceptual_distance

from . import degradation, losses
from .discriminator import Discriminator, DiscriminatorConfig
from .network import Generator, GeneratorConfig

Batch = dict[str, Any]


@dataclass(frozen=True)
class PairSampler:
    """Makes a batch of (low, high) pairs; runs in the loader's processes, so it holds no tensors.

    All pairs of a batch have one scale. `low` is (N, patch/scale, patch/scale, 3), `high` is (N, patch, patch, 3),
    uint8.
    """

    patch: int = 128  # side of the target, pixels
    margin: int = 16  # degraded with the patch, then cut off on each side: real context for blur and JPEG
    # Scale: share of the batches.
    scales: Mapping[int, float] = field(default_factory=lambda: {2: 0.35, 1: 0.5, 4: 0.15})
    shrink_share: float = 0.3  # patches that are first shrunk to 60..100 %, for more variety in texture size
    candidates: int = 2  # patches drawn per picture; the one with most contrast is kept, plain backgrounds teach little

    @property
    def side(self) -> int:
        """Smallest usable side of a training picture, in pixels."""
        return self.patch + 2 * self.margin

    def __call__(self, examples: Sequence[Example], rng: np.random.Generator) -> Batch:
        scale = int(rng.choice(list(self.scales), p=list(self.scales.values())))
        pairs = [self.pair(example.picture, scale, rng) for example in examples]
        return {"scale": scale, "low": np.stack([p[0] for p in pairs]), "high": np.stack([p[1] for p in pairs])}

    def pair(
        self, picture: Image.Image, scale: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """One patch of a picture and its degraded version, randomly mirrored and turned."""
        crops = [self._crop(picture, rng) for _ in range(self.candidates)]
        high = max(crops, key=lambda crop: float(np.asarray(crop)[::4, ::4].std()))
        turn = int(rng.integers(8))
        if turn < 7:  # seven ways to turn or mirror, and one to leave it
            high = high.transpose(Image.Transpose(turn))
        low = degradation.degrade(high, scale, degradation.sample(rng))
        x, y = (int(rng.integers(2 * self.margin // scale + 1)) for _ in range(2))
        low_side, high_x, high_y = self.patch // scale, x * scale, y * scale
        return (
            np.asarray(low)[y : y + low_side, x : x + low_side],
            np.asarray(high)[high_y : high_y + self.patch, high_x : high_x + self.patch],
        )

    def _crop(self, picture: Image.Image, rng: np.random.Generator) -> Image.Image:
        largest = min(picture.size)
        side = self.side
        if rng.random() < self.shrink_share:
            side = min(largest, int(self.side / rng.uniform(0.6, 1.0)))
        x = int(rng.integers(picture.width - side + 1))
        y = int(rng.integers(picture.height - side + 1))
        return picture.resize((self.side, self.side), Image.Resampling.LANCZOS, box=(x, y, x + side, y + side))


@dataclass(frozen=True)
class EnhanceConfig:
    """Everything that decides what is learned; kept beside the checkpoint and in the manifest."""

    stage: str = "pixel"  # "pixel" or "gan"
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    sampler: PairSampler = field(default_factory=PairSampler)
    spectrum_weight: float = 0.1  # of the Fourier loss, against 1 for Charbonnier
    gan_weight: float = 0.01  # of the hinge loss of G
    matching_weight: float = 0.2  # of feature matching
    perceptual_weight: float = 0.25  # of the distance of the product classifier's features, in the GAN stage
    artefact_weight: float = 20.0  # of the LDL-weighted Charbonnier loss


class EnhanceTask:
    """The networks and the two backward passes."""

    name = "enhance"

    def __init__(self, config: EnhanceConfig, device: torch.device, classifier: Classifier | None = None) -> None:
        """`classifier`, which must not learn any more, is needed in the GAN stage if its loss has a weight."""
        if config.stage not in ("pixel", "gan"):
            raise ValueError(f"stage must be 'pixel' or 'gan', got {config.stage!r}")
        self.config = config
        self.device = device
        self.sampler = config.sampler
        self.generator: nn.Module = self._placed(Generator(config.generator))
        self.discriminator: nn.Module | None = None
        if config.stage == "gan":
            self.discriminator = self._placed(Discriminator(config.discriminator))
            if config.perceptual_weight and classifier is None:
                raise ValueError("the perceptual loss needs a classifier")
        self.classifier = classifier

    def forward(self, batch: Batch, steady: nn.Module, progress: float) -> None:
        """Run G, and in the GAN stage also the EMA copy of G, which tells artefacts from detail."""
        self.scale = int(batch["scale"])
        self.low = tensors.to_tensor(batch["low"], self.device)  # (N, 3, h, w)
        self.high = tensors.to_tensor(batch["high"], self.device)  # (N, 3, h*scale, w*scale)
        self.output = self.generator(self.low, self.scale)
        if self.discriminator is not None:
            with torch.no_grad():
                self.steady_output = steady(self.low, self.scale)

    def backward_D(self) -> dict[str, Tensor]:
        """D learns to tell the real pictures from G's."""
        if self.discriminator is None:
            raise RuntimeError("the pixel stage has no discriminator to train")
        real, _ = self.discriminator(self.high)
        fake, _ = self.discriminator(self.output.detach())
        loss = adversarial.hinge_discriminator(real, fake)
        torch.autograd.backward(loss)
        return {"d": loss.detach(), "d_real": real.detach().mean(), "d_fake": fake.detach().mean()}

    def backward_G(self) -> dict[str, Tensor]:
        """G learns to come close to the truth and, in the GAN stage, to look real to D."""
        config = self.config
        parts = {
            "charbonnier": losses.charbonnier(self.output, self.high),
            "spectrum": config.spectrum_weight * losses.spectrum_distance(self.output, self.high),
        }
        if self.discriminator is not None:
            fake, fake_features = self.discriminator(self.output)
            with torch.no_grad():
                _, real_features = self.discriminator(self.high)
            weight = losses.artefact_weight(self.output, self.steady_output, self.high)
            parts["gan"] = config.gan_weight * adversarial.hinge_generator(fake)
            parts["matching"] = config.matching_weight * losses.feature_matching(fake_features, real_features)
            if self.classifier is not None and config.perceptual_weight:
                distance = perceptual_distance(self.classifier, self.output, self.high)
                parts["perceptual"] = config.perceptual_weight * distance
            parts["artefact"] = config.artefact_weight * losses.charbonnier(self.output, self.high, weight=weight)
        torch.autograd.backward(torch.stack(list(parts.values())).sum())
        return {name: value.detach() for name, value in parts.items()}

    @torch.no_grad()
    def show(self, generator: nn.Module, pictures: Sequence[Image.Image], name: str) -> list[list[Image.Image]]:
        """Rows of (input enlarged, output, target) for each scale, from fixed degradations of the pictures' middles."""
        rows = []
        for index, picture in enumerate(pictures):
            for scale in self.sampler.scales:
                high = _middle(picture, 192)
                low = degradation.degrade(high, scale, degradation.sample(degradation.seeded(f"{name}{index}", scale)))
                output = generator(tensors.to_tensor(np.asarray(low), self.device), scale)
                better = Image.fromarray(tensors.to_pixels(output)[0])
                rows.append([low.resize(high.size, Image.Resampling.BICUBIC), better, high])
        return rows

    def _placed(self, network: nn.Module) -> nn.Module:
        return network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]  # as in pipeline.py


def _middle(picture: Image.Image, side: int) -> Image.Image:
    side = min(side, *(length // 4 * 4 for length in picture.size))
    x, y = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.crop((x, y, x + side, y + side))
