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
BAND = 131_072  # pixels in work at a time at full resolution, 15 numbers each


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


def layer_of(brightness: Tensor, levels: Tensor) -> Tensor:
    """Which layer a brightness falls on: 0 to D - 1, fractions between two; the outer layers hold beyond.

    Args:
        brightness: (N, P) luma of pixels.
        levels: (N, D), rising.

    Returns:
        (N, P)
    """
    return _passed(brightness, levels).sum(dim=1)


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


def applied(grid: Grid, picture: Tensor, corner: Tensor | None = None, share: float = 1.0) -> Tensor:
    """The edited pictures, (N, 3, H, W), not clamped; differentiable in the affines.

    Args:
        grid: the edits.
        picture: (N, 3, H, W) in [0, 1]; the whole of what the grids were drawn for, or a part.
        corner: (N, 2) top left corners of the parts, down and across, as shares of the whole.
        share: how much of the whole's height and width a part has.
    """
    count, _, height, width = picture.shape
    down, across = (_places(torch.arange(length).to(picture), length) for length in (height, width))
    place = torch.stack([across.expand(height, width), down[:, None].expand(height, width)], dim=-1)  # (H, W, 2)
    if corner is not None:
        place = share * (place + 1) + 2 * corner.flip(1)[:, None, None] - 1  # (N, H, W, 2)
    layer = layer_of(luma(picture).flatten(1), grid.levels).view(count, height, width, 1)
    places = torch.cat([place.expand(count, -1, -1, -1), _places(layer, grid.levels.shape[1])], dim=-1)
    affine = _looked_up(grid.affines, places[:, None]).view(count, 3, 4, height, width)
    return (affine[:, :, :3] * picture[:, None]).sum(dim=2) + affine[:, :, 3]


@torch.inference_mode()
def apply_grid(
    grid: Grid, pixels: NDArray[np.uint8], mask: NDArray[np.uint8], strength: float = 1.0
) -> NDArray[np.uint8]:
    """Edit a picture at full resolution. Only masked pixels are looked at, some rows at a time.

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
    affines, levels = grid.affines.float(), grid.levels.float()
    rows = max(1, BAND // width)
    for top in range(0, height, rows):
        y, x = np.nonzero(mask[top : top + rows])
        if len(y):
            y += top
            share = torch.from_numpy(mask[y, x]).float().mul_(strength / 255)
            source = torch.from_numpy(pixels[y, x]).T.float().div_(255)  # (3, P)
            place = [_places(torch.from_numpy(p).float(), length) for p, length in ((x, width), (y, height))]
            layer = layer_of((source.new_tensor(LUMA) @ source)[None], levels)[0]
            affine = _at_points(affines, torch.stack([*place, _places(layer, levels.shape[1])], dim=-1))
            edited = affine[:, 3].clone()
            for channel in range(3):
                edited.addcmul_(affine[:, channel], source[channel])
            result[y, x] = torch.lerp(source, edited.clamp_(0, 1), share).mul_(255).round_().byte().T.numpy()
    return result


def _places(cells: Tensor, count: int) -> Tensor:
    """Cell numbers, which may be fractions, among `count` cells that fill -1..1: as `grid_sample` counts."""
    return (2 * cells + 1) / count - 1


def _looked_up(affines: Tensor, places: Tensor) -> Tensor:
    """(N, 12, D, h, w) at (N, d, y, x, 3) places → (N, 12, d, y, x); beyond the outer cells' centres they hold."""
    return F.grid_sample(affines, places, padding_mode="border", align_corners=False)


def _at_points(affines: Tensor, places: Tensor) -> Tensor:
    """(1, 12, D, h, w) at (P, 3) places → (3, 4, P). The points are dealt out among the threads."""
    hands = min(torch.get_num_threads(), len(places))
    dealt = F.pad(places, (0, 0, 0, -len(places) % hands)).view(hands, 1, 1, -1, 3)
    found = _looked_up(affines.expand(hands, -1, -1, -1, -1), dealt)  # (hands, 12, 1, 1, P / hands)
    return found.flatten(2).transpose(0, 1).reshape(3, 4, -1)[..., : len(places)]
