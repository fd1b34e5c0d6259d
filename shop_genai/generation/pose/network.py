"""The network: where each joint is, as a map of odds, and what the whole picture says of it.

A small residual U-Net from full resolution to 1/32 and back to 1/4, where a map for each joint is read; from the
coarsest level it says which joints are in the picture, which way the person faces, and how many people there are.

Sources: Newell et al. 2016, "Stacked Hourglass Networks" (maps of joints from a network that narrows and widens);
Ronneberger et al. 2015, "U-Net".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .keypoints import NAMES, Facing

STRIDE = 4  # pixels of the picture for one of the maps
FACINGS: tuple[Facing, ...] = ("front", "back")  # from the side: told by the shoulders
COUNTS = 3  # nobody, one, several


@dataclass(frozen=True)
class PoseConfig:
    """The shape of the network; stored in the manifest beside its weights."""

    width: int = 192  # pixels of the picture that it sees
    height: int = 256
    widths: tuple[int, ...] = (16, 32, 64, 112, 160)  # channels at 1/2, 1/4, 1/8, 1/16 and 1/32

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> PoseConfig:
        """From a manifest, whose lists become tuples."""
        return cls(int(content["width"]), int(content["height"]), tuple(content["widths"]))


class Found(NamedTuple):
    """What the network says of a batch; logits."""

    maps: Tensor  # (N, 17, H / 4, W / 4)
    inside: Tensor  # (N, 17): whether the joint lies in the picture
    facing: Tensor  # (N, 2), of FACINGS
    people: Tensor  # (N, 3): nobody, one, several


class PoseNetwork(nn.Module):
    """Pictures (N, 3, H, W) in [0, 1], sides multiples of 32 → `Found`."""

    def __init__(self, config: PoseConfig = PoseConfig()) -> None:
        super().__init__()
        self.config = config
        widths = config.widths
        self.first = _layer(3 * 4, widths[0])
        self.down = nn.ModuleList(nn.Sequential(_layer(a, b, 2), Block(b)) for a, b in pairwise(widths))
        self.context = nn.Linear(widths[-1], widths[-1])
        self.finer = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in reversed(list(pairwise(widths))[1:]))
        self.up = nn.ModuleList(Block(width) for width in reversed(widths[1:-1]))
        self.maps = nn.Conv2d(widths[1], len(NAMES), 1)
        self.whole = nn.Sequential(nn.Linear(2 * widths[-1], 96), nn.ReLU())
        self.inside = nn.Linear(96, len(NAMES))
        self.facing = nn.Linear(96, len(FACINGS))
        self.people = nn.Linear(96, COUNTS)

    def forward(self, picture: Tensor) -> Found:
        x = self.first(F.pixel_unshuffle(picture * 2 - 1, 2))
        levels = []
        for stage in self.down:
            x = stage(x)
            levels.append(x)
        coarsest = levels.pop()
        mean = coarsest.mean(dim=(2, 3))
        whole = self.whole(torch.cat([mean, coarsest.amax(dim=(2, 3))], dim=1))
        x = coarsest + self.context(mean)[:, :, None, None]
        for finer, block in zip(self.finer, self.up, strict=True):
            x = block(F.interpolate(finer(x), scale_factor=2.0) + levels.pop())
        return Found(self.maps(x), self.inside(whole), self.facing(whole), self.people(whole))


class Block(nn.Module):
    """Two convolutions beside a straight way."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(_layer(width, width), nn.Conv2d(width, width, 3, padding=1, bias=False))
        self.norm = nn.BatchNorm2d(width)
        nn.init.zeros_(self.norm.weight)  # a new block says nothing

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.norm(self.inner(x)))


def _layer(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )
