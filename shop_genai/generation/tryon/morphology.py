"""Masks made wider and narrower, in squares: rows first, then columns, so that the cost grows with the radius only."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def grown(planes: Tensor, radius: int) -> Tensor:
    """The largest value within so many pixels along both axes. (…, h, w) of any number of axes."""
    wide = planes.reshape(-1, 1, *planes.shape[-2:])
    wide = F.max_pool2d(wide, (1, 2 * radius + 1), 1, (0, radius))
    return F.max_pool2d(wide, (2 * radius + 1, 1), 1, (radius, 0)).view(planes.shape)


def shrunk(planes: Tensor, radius: int) -> Tensor:
    """The smallest value within so many pixels; beyond the border nothing is smaller."""
    return -grown(-planes, radius)
