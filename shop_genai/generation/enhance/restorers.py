"""Weights that can restore: ours, which blend by strength, behind the interface that other people's share.

`strength` blends two weight sets of one network, the pixel-loss weights (0) and the GAN weights (1). Source: Wang et
al. 2018, "ESRGAN", section 3.4 (network interpolation).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import torch
from torch import Tensor

from .network import GRID, Generator, GeneratorConfig
from .params import SCALES
from .tiles import Grid

TILE = 160  # largest side of a tile on the trunk's grid; a frame around a 512x512 result still fits into one
HALO = 10  # on the same grid, on each side; more changes no pixel by more than 2/255 (tests/generation/enhance)
BORDER = 6  # on the same grid, mirrored around the picture; more changes no pixel by more than 1/255
READY = 3  # networks that are kept ready, one for each strength and place

Network = Callable[
    [Tensor, int], Tensor
]  # (N, 3, h, w) in [0, 1] and the scale asked for → (N, 3, h*f, w*f), f: factor


class Restorer(Protocol):
    """Weights of some architecture."""

    @property
    def scales(self) -> tuple[int, ...]:
        """What may be asked for, rising."""

    @property
    def blends(self) -> bool:
        """Whether strength makes a difference."""

    @property
    def tile(self) -> int:
        """Largest side of a tile, in units of the grid."""

    def factor(self, scale: int) -> int:
        """By what the network itself enlarges when `scale` is asked for; a multiple of it."""

    def grid(self, scale: int) -> Grid:
        """What the network asks of its tiles."""

    def network(self, strength: float, device: torch.device, dtype: torch.dtype) -> Network:
        """The network for one strength, ready on a device."""


class Blended:
    """Our generator's weights.

    Args:
        config: the shape of the network.
        states: "pixel" and, unless there is one sharpness only, "gan" → state dict of a `Generator` of that shape.
    """

    scales = SCALES
    tile = TILE

    def __init__(self, config: GeneratorConfig, states: Mapping[str, dict[str, Tensor]]) -> None:
        self.config = config
        self.states = states
        self._ready: dict[tuple[float, torch.device, torch.dtype], Generator] = {}  # the last used last

    @property
    def blends(self) -> bool:
        return "gan" in self.states

    def factor(self, scale: int) -> int:
        return scale

    def grid(self, scale: int) -> Grid:
        unit = GRID // scale
        return Grid(unit, HALO * unit, BORDER * unit)

    def network(self, strength: float, device: torch.device, dtype: torch.dtype) -> Generator:
        """Weights blended, convolutions folded."""
        key = (strength if self.blends else 0.0, device, dtype)
        network = self._ready.pop(key, None)
        if network is None:
            network = Generator(self.config)
            network.load_state_dict(self._blend(key[0]))
            network.fold().requires_grad_(False)
            network = network.to(device, dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs lack this form
        self._ready[key] = network
        if len(self._ready) > READY:
            del self._ready[next(iter(self._ready))]
        return network

    def _blend(self, strength: float) -> dict[str, Tensor]:
        pixel = self.states["pixel"]
        if not strength:
            return pixel
        gan = self.states["gan"]
        return {name: torch.lerp(pixel[name], gan[name], strength) for name in pixel}
