"""A small residual network that names what a product photo shows.

Source: He et al. 2016, "Deep Residual Learning for Image Recognition", figures 2 and 3; a quarter of the width of their
ResNet-18, a stem without max-pooling, for pictures of 96 pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MEAN, SPREAD = 0.6, 0.28  # of the pixels of product photos; inputs are shifted and scaled by them


@dataclass(frozen=True)
class ClassifierConfig:
    """The shape of a classifier; stored in the manifest beside its weights."""

    classes: tuple[str, ...] = ()  # names, in the order of the outputs
    side: int = 96  # pixels of the squares that it is trained on
    widths: tuple[int, ...] = (24, 48, 96, 192)  # channels of the four stages; each halves the resolution
    dropout: float = 0.2  # of the pooled features, in training only

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ClassifierConfig:
        """As read from JSON, which knows lists only."""
        return cls(**{**values, "classes": tuple(values["classes"]), "widths": tuple(values["widths"])})


class Residual(nn.Module):
    """x + norm(conv(relu(norm(conv(x))))): He et al. 2016, figure 2; with a 1x1 convolution where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.short: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.short = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        inner = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.short(x) + self.norm2(self.conv2(inner)))


class Classifier(nn.Module):
    """Product photo in, one logit per class out.

    Input everywhere: (N, 3, H, W) in [0, 1]; H and W at least 32, best near `config.side`.
    """

    def __init__(self, config: ClassifierConfig) -> None:
        super().__init__()
        self.config = config
        first, *rest = config.widths
        self.stem = nn.Sequential(
            nn.Conv2d(3, first, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(first), nn.ReLU(inplace=True)
        )
        stages = [nn.Sequential(Residual(first, first, 1))]
        for inputs, outputs in zip(config.widths, rest, strict=False):
            stages.append(nn.Sequential(Residual(inputs, outputs, 2), Residual(outputs, outputs, 1)))
        self.stages = nn.ModuleList(stages)
        self.head = nn.Linear(config.widths[-1], len(config.classes))

    def maps(self, picture: Tensor) -> list[Tensor]:
        """Feature maps of the stages, (N, widths[i], H / 2**(i+1), W / 2**(i+1)), after their last ReLU."""
        if picture.shape[1] != 3 or min(picture.shape[-2:]) < 32:
            raise ValueError(f"expected (N, 3, H, W) with sides of at least 32, got {tuple(picture.shape)}")
        x = self.stem((picture - MEAN) / SPREAD)
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps

    def features(self, picture: Tensor) -> Tensor:
        """What the last stage sees, averaged over the picture: (N, widths[-1])."""
        return self.maps(picture)[-1].mean(dim=(2, 3))

    def forward(self, picture: Tensor) -> Tensor:
        pooled = F.dropout(self.features(picture), self.config.dropout, self.training)
        logits: Tensor = self.head(pooled)
        return logits


def perceptual_distance(classifier: Classifier, output: Tensor, target: Tensor) -> Tensor:
    """Mean squared distance of unit-length feature vectors, averaged over positions and over all stages but the last.

    Both pictures are (N, 3, H, W) in [0, 1]. The last stage knows what a thing is, no longer how its surface looks.

    Source: Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", eq. 1, with all
    channel weights equal.
    """
    maps_output = classifier.maps(output)[:-1]
    with torch.no_grad():
        maps_target = classifier.maps(target)[:-1]
    distances = [
        ((F.normalize(a, dim=1) - F.normalize(b, dim=1)) ** 2).sum(dim=1).mean()
        for a, b in zip(maps_output, maps_target, strict=True)
    ]
    return torch.stack(distances).mean()
