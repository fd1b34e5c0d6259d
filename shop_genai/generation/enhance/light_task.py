"""How the light network is trained: good photos, spoiled at random, are to come back.

The error is measured on thumbnails, in the encoded values that people see. A photo that came as it was must stay: those
count double.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn

from shop_genai.generation import tensors
from shop_genai.generation.example import Example

from . import faults
from .light import LightConfig, LightNetwork, adjusted

Batch = dict[str, Any]


@dataclass(frozen=True)
class SpoiledSampler:
    """Makes a batch of thumbnails; `spoiled` and `good` are (N, side, side, 3) uint8, `harmless` is (N,) bool."""

    side: int = 64  # pixels
    smallest: float = 0.3  # share of the picture that a view shows at least, along each axis

    def __call__(self, examples: Sequence[Example], rng: np.random.Generator) -> Batch:
        good, spoiled, harmless = [], [], []
        for example in examples:
            view = self._view(example.picture, rng)
            fault = faults.sample(rng)
            good.append(view)
            spoiled.append(faults.spoil(view, fault))
            harmless.append(fault.harmless)
        return {"good": np.stack(good), "spoiled": np.stack(spoiled), "harmless": np.array(harmless)}

    def _view(self, picture: Image.Image, rng: np.random.Generator) -> np.ndarray[Any, np.dtype[np.uint8]]:
        width = round(picture.width * rng.uniform(self.smallest, 1.0))
        height = round(picture.height * rng.uniform(self.smallest, 1.0))
        x, y = int(rng.integers(picture.width - width + 1)), int(rng.integers(picture.height - height + 1))
        view = picture.resize((self.side, self.side), Image.Resampling.BOX, box=(x, y, x + width, y + height))
        return np.asarray(ImageOps.mirror(view) if rng.random() < 0.5 else view)


@dataclass(frozen=True)
class LightTaskConfig:
    """Everything that decides what is learned."""

    network: LightConfig = field(default_factory=LightConfig)
    sampler: SpoiledSampler = field(default_factory=SpoiledSampler)
    harmless_weight: float = 2.0  # of photos that came as they were, against 1
    size_weight: float = 0.02  # of the mean absolute correction: without evidence, none


class LightTask:
    """The light network and its backward pass; there is no discriminator."""

    name = "light"

    def __init__(self, config: LightTaskConfig, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.sampler = config.sampler
        self.generator: nn.Module = LightNetwork(config.network).to(device)
        self.discriminator: nn.Module | None = None

    def forward(self, batch: Batch, steady: nn.Module, progress: float) -> None:
        """Estimate the correction and apply it."""
        spoiled = tensors.to_tensor(batch["spoiled"], self.device)  # (N, 3, side, side)
        self.good = tensors.to_tensor(batch["good"], self.device)
        self.harmless = torch.from_numpy(batch["harmless"]).to(self.device)
        self.correction = self.generator(spoiled)  # (N, 4)
        self.output = adjusted(spoiled, self.correction)

    def backward_D(self) -> dict[str, Tensor]:
        """There is nothing to tell real from made."""
        raise RuntimeError("the light network has no discriminator to train")

    def backward_G(self) -> dict[str, Tensor]:
        """Come close to the good photo, with as little correction as that takes."""
        errors = (self.output - self.good).abs().mean(dim=(1, 2, 3))  # (N,)
        weights = torch.where(self.harmless, self.config.harmless_weight, 1.0)
        parts = {
            "error": (errors * weights).mean(),
            "size": self.config.size_weight * self.correction.abs().mean(),
        }
        torch.autograd.backward(torch.stack(list(parts.values())).sum())
        return {name: value.detach() for name, value in parts.items()}

    @torch.no_grad()
    def show(self, generator: nn.Module, pictures: Sequence[Image.Image], name: str) -> list[list[Image.Image]]:
        """Rows of (spoiled, mended, good)."""
        rows = []
        for number, picture in enumerate(pictures):
            rng = np.random.default_rng(number)
            good = np.asarray(picture.resize((192, 192), Image.Resampling.BOX))
            fault = faults.Fault(float(rng.uniform(-1.2, 0.2)), float(rng.uniform(-0.3, 0.3)))
            spoiled = faults.spoil(good, fault)
            side = self.config.network.side
            small = np.asarray(Image.fromarray(spoiled).resize((side, side), Image.Resampling.BOX))
            correction = generator(tensors.to_tensor(small, self.device))
            mended = tensors.to_pixels(adjusted(tensors.to_tensor(spoiled, self.device), correction))[0]
            rows.append([Image.fromarray(pixels) for pixels in (spoiled, mended, good)])
        return rows
