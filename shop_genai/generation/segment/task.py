"""How the segmentation network is trained, and how it is measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from shop_genai.generation import tensors
from shop_genai.generation.example import Example

from .classes import PERSON, bits, label_map, number
from .fitting import fitted
from .labelled import Labelled
from .losses import UNKNOWN_SOLD, marginal_loss, overlap_loss, sold_entropy
from .network import SegmentConfig, SegmentNetwork
from .sampler import SegmentSampler

Batch = dict[str, Any]
BACKGROUND = bits(["background"])


@dataclass(frozen=True)
class SegmentTaskConfig:
    """Everything that decides what is learned."""

    network: SegmentConfig = field(default_factory=SegmentConfig)
    sampler: SegmentSampler = field(default_factory=SegmentSampler)
    sold_weight: float = 1.0  # of the cross-entropy of what is sold
    overlap_weight: float = 0.5  # of its soft intersection over union


class SegmentTask:
    """The segmentation network and its backward pass; there is no discriminator."""

    name = "segment"

    def __init__(self, config: SegmentTaskConfig, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.sampler = config.sampler
        network = SegmentNetwork(config.network)
        self.generator: nn.Module = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs lack this form
        self.discriminator: nn.Module | None = None

    def forward(self, batch: Batch, steady: nn.Module, progress: float) -> None:
        """Run the network."""
        self.possible = torch.from_numpy(batch["possible"]).to(self.device)  # (N, H, W)
        self.sold = torch.from_numpy(batch["sold"]).to(self.device)
        self.logits = self.generator(tensors.to_tensor(batch["picture"], self.device)).float()  # (N, K + 1, H, W)

    def backward_D(self) -> dict[str, Tensor]:
        """There is nothing to tell real from made."""
        raise RuntimeError("the segmentation network has no discriminator to train")

    def backward_G(self) -> dict[str, Tensor]:
        """Learn what is possible, and what is sold."""
        parts = {
            "parse": marginal_loss(self.logits[:, :-1], self.possible),
            "sold": self.config.sold_weight * sold_entropy(self.logits[:, -1], self.sold),
            "overlap": self.config.overlap_weight * overlap_loss(self.logits[:, -1], self.sold),
        }
        torch.autograd.backward(torch.stack(list(parts.values())).sum())
        return {name: value.detach() for name, value in parts.items()}

    @torch.no_grad()
    def measure(self, network: nn.Module, examples: Sequence[Example]) -> dict[str, float]:
        """Mean intersection over union, at the network's own resolution, of what is known of the pictures.

        `product` of things shown alone, `garment` of what is sold when worn, `person` of who wears it.
        """
        training = network.training
        network.eval()
        found: defaultdict[str, list[float]] = defaultdict(list)
        for example in examples:
            if not isinstance(example, Labelled):
                continue
            picture = fitted(example.picture, self.config.network.side, self.config.network.multiple)
            logits = network(tensors.to_tensor(np.asarray(picture), self.device))[0].float().cpu().numpy()
            labels, sold = logits[:-1].argmax(axis=0), logits[-1] > 0
            known = _shrunk(example.possible.astype(np.int32), picture.size)
            truth = _shrunk(example.sold, picture.size)
            worn = bool((known & bits(PERSON)).any())
            if (truth == 1).any():
                found["garment" if worn else "product"].append(overlap(sold, truth == 1, truth != UNKNOWN_SOLD))
            if worn:
                person = np.isin(labels, [number(name) for name in PERSON])
                certain = (known == BACKGROUND) | (known & BACKGROUND == 0)
                found["person"].append(overlap(person, known & bits(PERSON) > 0, certain))
        network.train(training)
        return {name: float(np.mean(values)) for name, values in found.items()}

    @torch.no_grad()
    def show(self, generator: nn.Module, pictures: Sequence[Image.Image], name: str) -> list[list[Image.Image]]:
        """Rows of (picture, labels, what is sold)."""
        training = generator.training
        generator.eval()
        rows = []
        for picture in pictures:
            seen = fitted(picture, self.config.network.side, self.config.network.multiple)
            logits = generator(tensors.to_tensor(np.asarray(seen), self.device))[0].float().cpu()
            labels = label_map(logits[:-1].argmax(dim=0).byte().numpy()).convert("RGB")
            sold = Image.fromarray(logits[-1].sigmoid().mul(255).byte().numpy()).convert("RGB")
            rows.append([cell.resize((192, 192)) for cell in (seen, labels, sold)])
        generator.train(training)
        return rows


def overlap(found: np.ndarray, truth: np.ndarray, known: np.ndarray | None = None) -> float:
    """Intersection over union of two masks, where it is known; 1 where both are empty."""
    if known is not None:
        found, truth = found & known, truth & known
    union = int((found | truth).sum())
    return float((found & truth).sum() / union) if union else 1.0


def _shrunk(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.NEAREST))
