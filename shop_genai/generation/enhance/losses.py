"""The enhancer's losses, as plain functions of tensors in NCHW.

Pictures are in [0, 1]; every function returns a scalar, averaged so that its weight does not depend on batch or patch
size.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def charbonnier(output: Tensor, target: Tensor, epsilon: float = 1e-3, weight: Tensor | None = None) -> Tensor:
    """Mean of sqrt((output - target)^2 + epsilon^2): absolute error, rounded off at zero.

    `weight`, (N, 1, H, W), multiplies the error of each pixel.

    Source: Lai et al. 2017, "Deep Laplacian Pyramid Networks", eq. 6.
    """
    error = torch.sqrt((output - target) ** 2 + epsilon**2)
    return (error if weight is None else error * weight).mean()


def spectrum_distance(output: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference of the two Fourier transforms, divided by the number of pixels' square root.

    Compares complex coefficients (magnitude of the difference), so detail must also be in the right place.

    Source: Cho et al. 2021, "Rethinking Coarse-to-Fine Approach in Single Image Deblurring" (MIMO-UNet), eq. 5.
    """
    difference = torch.fft.rfft2(output.float(), norm="ortho") - torch.fft.rfft2(target.float(), norm="ortho")
    return torch.sqrt(difference.real**2 + difference.imag**2 + 1e-12).mean()


def feature_matching(fake: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Mean absolute difference of the discriminator's features, averaged over its layers.

    Source: Wang et al. 2018, "High-Resolution Image Synthesis with Conditional GANs" (pix2pixHD), eq. 4.
    """
    if len(fake) != len(real):
        raise ValueError(f"{len(fake)} layers of features against {len(real)}")
    distances = [F.l1_loss(f, r.detach()) for f, r in zip(fake, real, strict=True)]
    return torch.stack(distances).mean()


def artefact_weight(output: Tensor, steady: Tensor, target: Tensor, window: int = 7) -> Tensor:
    """Where the output is likely to show artefacts: (N, 1, H, W), without gradient.

    The residual |target - output| varies strongly, within `window` pixels, where detail was invented in the wrong
    place. That local variance is scaled by the whole picture's (variance^(1/5)), and set to zero wherever the output
    is no further from the target than `steady`, the output of the EMA weights.

    Source: Liang et al. 2022, "Details or Artifacts: A Locally Discriminative Learning Approach" (LDL), eqs. 2 to 5.
    """
    with torch.no_grad():
        residual = (target - output).abs().sum(dim=1, keepdim=True)  # (N, 1, H, W)
        residual_steady = (target - steady).abs().sum(dim=1, keepdim=True)  # (N, 1, H, W)
        margin = window // 2
        padded = F.pad(residual, (margin, margin, margin, margin), mode="reflect")
        mean = F.avg_pool2d(padded, window, stride=1)
        # n/(n-1) makes it the unbiased variance, like `whole` below.
        variance = (F.avg_pool2d(padded**2, window, stride=1) - mean**2).clamp_min(0) * window**2 / (window**2 - 1)
        whole = residual.var(dim=(1, 2, 3), keepdim=True) ** 0.2  # (N, 1, 1, 1)
        return torch.where(residual >= residual_steady, whole * variance, torch.zeros_like(variance))
