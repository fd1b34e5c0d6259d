"""The network: a plain U-Net that says of each pixel which class it has and whether it belongs to what is sold.

The picture enters with its pixels folded 2 x 2 into channels and leaves unfolded, so the widest convolutions work on a
quarter of the pixels. Only plain 3 x 3 convolutions: they are what a CPU does fastest.

Sources: Ronneberger et al. 2015, "U-Net"; Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution Using an
Efficient Sub-Pixel Convolutional Neural Network", section 2 (folding and unfolding).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .classes import CLASSES

FOLD = 2  # pixels along each axis that become channels


@dataclass(frozen=True)
class SegmentConfig:
    """The shape of the network; stored in the manifest beside its weights."""

    classes: tuple[str, ...] = CLASSES
    side: int = 160  # pixels: pictures are fitted to about this number squared
    widths: tuple[int, ...] = (24, 48, 72, 112, 160)  # channels at each level, each half as fine as the one before

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> SegmentConfig:
        """From a manifest, whose lists become tuples."""
        return cls(tuple(content["classes"]), int(content["side"]), tuple(content["widths"]))

    @property
    def multiple(self) -> int:
        """Both sides of what the network sees are multiples of this."""
        return int(FOLD * 2 ** (len(self.widths) - 1))


class SegmentNetwork(nn.Module):
    """Pictures (N, 3, H, W) in [0, 1] → logits (N, K + 1, H, W): K classes, and at the end that of being sold."""

    def __init__(self, config: SegmentConfig = SegmentConfig()) -> None:
        super().__init__()
        self.config = config
        widths = config.widths
        self.first = nn.Conv2d(3 * FOLD**2, widths[0], 3, padding=1)
        # At the finest level, which costs most, one convolution a block.
        self.down = nn.ModuleList([_block(widths[0], widths[0], 1), *(_block(a, b) for a, b in pairwise(widths))])
        self.context = nn.Linear(widths[-1], widths[-1])
        pairs = list(pairwise(widths))
        self.up = nn.ModuleList(
            _block(coarse + fine, fine, 2 if depth else 1) for depth, (fine, coarse) in reversed(list(enumerate(pairs)))
        )
        self.last = nn.Conv2d(widths[0], (len(config.classes) + 1) * FOLD**2, 3, padding=1)

    def forward(self, picture: Tensor) -> Tensor:
        x = self.first(F.pixel_unshuffle(picture * 2 - 1, FOLD))
        levels = []
        for depth, block in enumerate(self.down):
            x = block(F.max_pool2d(x, 2) if depth else x)
            levels.append(x)
        levels.pop()
        # What kind of picture it is decides what its pixels can be.
        x = x + self.context(x.mean(dim=(2, 3)))[:, :, None, None]
        for block in self.up:
            x = block(torch.cat([F.interpolate(x, scale_factor=2.0), levels.pop()], dim=1))
        logits: Tensor = F.pixel_shuffle(self.last(x), FOLD)
        return logits


def _block(inputs: int, outputs: int, depth: int = 2) -> nn.Sequential:
    layers: list[nn.Module] = []
    for number in range(depth):
        layers += [
            nn.Conv2d(inputs if number == 0 else outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers)
