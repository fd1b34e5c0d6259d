"""The edit: a bilateral grid of colour affines, looked up by place and by brightness.

Every pixel is changed by a 3x4 matrix, colour' = M colour + offset. The matrices stand on a coarse grid over the
picture and over brightness, and are interpolated between its cells, so the edit is smooth in place and exact at edges:
the texture of the photo stays, whatever the network that drew the grid could not see.

Brightness is measured on the garment's own scale: `levels` holds the luma of the grid's layers, quantiles of the
garment's pixels. So a black garment, whose luma spans a few steps, uses all layers, as a striped one does.

Source: Gharbi et al. 2017, "Deep Bilateral Learning for Real-Time Image Enhancement", section 3.3; Chen et al. 2007,
"Real-time Edge-Aware Image Processing with the Bilateral Grid".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
BAND = 48  # rows at a time at full resolution: what is in work then fits the processor's cache


@dataclass(frozen=True)
class Grid:
    """An edit for each picture of a batch."""

    affines: Tensor  # (N, 12, D, h, w): row by row of the 3x4 matrices, on values in [0, 1]
    levels: Tensor  # (N, D), rising: the luma of each layer, in [0, 1]

    def __getitem__(self, index: int) -> Grid:
        """The edit of one picture, as a batch of one."""
        return Grid(self.affines[index : index + 1], self.levels[index : index + 1])


def luma(picture: Tensor) -> Tensor:
    """(N, 3, H, W) → (N, H, W)."""
    weights = picture.new_tensor(LUMA)
    return torch.einsum("nchw,c->nhw", picture, weights)


def layer_weights(brightness: Tensor, levels: Tensor) -> Tensor:
    """How much each layer counts at each pixel: two neighbours share it, by linear interpolation.

    Args:
        brightness: (N, P) luma of pixels.
        levels: (N, D), rising.

    Returns:
        (N, D, P), summing to 1 over the layers; outside the levels the first or last layer counts alone.
    """
    passed = _passed(brightness, levels)
    ones, zeros = torch.ones_like(passed[:, :1]), torch.zeros_like(passed[:, :1])
    return torch.cat([ones, passed], dim=1) - torch.cat([passed, zeros], dim=1)


def _passed(brightness: Tensor, levels: Tensor) -> Tensor:
    """How far from each layer to the next the brightness lies, 0..1: (N, D - 1, P); the sum is its place."""
    low, high = levels[:, :-1, None], levels[:, 1:, None]
    return ((brightness[:, None] - low) / (high - low)).clamp(0, 1)


def spread(cells: int, length: int, first: int = 0, last: int | None = None) -> Tensor:
    """The linear interpolation from `cells` cell centres to `length` pixel centres, as a matrix.

    Rows of pixels `first` to `last` only: (last - first, cells). Beyond the outer centres the outer cell holds.
    """
    places = (torch.arange(first, length if last is None else last) + 0.5) * cells / length - 0.5
    return (1 - (places.clamp(0, cells - 1)[:, None] - torch.arange(cells)).abs()).clamp_min(0)


def applied(grid: Grid, picture: Tensor) -> Tensor:
    """The edited pictures, (N, 3, H, W), not clamped; differentiable in the affines.

    Args:
        grid: the edits.
        picture: (N, 3, H, W) in [0, 1].
    """
    count, _, height, width = picture.shape
    layers = grid.levels.shape[1]
    down, across = ((2 * torch.arange(length) + 1) / length - 1 for length in (height, width))
    place = torch.stack(torch.broadcast_tensors(across[None], down[:, None]), dim=-1).to(picture)  # (H, W, 2)
    layer = _passed(luma(picture).flatten(1), grid.levels).sum(dim=1).view(count, height, width, 1)
    places = torch.cat([place.expand(count, -1, -1, -1), (2 * layer + 1) / layers - 1], dim=-1)
    affine = F.grid_sample(grid.affines, places[:, None], padding_mode="border", align_corners=False)
    affine = affine.view(count, 3, 4, height, width)
    return (affine[:, :, :3] * picture[:, None]).sum(dim=2) + affine[:, :, 3]


@torch.inference_mode()
def apply_grid(
    grid: Grid, pixels: NDArray[np.uint8], mask: NDArray[np.uint8], strength: float = 1.0
) -> NDArray[np.uint8]:
    """Edit a picture at full resolution, in bands of rows.

    Args:
        grid: the edit, a batch of one, on the CPU.
        pixels: (H, W, 3), the part of the picture that the grid was drawn for.
        mask: (H, W), how much of the edit each pixel gets: 0 none, 255 all of it.
        strength: a further factor of that, 0..1.

    Returns:
        (H, W, 3). Equal to `pixels` where the mask is 0, and everywhere at strength 0.
    """
    height, width = mask.shape
    result = pixels.copy()
    if strength <= 0:
        return result
    _, _, layers, rows, columns = grid.affines.shape
    # Layers next to the columns: (h, 12 * D, w) times (w, W) is one product of matrices for each row of cells.
    cells = grid.affines[0].float().permute(2, 0, 1, 3).reshape(rows, 12 * layers, columns)
    wide = torch.matmul(cells, spread(columns, width).T)  # (h, 12 * D, W)
    levels = grid.levels.float()
    for top in range(0, height, BAND):
        bottom = min(height, top + BAND)
        part = mask[top:bottom]
        inside = np.flatnonzero(part.any(axis=0))
        if not len(inside):
            continue
        left, right = int(inside[0]), int(inside[-1]) + 1
        source = torch.from_numpy(np.ascontiguousarray(pixels[top:bottom, left:right])).float().div_(255)
        brightness = source @ source.new_tensor(LUMA)  # (rows, columns)
        weights = layer_weights(brightness.reshape(1, -1), levels)[0].view(layers, bottom - top, right - left)
        down = spread(rows, height, top, bottom)
        edited = torch.empty_like(source)
        for row in range(bottom - top):
            near = down[row].nonzero()[:, 0]
            affine = torch.einsum("h,hax->ax", down[row, near], wide[near, :, left:right]).view(12, layers, -1)
            affine = (affine * weights[:, row]).sum(dim=1).view(3, 4, -1)
            edited[row] = ((affine[:, :3] * source[row].T).sum(dim=1) + affine[:, 3]).T
        share = torch.from_numpy(np.ascontiguousarray(part[:, left:right])).float().mul_(strength / 255)[..., None]
        mixed = (source + share * (edited.clamp_(0, 1) - source)).mul_(255).round_().byte().numpy()
        result[top:bottom, left:right] = mixed
    return result
