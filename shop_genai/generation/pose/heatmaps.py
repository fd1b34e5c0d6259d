"""From joints to maps that a network can learn, and from a network's maps back to joints.

Source: Nibali et al. 2018, "Numerical Coordinate Regression with Convolutional Neural Networks" (DSNT): the place is
the mean under the map's own distribution; here of the part around its peak, so that a second person does not pull it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .network import STRIDE

SPREAD = 1.3  # pixels of the map: standard deviation of what is learned
AROUND = 3  # pixels of the map on each side of the peak that count


def targets(points: Tensor, height: int, width: int) -> Tensor:
    """(N, J, 2), pixels of the picture → distributions (N, J, height, width) of the maps' size, each with sum 1."""
    x = (torch.arange(width, device=points.device) + 0.5)[None, None, None, :]
    y = (torch.arange(height, device=points.device) + 0.5)[None, None, :, None]
    place = points / STRIDE
    squared = (x - place[:, :, 0, None, None]) ** 2 + (y - place[:, :, 1, None, None]) ** 2
    odds = torch.softmax((-squared / (2 * SPREAD**2)).flatten(2), dim=2)
    return odds.view(*points.shape[:2], height, width)


def entropy(maps: Tensor, wanted: Tensor, known: Tensor) -> Tensor:
    """The mean cross-entropy of maps (N, J, h, w; logits) to distributions, over the joints that are `known` (N, J)."""
    each = -(wanted * F.log_softmax(maps.flatten(2), dim=2).view_as(maps)).sum(dim=(2, 3))
    return (each * known).sum() / known.sum().clamp_min(1.0)


def places(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Maps (N, J, h, w; logits) → joints (N, J, 2) in pixels of the picture, and how sharp each map is (N, J), 0..1.

    Sharpness is the share of a map's odds that lies around its peak.
    """
    count, joints, height, width = maps.shape
    odds = torch.softmax(maps.flatten(2), dim=2)
    peak = odds.argmax(dim=2)
    row, column = peak // width, peak % width
    y = torch.arange(height, device=maps.device)[None, None, :, None]
    x = torch.arange(width, device=maps.device)[None, None, None, :]
    near = ((y - row[:, :, None, None]).abs() <= AROUND) & ((x - column[:, :, None, None]).abs() <= AROUND)
    local = odds.view(count, joints, height, width) * near
    total = local.sum(dim=(2, 3))
    mean_x = (local * (x + 0.5)).sum(dim=(2, 3)) / total
    mean_y = (local * (y + 0.5)).sum(dim=(2, 3)) / total
    return torch.stack([mean_x, mean_y], dim=2) * STRIDE, total
