"""The network that finds a garment's landmarks: from its mask and the light and dark inside, never from its colours.

A small U-Net sees the garment cropped to a square. It says, at half the resolution, where each landmark lies (a map for
each name), and what is the garment's far inner side; and of the whole, which kind of garment it is, how long its
sleeves are and whether it opens in front. Drawn silhouettes are enough to learn it from (see `silhouettes`).

Sources: Ronneberger et al. 2015, "U-Net"; Nibali et al. 2018, "Numerical Coordinate Regression with Convolutional
Neural Networks" (the mean of a normalised map as a place finer than its cells).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from torch import Tensor, nn

from .landmarks import KINDS, NAMES, SLEEVES

FOLD = 2  # pixels along each axis that become channels: the maps are so much coarser than what is seen
CHANNELS = 3  # mask, light, edges
OTHER = "other"  # no garment that can be tried on
CLASSES = (*KINDS, OTHER)
NEAR = 2  # cells around a map's peak over which its mean is taken
MARGIN = 0.07  # of the garment's longer side, around it in the square that the network sees

Values = NDArray[np.float32]
Box = tuple[float, float, float, float]  # left, upper, right, lower


@dataclass(frozen=True)
class LandmarkConfig:
    """The shape of the network; stored in the manifest beside its weights."""

    side: int = 128  # pixels of the square that it sees
    names: tuple[str, ...] = NAMES  # of the landmarks, in the order of the maps
    widths: tuple[int, ...] = (24, 36, 56, 80, 96)  # channels at each level, each half as fine as the one before

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> LandmarkConfig:
        """From a manifest, whose lists become tuples."""
        return cls(int(content["side"]), tuple(content["names"]), tuple(content["widths"]))

    @property
    def cells(self) -> int:
        """Cells along a side of the maps."""
        return self.side // FOLD


class Read(NamedTuple):
    """What the network says, as logits."""

    maps: Tensor  # (N, names, cells, cells): where each landmark is; a softmax over all cells
    inside: Tensor  # (N, cells, cells): of showing the garment's far inner side
    classes: Tensor  # (N, len(CLASSES))
    sleeves: Tensor  # (N, len(SLEEVES))
    opens: Tensor  # (N,): of opening in front all the way


class LandmarkNetwork(nn.Module):
    """(N, CHANNELS, side, side) as `seen` makes it → `Read`."""

    def __init__(self, config: LandmarkConfig = LandmarkConfig()) -> None:
        super().__init__()
        self.config = config
        widths = config.widths
        self.first = nn.Conv2d(CHANNELS * FOLD**2, widths[0], 3, padding=1)
        self.down = nn.ModuleList([_block(widths[0], widths[0], 1), *(_block(a, b) for a, b in pairwise(widths))])
        self.context = nn.Linear(widths[-1], widths[-1])
        pairs = list(pairwise(widths))
        self.up = nn.ModuleList(_block(coarse + fine, fine) for fine, coarse in reversed(pairs))
        self.last = nn.Conv2d(widths[0], len(config.names) + 1, 3, padding=1)
        self.hidden = nn.Linear(2 * widths[-1], widths[-1])
        self.judged = nn.Linear(widths[-1], len(CLASSES) + len(SLEEVES) + 1)

    def forward(self, x: Tensor) -> Read:
        side = self.config.side
        if x.shape[1:] != (CHANNELS, side, side):
            raise ValueError(f"the network sees (N, {CHANNELS}, {side}, {side}), not {tuple(x.shape)}")
        x = self.first(F.pixel_unshuffle(x, FOLD))
        levels = []
        for depth, block in enumerate(self.down):
            x = block(F.max_pool2d(x, 2) if depth else x)
            levels.append(x)
        levels.pop()
        # Which garment it is decides where its landmarks can be.
        mean = x.mean(dim=(2, 3))
        whole = torch.cat([mean, x.amax(dim=(2, 3))], dim=1)
        x = x + self.context(mean)[:, :, None, None]
        for block in self.up:
            x = block(torch.cat([F.interpolate(x, scale_factor=2.0), levels.pop()], dim=1))
        planes = self.last(x)
        judged = self.judged(F.relu(self.hidden(whole)))
        classes, sleeves, opens = judged.split([len(CLASSES), len(SLEEVES), 1], dim=1)
        return Read(planes[:, :-1], planes[:, -1], classes, sleeves, opens[:, 0])


def places(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Where landmarks are, and how sure that is.

    Args:
        maps: (N, K, h, w) logits.

    Returns:
        (N, K, 2): x, y in cells, the middle of the first cell being 0.5; and (N, K): the share of the map that lies
        within `NEAR` cells of its peak, 0..1.
    """
    count, names, height, width = maps.shape
    shares = maps.flatten(2).softmax(dim=2)  # (N, K, h·w)
    peak = shares.argmax(dim=2, keepdim=True)
    cell = torch.arange(height * width, device=maps.device)
    x, y = cell % width, cell // width
    near = ((x - peak % width).abs() <= NEAR) & ((y - peak // width).abs() <= NEAR)
    close = shares * near
    sure = close.sum(dim=2)
    weights = close / sure.clamp(min=1e-6)[..., None]
    points = torch.stack([(weights * (x + 0.5)).sum(dim=2), (weights * (y + 0.5)).sum(dim=2)], dim=2)
    return points.reshape(count, names, 2), sure


def square(mask: Image.Image) -> Box:
    """The square around a garment that the network is to see, in pixels of the picture; it may reach beyond it.

    Raises:
        ValueError: the mask is empty.
    """
    box = mask.point([0] * 128 + [255] * 128).getbbox()
    if box is None:
        raise ValueError("an empty mask has no square around it")
    left, upper, right, lower = box
    half = max(right - left, lower - upper) * (0.5 + MARGIN)
    x, y = (left + right) / 2, (upper + lower) / 2
    return x - half, y - half, x + half, y + half


def cropped(plane: Image.Image, box: Box, side: int) -> Values:
    """A plane of mode L inside a square, (side, side) in 0..1; beyond the picture 0."""
    scale = (box[2] - box[0]) / side
    shrunk = plane.filter(ImageFilter.BoxBlur((scale - 1) / 2)) if scale > 1.5 else plane
    data = (scale, 0.0, box[0], 0.0, scale, box[1])
    small = shrunk.transform((side, side), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)
    return np.asarray(np.asarray(small) / 255, np.float32)


def seen(mask: Values, luma: Values) -> Values:
    """What the network sees of a garment cropped to a square.

    Args:
        mask, luma: (side, side) in 0..1.

    Returns:
        (CHANNELS, side, side): the mask; the luma inside it, in its own standard deviations; the strength of edges.
    """
    weight = mask / max(float(mask.sum()), 1e-6)
    mean = float((luma * weight).sum())
    spread = float(np.sqrt(((luma - mean) ** 2 * weight).sum()))
    light = np.clip((luma - mean) / max(spread, 0.02), -3, 3) * mask / 2
    across, down = np.gradient(luma / max(mean, 0.08))
    edges = np.clip(np.hypot(across, down) * 6, 0, 2) * (mask > 0.9)
    return np.stack([mask * 2 - 1, light, edges]).astype(np.float32)


def _block(inputs: int, outputs: int, depth: int = 2) -> nn.Sequential:
    layers: list[nn.Module] = []
    for number in range(depth):
        layers += [
            nn.Conv2d(inputs if number == 0 else outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers)
