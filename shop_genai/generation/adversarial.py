"""The adversarial losses, and two ways to keep them from breaking down. All work on logits, never on probabilities.

D's logit says how real a picture looks: sigmoid(logit) is the probability. Of logits, log sigmoid(x) is -softplus(-x),
exact however sure D is; the logarithm of a computed sigmoid is -infinity as soon as the sigmoid rounds to 0.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def non_saturating_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """-mean log D(x) - mean log(1 - D(G(z))) of logits: 2 log 2 when D cannot tell, 0 when it is sure and right.

    Source: Goodfellow et al. 2014, "Generative Adversarial Nets", eq. 1.
    """
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def non_saturating_generator(fake: Tensor) -> Tensor:
    """-mean log D(G(z)) of logits: log 2 when D cannot tell.

    Minimising log(1 - D(G(z))) instead has the same optimum, but no gradient while D is sure, which is when G most
    needs one.

    Source: Goodfellow et al. 2014, "Generative Adversarial Nets", section 3.
    """
    return F.softplus(-fake).mean()


def hinge_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Mean max(0, 1 - D(real)) + mean max(0, 1 + D(fake)).

    Source: Lim and Ye 2017, "Geometric GAN", eq. 14; Miyato et al. 2018, "Spectral Normalization", eq. 16.
    """
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def hinge_generator(fake: Tensor) -> Tensor:
    """Minus the mean of D(fake).

    Source: Miyato et al. 2018, "Spectral Normalization", eq. 17.
    """
    return -fake.mean()


def r1_penalty(real: Tensor, pictures: Tensor, gamma: float) -> Tensor:
    """gamma/2 times the mean, over pictures, of the squared gradient of D at real pictures.

    Where the data are, D is kept flat, so that it stops pushing G once G arrives there.

    Args:
        real: D's logits for `pictures`; every logit depends on its own picture only.
        pictures: (N, C, H, W), a leaf that requires its gradient.
        gamma: the weight.

    Source: Mescheder et al. 2018, "Which Training Methods for GANs do actually Converge?", eq. 9.
    """
    (slope,) = torch.autograd.grad(real.sum(), pictures, create_graph=True)
    return gamma / 2 * slope.square().sum(dim=(1, 2, 3)).mean()


def instance_noise(pictures: Tensor, spread: float) -> Tensor:
    """Pictures with Gaussian noise of that standard deviation, from PyTorch's global random state.

    Real and made pictures get it alike, before D sees them: two distributions that share no picture at first are
    smeared until they overlap, so D cannot be perfect.

    Source: Sønderby et al. 2017, "Amortised MAP Inference for Image Super-Resolution" (instance noise); Arjovsky and
    Bottou 2017, "Towards Principled Methods for Training GANs", section 3.
    """
    return pictures + spread * torch.randn_like(pictures) if spread > 0 else pictures
