"""How far a composed try-on is from the photo that was wanted. Pictures are (N, 3, H, W) in [0, 1].

Everything counts inside a weight, (N, 1, H, W): where it is zero in the whole batch, the loss is zero.

Sources: Mathieu et al. 2016, "Deep multi-scale video prediction beyond mean square error", eq. 6 (differences of
neighbours); Zhao et al. 2017, "Loss Functions for Image Restoration with Neural Networks", eq. 6 (SSIM as a loss); Wang
et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity", eq. 13.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)  # BT.601
C1, C2 = 0.01**2, 0.03**2  # SSIM's constants, for values in [0, 1]


def within(values: Tensor, weight: Tensor) -> Tensor:
    """The weighted mean of values (N, C, H, W)."""
    return (values * weight).sum() / (weight.sum() * values.shape[1]).clamp_min(1.0)


def absolute(output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """The mean absolute error."""
    return within((output - target).abs(), weight)


def edges(output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """The mean absolute error of the differences between neighbours, across and down.

    A difference counts as far as both of its pixels do.
    """
    error = output - target
    across = within((error[..., 1:] - error[..., :-1]).abs(), torch.minimum(weight[..., 1:], weight[..., :-1]))
    down = within(
        (error[..., 1:, :] - error[..., :-1, :]).abs(), torch.minimum(weight[..., 1:, :], weight[..., :-1, :])
    )
    return across + down


def broad(output: Tensor, target: Tensor, weight: Tensor, cell: int = 8) -> Tensor:
    """The mean absolute error of the means over cells: light and shade, without detail."""
    amount = F.avg_pool2d(weight, cell)
    error = F.avg_pool2d((output - target) * weight, cell) / amount.clamp_min(1e-3)
    return within(error.abs(), amount)


def structure(output: Tensor, target: Tensor, weight: Tensor, window: int = 7) -> Tensor:
    """One minus the mean SSIM of luma, over square windows that lie in the picture."""
    factors = output.new_tensor(LUMA)[None, :, None, None]
    x, y = (output * factors).sum(dim=1, keepdim=True), (target * factors).sum(dim=1, keepdim=True)

    def mean(values: Tensor) -> Tensor:
        return F.avg_pool2d(values, window, stride=1)

    mx, my = mean(x), mean(y)
    vx, vy = (mean(x * x) - mx * mx).clamp_min(0), (mean(y * y) - my * my).clamp_min(0)
    both = mean(x * y) - mx * my
    ssim = (2 * mx * my + C1) * (2 * both + C2) / ((mx * mx + my * my + C1) * (vx + vy + C2))
    margin = window // 2
    return within(1 - ssim, weight[..., margin:-margin, margin:-margin])


def coverage(alpha: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """Mean binary cross-entropy, in nats, of coverage (N, 1, H, W) against 0 or 1, where it is known."""
    sure = alpha.float().clamp(1e-4, 1 - 1e-4)
    return within(F.binary_cross_entropy(sure, truth, reduction="none"), known)


def smoothness(gain: Tensor, weight: Tensor) -> Tensor:
    """The mean absolute slope of the garment's light, per pixel: light mostly varies slowly."""
    return edges(gain, torch.zeros_like(gain), weight)


def even(gain: Tensor, weight: Tensor) -> Tensor:
    """The mean square of the logarithm of the garment's light: it keeps the colour that is sold."""
    return within(torch.square(gain), weight)
