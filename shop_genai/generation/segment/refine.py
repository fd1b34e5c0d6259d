"""From the network's coarse mask to one that follows the edges of the full picture.

A guided filter: near each pixel the mask is taken to be a linear function of the picture's colours, fitted to the
coarse mask by ridge regression over a small square. The functions are fitted on a copy of moderate size and evaluated
on the full picture, strip by strip: a photo is never held as floating-point numbers whole.

Sources: He, Sun and Tang 2013, "Guided Image Filtering" (PAMI 35), eq. 19-21 (colour guide); He and Sun 2015, "Fast
Guided Filter" (functions fitted on a smaller copy).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from shop_genai.generation.pictures import strips

Values = NDArray[np.float32]

FITTED_SIDE = 448  # pixels, the longer side of the copy on which the functions are fitted
REGULARISATION = 1e-4  # of the regression, in squared units of colours in 0..1: smoother surfaces are averaged
REACH = 1.5  # pixels of the coarse mask, radius of the squares
STEEPER = 1.5  # a fitted edge is as soft as the coarse mask was unsure; the picture's own is not


@dataclass(frozen=True)
class Edges:
    """How the mask follows from the picture's colours, at the size it was fitted in: a plane each, as Pillow's F."""

    slopes: tuple[Image.Image, Image.Image, Image.Image]
    offset: Image.Image
    least: Image.Image  # what the coarse mask says at least, and at most, near each pixel
    most: Image.Image


def refined(picture: Image.Image, coarse: Values) -> Image.Image:
    """A coarse mask → one of the picture's size, mode L.

    Args:
        picture: mode RGB, any size.
        coarse: (h, w) in 0..1, of the whole picture at any resolution.
    """
    edges = fit(picture, coarse)
    result = Image.new("L", picture.size)
    for box in strips(picture.height, picture.width):
        result.paste(Image.fromarray(_strip(picture, edges, box)), box)
    return result


def fit(picture: Image.Image, coarse: Values) -> Edges:
    """Fit the linear functions on a copy of the picture."""
    scale = min(1.0, FITTED_SIDE / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    small = picture.resize(size, Image.Resampling.BOX) if size != picture.size else picture
    guide = torch.from_numpy(np.array(small)).permute(2, 0, 1)[None].float().div(255)  # (1, 3, h, w)
    rough = Image.fromarray(np.asarray(coarse, np.float32)).resize(size, Image.Resampling.BICUBIC)
    mask = torch.from_numpy(np.array(rough))[None, None].clamp(0, 1)
    radius = max(1, round(REACH * max(size) / max(coarse.shape)))
    slopes, offset = _regression(guide, mask, radius)
    # Far from the coarse mask's own edge nothing is changed: a print on a shirt is no hole in it.
    most, least = box_most(mask, radius), -box_most(-mask, radius)
    red, green, blue = (_plane(slopes[:, channel]) for channel in range(3))
    return Edges((red, green, blue), _plane(offset[:, 0]), _plane(least[:, 0]), _plane(most[:, 0]))


def _regression(guide: Tensor, mask: Tensor, radius: int) -> tuple[Tensor, Tensor]:
    """Slopes (1, 3, h, w) and offset (1, 1, h, w), averaged over all squares that cover a pixel."""

    def mean(x: Tensor) -> Tensor:
        return box_mean(x, radius)

    colour, level = mean(guide), mean(mask)
    with_mask = mean(guide * mask) - colour * level  # (1, 3, h, w)
    pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    products = mean(torch.cat([guide[:, i : i + 1] * guide[:, j : j + 1] for i, j in pairs], dim=1))
    rr, rg, rb, gg, gb, bb = (
        products[0, place] - colour[0, i] * colour[0, j] + (REGULARISATION if i == j else 0)
        for place, (i, j) in enumerate(pairs)
    )
    # The inverse of a symmetric 3 x 3 matrix, by its cofactors.
    inverse = [gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg]
    inverse += [rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg]
    determinant = rr * inverse[0] + rg * inverse[1] + rb * inverse[2]
    r, g, b = with_mask[0]
    slopes = torch.stack(
        [
            inverse[0] * r + inverse[1] * g + inverse[2] * b,
            inverse[1] * r + inverse[3] * g + inverse[4] * b,
            inverse[2] * r + inverse[4] * g + inverse[5] * b,
        ]
    )[None] / determinant.clamp_min(1e-12)
    offset = level - (slopes * colour).sum(dim=1, keepdim=True)
    return mean(slopes), mean(offset)


def box_mean(x: Tensor, radius: int) -> Tensor:
    """The mean over the square of 2 radius + 1 pixels around each; at the border, over its part inside.

    By running sums, whose cost does not depend on the radius; in double precision, since differences of large sums are
    taken.
    """
    for axis in (2, 3):
        length = x.shape[axis]
        place = torch.arange(length)
        first, last = (place - radius).clamp_min(0), (place + radius + 1).clamp_max(length)
        sums = F.pad(x.double().cumsum(dim=axis), (1, 0) if axis == 3 else (0, 0, 1, 0))
        count = (last - first).view((-1, 1) if axis == 2 else (1, -1))
        x = ((sums.index_select(axis, last) - sums.index_select(axis, first)) / count).float()
    return x


def box_most(x: Tensor, radius: int) -> Tensor:
    """The largest value in the square of 2 radius + 1 pixels around each."""
    for kernel, padding in (((2 * radius + 1, 1), (radius, 0)), ((1, 2 * radius + 1), (0, radius))):
        x = F.max_pool2d(x, kernel, stride=1, padding=padding)
    return x


def _strip(picture: Image.Image, edges: Edges, box: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """The refined mask of some rows, (H, W)."""
    size = (box[2] - box[0], box[3] - box[1])
    across, down = edges.offset.width / picture.width, edges.offset.height / picture.height
    source = (box[0] * across, box[1] * down, box[2] * across, box[3] * down)

    def enlarged(plane: Image.Image) -> Values:
        return np.asarray(plane.resize(size, Image.Resampling.BILINEAR, box=source))

    value = enlarged(edges.offset).copy()
    pixels = np.asarray(picture.crop(box))
    for channel, slope in enumerate(edges.slopes):
        value += enlarged(slope) * (pixels[:, :, channel].astype(np.float32) / 255)
    value = (value - 0.5) * STEEPER + 0.5
    value = np.clip(value, enlarged(edges.least), enlarged(edges.most))
    return np.rint(np.clip(value, 0, 1) * 255).astype(np.uint8)


def _plane(values: Tensor) -> Image.Image:
    return Image.fromarray(values[0].contiguous().numpy())
