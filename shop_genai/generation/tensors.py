"""Pictures ↔ tensors, here and nowhere else.

Pixels are (N, H, W, 3) or (H, W, 3) uint8; tensors are (N, 3, H, W) float32 in [0, 1], channels last in memory.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def to_tensor(pixels: NDArray[np.uint8], device: torch.device | str = "cpu") -> Tensor:
    """(N, H, W, 3) or (H, W, 3) uint8 → (N, 3, H, W) in [0, 1]; a single picture becomes a batch of one."""
    batch = pixels if pixels.ndim == 4 else pixels[None]
    # A copy: the array may be a read-only view of a picture's own memory.
    return torch.from_numpy(np.array(batch)).to(device).permute(0, 3, 1, 2).float().div(255)


def to_pixels(tensor: Tensor) -> NDArray[np.uint8]:
    """(N, 3, H, W), clamped to [0, 1] and rounded → (N, H, W, 3) uint8."""
    rounded = tensor.detach().float().clamp(0, 1).mul(255).round().byte()
    return np.ascontiguousarray(rounded.permute(0, 2, 3, 1).cpu().numpy())
