"""How far a set of made pictures is from a set of real ones: FID, KID, and the Inception Score of a set alone.

Features are (N, F) float64, one row per picture, from any extractor: which one it was belongs beside every figure.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]

SUBSETS, SUBSET_SIZE = 100, 1000  # of the kernel distance, as in its paper
SPLITS = 10  # of the Inception Score, as in its paper


def frechet_distance(real: Vectors, fake: Vectors) -> float:
    """The Frechet distance of two Gaussians fitted to the features: "FID", in squared units of the features.

    0 for equal sets. Biased upwards for few pictures, strongly below as many pictures as features.

    Source: Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule", eq. 6.

    Raises:
        ValueError: the arrays do not fit together, hold fewer than two rows, or are not finite.
    """
    check_pair(real, fake, smallest=2)
    return gaussian_distance(
        real.mean(axis=0), np.cov(real, rowvar=False), fake.mean(axis=0), np.cov(fake, rowvar=False)
    )


def gaussian_distance(mean_a: Vectors, covariance_a: Vectors, mean_b: Vectors, covariance_b: Vectors) -> float:
    """|m_a - m_b|^2 + tr(S_a + S_b - 2 (S_a S_b)^(1/2)); means (F,), covariances (F, F) or () for F = 1.

    S_a S_b is not symmetric, and roots of it found by iteration are complex or fail when a covariance is singular. It
    has the eigenvalues of S_a^(1/2) S_b S_a^(1/2), which is symmetric and positive: their roots are all that is needed.
    """
    a, b = np.atleast_2d(covariance_a), np.atleast_2d(covariance_b)
    values, vectors = np.linalg.eigh(a)
    root = (vectors * np.sqrt(_significant(values))) @ vectors.T
    product = root @ b @ root
    overlap = np.sqrt(_significant(np.linalg.eigvalsh((product + product.T) / 2))).sum()
    distance = float(np.sum((mean_a - mean_b) ** 2) + np.trace(a) + np.trace(b) - 2 * overlap)
    return max(0.0, distance)  # rounding alone can take it below


def kernel_distance(
    real: Vectors, fake: Vectors, subsets: int = SUBSETS, size: int = SUBSET_SIZE, seed: int = 0
) -> tuple[float, float]:
    """The squared kernel distance of random subsets: "KID", its mean and its standard deviation over the subsets.

    Unbiased: around 0, also slightly below, when both sets come from one distribution, however few the pictures are.
    Subsets are no larger than the smaller set; when they are as large, the deviation says little.

    Source: Binkowski et al. 2018, "Demystifying MMD GANs", section 4.
    """
    check_pair(real, fake, smallest=2)
    rng = np.random.default_rng(seed)
    size = min(size, len(real), len(fake))
    values = [
        polynomial_mmd(
            real[rng.choice(len(real), size, replace=False)], fake[rng.choice(len(fake), size, replace=False)]
        )
        for _ in range(subsets)
    ]
    return float(np.mean(values)), float(np.std(values))


def polynomial_mmd(real: Vectors, fake: Vectors) -> float:
    """The unbiased estimate of the squared maximum mean discrepancy for the kernel (x'y / F + 1)^3.

    Source: Gretton et al. 2012, "A Kernel Two-Sample Test", eq. 3; the kernel as in Binkowski et al. 2018.
    """
    check_pair(real, fake, smallest=2)
    within = []
    for points in (real, fake):
        kernel = _kernel(points, points)
        count = len(points)
        within.append((kernel.sum() - np.trace(kernel)) / (count * (count - 1)))
    return float(sum(within) - 2 * _kernel(real, fake).mean())


def inception_score(probabilities: Vectors, splits: int = SPLITS, seed: int = 0) -> tuple[float, float]:
    """exp of the mean KL(p(y|x) | p(y)): its mean and standard deviation over splits of the set.

    Args:
        probabilities: (N, K), rows that sum to 1. The score is between 1 and K: pictures that are each clearly of one
            class, and of many classes together, score high. Real pictures play no part.
        splits: parts of (nearly) equal size. The rows are shuffled first: a folder is often sorted by class.

    Source: Salimans et al. 2016, "Improved Techniques for Training GANs", section 4.

    Raises:
        ValueError: not probabilities, or fewer rows than splits.
    """
    if probabilities.ndim != 2 or not 1 <= splits <= len(probabilities):
        raise ValueError(f"{splits} splits cannot be made of an array of the shape {probabilities.shape}")
    if not np.all(probabilities >= 0) or not np.allclose(probabilities.sum(axis=1), 1, atol=1e-4):
        raise ValueError("the rows are not probabilities: they must be positive and sum to 1")
    shuffled = probabilities[np.random.default_rng(seed).permutation(len(probabilities))]
    scores = [np.exp(_divergence(part)) for part in np.array_split(shuffled, splits)]
    return float(np.mean(scores)), float(np.std(scores))


def check_pair(real: Vectors, fake: Vectors, smallest: int) -> None:
    """Two sets of features that can be compared.

    Raises:
        ValueError: they are not (N, F) and (M, F), too few, or not finite.
    """
    if real.ndim != 2 or fake.ndim != 2 or real.shape[1] != fake.shape[1]:
        raise ValueError(f"expected features (N, F) and (M, F), got {real.shape} and {fake.shape}")
    if min(len(real), len(fake)) < smallest:
        raise ValueError(f"at least {smallest} pictures are needed on each side, got {len(real)} and {len(fake)}")
    if not (np.isfinite(real).all() and np.isfinite(fake).all()):
        raise ValueError("some features are not finite")


def _significant(eigenvalues: Vectors) -> Vectors:
    """Eigenvalues of a positive matrix, with what is only rounding set to 0: a root would make 1e-8 of 1e-16."""
    limit = eigenvalues.max(initial=0) * len(eigenvalues) * np.finfo(np.float64).eps
    return np.where(eigenvalues > limit, eigenvalues, 0.0)


def _kernel(a: Vectors, b: Vectors) -> Vectors:
    kernel: Vectors = (a @ b.T / a.shape[1] + 1) ** 3
    return kernel


def _divergence(part: Vectors) -> float:
    """Mean KL of the rows from their own mean; 0 log 0 counts 0."""
    marginal = part.mean(axis=0)
    ratio = np.divide(part, marginal, out=np.ones_like(part), where=part > 0)
    return float(np.sum(part * np.log(ratio), axis=1).mean())
