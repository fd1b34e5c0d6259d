"""The two parts of the evidence lower bound, in nats: how unlikely a picture is, and what its code costs.

The bound: log p(x) >= E[log p(x | z)] - KL(q(z | x) || p(z)), so training minimises `gaussian_nll` plus `gaussian_kl`.

Source: Kingma and Welling 2014, "Auto-Encoding Variational Bayes", eq. 3.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, variance) || N(0, 1)) of each dimension: -1/2 (1 + log variance - mean^2 - variance).

    Source: Kingma and Welling 2014, appendix B.
    """
    return -0.5 * (1 + log_variance - mean**2 - log_variance.exp())


def gaussian_nll(output: Tensor, target: Tensor, log_scale: Tensor) -> Tensor:
    """-log N(target; output, scale^2), summed over all but the first dimension: (N,).

    The density is that of pixel values in [0, 1], constant included; it may exceed 1, so this may be negative.

    Source: Kingma and Welling 2014, appendix C.2; a scale shared by all pixels: Rybkin et al. 2021, "Simple and
    Effective VAE Training with Calibrated Decoders" (sigma-VAE).
    """
    error = ((target - output) / log_scale.exp()) ** 2
    return (0.5 * error + log_scale + 0.5 * math.log(2 * math.pi)).flatten(1).sum(dim=1)


def with_free_bits(kl: Tensor, floor: float) -> Tensor:
    """The KL term to be minimised, (N, L) → scalar: dimensions that cost less than `floor` nats on average cost that.

    A dimension below the floor has no gradient, so it is not driven to say nothing before the decoder has learned to
    listen. With floor 0 it is the mean over pictures of the sum over dimensions.

    Source: Kingma et al. 2016, "Improving Variational Inference with Inverse Autoregressive Flow" (free bits).
    """
    return kl.mean(dim=0).clamp_min(floor).sum()


def elbo(nll: Tensor, kl: Tensor) -> Tensor:
    """The evidence lower bound of each picture, from (N,) and (N, L): (N,).

    Source: Kingma and Welling 2014, eq. 3.
    """
    return -(nll + kl.sum(dim=1))


def psnr(output: Tensor, target: Tensor) -> Tensor:
    """Peak signal-to-noise ratio of each picture in dB, over all three channels of [0, 1]: (N,)."""
    return -10 * torch.log10((output.clamp(0, 1) - target).square().flatten(1).mean(dim=1))
