"""Principal components: the best *linear* code of a given number of floats, against which a VAE has to prove itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def reconstructed(training: NDArray[np.float32], pictures: NDArray[np.float32], floats: int) -> NDArray[np.float32]:
    """Pictures (M, D) from their first coordinates in the principal axes of `training` (N, D).

    Fewer than `floats` coordinates are used where N - 1 or D is smaller.

    Source: Pearson 1901, "On Lines and Planes of Closest Fit to Systems of Points in Space".
    """
    mean = training.mean(axis=0)
    _, _, axes = np.linalg.svd(training - mean, full_matrices=False)
    kept = axes[: min(floats, len(training) - 1)]  # (floats, D), orthonormal rows
    result: NDArray[np.float32] = mean + (pictures - mean) @ kept.T @ kept
    return result
