"""Losses for labels that say only what is possible.

Many training photos have masks of the person and of the garment that is sold, but no parse of the rest: there the label
is a set of classes. The likelihood of a set is the sum of its classes' probabilities.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

UNKNOWN_SOLD = 2  # in a map of what is sold, beside 0 and 1: nobody says


def possible(bits: Tensor, count: int) -> Tensor:
    """(N, H, W) of bits → (N, count, H, W) bool: which classes are possible."""
    classes = torch.arange(count, device=bits.device).view(1, count, 1, 1)
    return (bits[:, None].int() >> classes) & 1 > 0


def marginal_loss(logits: Tensor, bits: Tensor) -> Tensor:
    """-log of the summed probability of the possible classes, averaged over the pixels that have any.

    Args:
        logits: (N, K, H, W).
        bits: (N, H, W) integers; 0: nothing is known.

    Source: Cour et al. 2011, "Learning from Partial Labels", section 2; with one class per pixel, the cross-entropy.
    """
    allowed = possible(bits, logits.shape[1])
    known = allowed.any(dim=1)  # (N, H, W)
    # Where nothing is known all classes are allowed: its loss is 0 and so is its gradient.
    allowed = allowed | ~known[:, None]
    share = logits.masked_fill(~allowed, torch.finfo(logits.dtype).min).logsumexp(dim=1) - logits.logsumexp(dim=1)
    return -share.sum() / known.sum().clamp_min(1)


def sold_entropy(logit: Tensor, sold: Tensor) -> Tensor:
    """Binary cross-entropy of (N, H, W) logits against 0 and 1, averaged over the pixels of which it is known."""
    known = (sold != UNKNOWN_SOLD).float()
    loss = F.binary_cross_entropy_with_logits(logit, (sold == 1).float(), reduction="none")
    return (loss * known).sum() / known.sum().clamp_min(1)


def overlap_loss(logit: Tensor, sold: Tensor) -> Tensor:
    """1 - the soft intersection over union of each picture, averaged over the pictures that sell something.

    Source: Rahman and Wang 2016, "Optimizing Intersection-Over-Union in Deep Neural Networks", eq. 3-5.
    """
    known = (sold != UNKNOWN_SOLD).float()
    chance, truth = logit.sigmoid() * known, (sold == 1).float()
    inner = (chance * truth).sum(dim=(1, 2))  # (N,)
    outer = (chance + truth - chance * truth).sum(dim=(1, 2))
    selling = (truth.sum(dim=(1, 2)) > 0).float()
    return ((1 - inner / outer.clamp_min(1e-6)) * selling).sum() / selling.sum().clamp_min(1)
