"""How far an edited garment is from the one that was wanted. Everything counts inside the mask only."""

from __future__ import annotations

import torch
from torch import Tensor

FLOOR = 1e-4  # mean squared error below which a pair counts as met: 40 dB

_TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))


def squared_error(output: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Mean squared error of each picture's masked pixels, over all three channels: (N,).

    Args:
        output, target: (N, 3, H, W).
        mask: (N, 1, H, W) in [0, 1].
    """
    weight = mask.sum(dim=(1, 2, 3)).clamp_min(1)
    return ((output - target) ** 2 * mask).sum(dim=(1, 2, 3)) / (3 * weight)


def decibels_lost(output: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """The mean over pictures of log(error) / 2: what raises the mean PSNR is what lowers this.

    A plain mean of errors would be ruled by the few pairs that go far wrong; this gives every pair the same say.
    """
    return 0.5 * torch.log(squared_error(output, target, mask) + FLOOR).mean()


def colour_difference(output: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Mean CIE 1976 colour difference of each picture's masked pixels: (N,). Values outside [0, 1] are clamped.

    Source: ISO/CIE 11664-4:2019.
    """
    difference = ((lab(output) - lab(target)) ** 2).sum(dim=1, keepdim=True).add(1e-4).sqrt()
    return (difference * mask).sum(dim=(1, 2, 3)) / mask.sum(dim=(1, 2, 3)).clamp_min(1)


def lab(picture: Tensor) -> Tensor:
    """sRGB in [0, 1], (N, 3, H, W) → CIELAB for the white point D65; differentiable.

    Source: IEC 61966-2-1 (sRGB); ISO/CIE 11664-4:2019.
    """
    value = picture.clamp(0, 1)
    linear = torch.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    to_xyz = picture.new_tensor(_TO_XYZ)
    relative = torch.einsum("nchw,xc->nxhw", linear, to_xyz / to_xyz.sum(dim=1, keepdim=True))
    delta = 6 / 29
    # The root's slope at zero is infinite, even where the other branch is taken.
    root = relative.clamp_min(delta**3) ** (1 / 3)
    root = torch.where(relative > delta**3, root, relative / (3 * delta**2) + 4 / 29)
    x, y, z = root.unbind(dim=1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)
