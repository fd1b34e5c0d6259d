"""Compact: a plain stack of 3x3 convolutions on the input's grid, with one pixel shuffle at the end.

Source: Wang et al. 2021, "Real-ESRGAN", and its later small models ("SRVGGNetCompact"); pixel shuffle: Shi et al. 2016,
eq. 4.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

NAME = "compact"
KEY = re.compile(r"body\.(\d+)\.(weight|bias)")


@dataclass(frozen=True)
class CompactConfig:
    """The shape of a network."""

    channels: int
    convolutions: int  # in the trunk, without the first and the last
    scale: int
    parametric: bool  # PReLU with a slope for each channel; else plain ReLU


class Compact(nn.Module):
    """(N, 3, h, w) → (N, 3, h*scale, w*scale): detail on top of each pixel repeated."""

    def __init__(self, config: CompactConfig) -> None:
        super().__init__()
        self.scale = config.scale
        layers: list[nn.Module] = []
        inputs = 3
        for _ in range(config.convolutions + 1):
            layers.append(nn.Conv2d(inputs, config.channels, 3, padding=1))
            layers.append(nn.PReLU(config.channels) if config.parametric else nn.ReLU(inplace=True))
            inputs = config.channels
        layers.append(nn.Conv2d(inputs, 3 * config.scale**2, 3, padding=1))
        self.body = nn.Sequential(*layers)

    def forward(self, low: Tensor) -> Tensor:
        detail = F.pixel_shuffle(self.body(low), self.scale)  # (N, 3, h*s, w*s)
        return detail.float() + F.interpolate(low.float(), scale_factor=self.scale, mode="nearest")


def read_config(state: Mapping[str, Tensor]) -> CompactConfig | None:
    """The shape that the names and shapes of tensors tell; None: they are not those of a Compact network."""
    matches = [KEY.fullmatch(name) for name in state]
    numbers = {int(match[1]) for match in matches if match}
    if not numbers or not all(matches):
        return None
    last = max(numbers)
    kernels = {n: tuple(state[f"body.{n}.weight"].shape) for n in numbers if f"body.{n}.weight" in state}
    convolutions = set(range(0, last + 1, 2))
    if last % 2 or not all(len(kernels.get(n, ())) == 4 for n in convolutions):
        return None
    channels, inputs = kernels[0][:2]
    scale = math.isqrt(kernels[last][0] // 3)
    slopes = numbers - convolutions
    if inputs != 3 or not scale or slopes not in (set(), set(range(1, last, 2))):
        return None
    config = CompactConfig(channels, last // 2 - 1, scale, bool(slopes))
    with torch.device("meta"):
        expected = {name: tensor.shape for name, tensor in Compact(config).state_dict().items()}
    return config if expected == {name: tensor.shape for name, tensor in state.items()} else None


def reach(config: CompactConfig) -> int:
    """How many input pixels away a pixel still counts: one for each convolution."""
    return config.convolutions + 2
