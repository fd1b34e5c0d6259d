"""Thin-plate splines: a garment's picture, bent so that its landmarks come to lie where they are wanted.

Sources: Bookstein 1989, "Principal Warps: Thin-Plate Splines and the Decomposition of Deformations" (PAMI 11), eq. 1-4;
Donato and Belongie 2002, "Approximate Thin Plate Spline Mappings" (the stiffness added to the diagonal).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

Points = NDArray[np.float64]  # (n, 2): x, y

STEP = 8  # pixels between places where a spline is evaluated; in between it is as good as linear


@dataclass(frozen=True)
class Spline:
    """A smooth map of the plane: an affine part and one radial function for each of its centres."""

    centres: Points
    weights: Points  # (n, 2), of the radial functions
    affine: NDArray[np.float64]  # (3, 2): offset, then the factors of x and y
    unit: float  # pixels that are counted as 1, which keeps the equations well conditioned

    def __call__(self, points: Points) -> Points:
        """Map points, (m, 2) → (m, 2)."""
        scaled = points / self.unit
        bent = _radial(scaled, self.centres / self.unit) @ self.weights
        return np.asarray((bent + self.affine[0] + scaled @ self.affine[1:]) * self.unit)


def spline(start: Points, end: Points, stiffness: float = 1e-3) -> Spline:
    """The least bent map that takes `start` to `end`.

    Args:
        start, end: (n, 2), at least three that are not in line.
        stiffness: how far it may miss the points to be bent less; 0: not at all.

    Raises:
        ValueError: there are too few points.
    """
    if len(start) < 3 or len(start) != len(end):
        raise ValueError(f"a spline needs three pairs of points, not {len(start)} and {len(end)}")
    unit = max(float(np.ptp(start, axis=0).max()), 1.0)
    known, wanted = start / unit, end / unit
    count = len(known)
    equations = np.zeros((count + 3, count + 3))
    equations[:count, :count] = _radial(known, known) + stiffness * np.eye(count)
    equations[:count, count] = equations[count, :count] = 1
    equations[:count, count + 1 :] = known
    equations[count + 1 :, :count] = known.T
    # Least squares: points that coincide leave the equations without a single answer.
    answer = np.linalg.lstsq(equations, np.concatenate([wanted, np.zeros((3, 2))]), rcond=1e-10)[0]
    return Spline(start, answer[:count], answer[count:], unit)


def _radial(points: Points, centres: Points) -> NDArray[np.float64]:
    """U(r) = r² log r², (m, n)."""
    squared = ((points[:, None] - centres[None]) ** 2).sum(axis=2)
    return np.asarray(squared * np.log(np.maximum(squared, 1e-12)))


def places(bent: Spline, size: tuple[int, int]) -> Tensor:
    """Where each pixel of a picture comes from: (1, 2, h, w), x and y in pixels of the other picture.

    Args:
        bent: from the middle of a pixel of the new picture, (x + 0.5, y + 0.5), to a place in the old one.
        size: (width, height) of the new picture.
    """
    width, height = size
    columns, rows = -(-width // STEP) + 1, -(-height // STEP) + 1
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float64) * STEP
    coarse = bent(np.stack([x.ravel(), y.ravel()], axis=1)).reshape(rows, columns, 2)
    nodes = torch.from_numpy(coarse.astype(np.float32)).permute(2, 0, 1)[None]
    fine = F.interpolate(
        nodes, size=((rows - 1) * STEP + 1, (columns - 1) * STEP + 1), mode="bilinear", align_corners=True
    )
    # From the corners of pixels to their middles.
    middles = F.avg_pool2d(fine, 2, stride=1)
    return middles[:, :, :height, :width]


def sampled(picture: Tensor, where: Tensor, mode: str = "bicubic") -> Tensor:
    """The picture (1, C, H, W) as it is at those places (1, 2, h, w): (1, C, h, w). Beyond it, its border.

    Where the picture is shrunk by more than half it is averaged first, or its threads would glitter.
    """
    shrunk = _shrinking(where)
    if shrunk > 1.5:
        factor = max(1, round(shrunk))
        height, width = picture.shape[2] // factor, picture.shape[3] // factor
        if min(height, width) >= 8:
            ratio = torch.tensor([width / picture.shape[3], height / picture.shape[2]]).view(1, 2, 1, 1)
            picture = F.interpolate(picture, size=(height, width), mode="area")
            where = where * ratio
    size = torch.tensor([picture.shape[3], picture.shape[2]], dtype=torch.float32).view(1, 2, 1, 1)
    grid = (where * 2 / size - 1).permute(0, 2, 3, 1)
    return F.grid_sample(picture, grid, mode=mode, padding_mode="border", align_corners=False)


def _shrinking(where: Tensor) -> float:
    """How many pixels of the old picture one of the new takes up along a side, in the middle of the distribution."""
    across, down = where[:, :, :-1, 1:] - where[:, :, :-1, :-1], where[:, :, 1:, :-1] - where[:, :, :-1, :-1]
    area = (across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0]).abs()
    return float(area.median().sqrt())
