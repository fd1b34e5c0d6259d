"""A network of somebody else's, run as ours are: by tiles, with alpha, profiles and any size."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from ..params import SCALES
from ..tiles import Grid

TILE = 128  # largest side of a tile in units: these networks compute on the input's grid, and behind it on finer ones
LARGEST_HALO = 32  # units; deep networks see farther on paper, but weigh what is far by next to nothing


class Foreign:
    """Weights with one scale of their own.

    A smaller scale that divides it is reached by shrinking each tile; a larger one is not offered.

    Args:
        architecture: its name, as a manifest may give it.
        module: (N, 3, h, w) → (N, 3, h*factor, w*factor), values 0..1.
        factor: its own scale.
        unit: sides of the input must be multiples of it.
        reach: how many units away a pixel may still make a difference.
    """

    blends = False
    tile = TILE

    def __init__(self, architecture: str, module: nn.Module, factor: int, unit: int, reach: int) -> None:
        self.architecture = architecture
        self.own = factor
        self.scales = tuple(scale for scale in SCALES if factor % scale == 0)
        self._unit = unit
        self._halo = min(reach, LARGEST_HALO)
        self._module = module.eval().requires_grad_(False)
        self._ready: dict[tuple[torch.device, torch.dtype], nn.Module] = {}

    def factor(self, scale: int) -> int:
        return self.own

    def grid(self, scale: int) -> Grid:
        halo = self._halo * self._unit
        return Grid(self._unit, halo, halo)

    def network(self, strength: float, device: torch.device, dtype: torch.dtype) -> _Placed:
        """The network on a device; the last two places are kept."""
        key = (device, dtype)
        if key not in self._ready:
            placed = copy.deepcopy(self._module)
            self._ready[key] = placed.to(device, dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs lack this form
            if len(self._ready) > 2:
                del self._ready[next(iter(self._ready))]
        return _Placed(self._ready[key], dtype)


class _Placed:
    """A module with the signature that tiles are put through."""

    def __init__(self, module: nn.Module, dtype: torch.dtype) -> None:
        self.module = module
        self.dtype = dtype

    def __call__(self, low: Tensor, scale: int) -> Tensor:
        high: Tensor = self.module(low.to(self.dtype))
        return high.float()
