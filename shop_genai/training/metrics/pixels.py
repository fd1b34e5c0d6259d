"""How close a picture is to the truth. Pictures are (H, W, 3) uint8; NumPy only."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from shop_genai.generation.lab import difference, lab

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float64]


def luma(picture: Pixels) -> Plane:
    """ITU-R BT.601 luma in its studio range, 16..235, as super-resolution papers measure: (H, W).

    Source: ITU-R BT.601-7, section 2.5; MATLAB's rgb2ycbcr.
    """
    y: Plane = 16 + picture.astype(np.float64) @ np.array([65.481, 128.553, 24.966]) / 255
    return y


def psnr_y(picture: Pixels, target: Pixels) -> float:
    """Peak signal-to-noise ratio on luma, dB: 10 log10(255^2 / mean squared error); infinite for equal pictures."""
    return _decibels(float(np.mean((luma(picture) - luma(target)) ** 2)))


def psnr_rgb(picture: Pixels, target: Pixels) -> float:
    """Peak signal-to-noise ratio over all three channels, dB; infinite for equal pictures."""
    return _decibels(float(np.mean((picture.astype(np.float64) - target) ** 2)))


def ssim_y(picture: Pixels, target: Pixels) -> float:
    """Mean structural similarity on luma, with the Gaussian window of 11 pixels and sigma 1.5, where it fits.

    Source: Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity", eq. 13.
    """
    a, b = luma(picture), luma(target)
    mean_a, mean_b = _window(a), _window(b)
    variance_a = _window(a * a) - mean_a**2
    variance_b = _window(b * b) - mean_b**2
    covariance = _window(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    likeness = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    return float(np.mean(likeness / ((mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2))))


def laplacian_ratio(picture: Pixels, target: Pixels) -> float:
    """Energy of the 4-neighbour Laplacian on luma, as a ratio to the target's: below 1 soft, above 1 noisy."""
    energy = [float(np.mean(_laplacian(luma(p)) ** 2)) for p in (picture, target)]
    return energy[0] / energy[1] if energy[1] else math.inf


def colour_shift(picture: Pixels, target: Pixels, block: int = 16) -> float:
    """Mean CIE 1976 colour difference between the averages of 16x16 blocks: colour, with detail and noise averaged out.

    Source: ISO/CIE 11664-4:2019 (CIELAB), eq. for the difference.
    """
    return float(np.mean(difference(lab(_blocks(picture, block)), lab(_blocks(target, block)))))


def _decibels(error: float) -> float:
    """A mean squared error of values 0..255, against their peak."""
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def _window(plane: Plane, size: int = 11, sigma: float = 1.5) -> Plane:
    """Gaussian-weighted means, only where the whole window fits: (H - size + 1, W - size + 1)."""
    offsets = np.arange(size) - size // 2
    weights = np.exp(-(offsets**2) / (2 * sigma**2))
    weights /= weights.sum()
    height, width = plane.shape[0] - size + 1, plane.shape[1] - size + 1
    rows = sum((w * plane[i : i + height] for i, w in enumerate(weights)), start=np.zeros((height, plane.shape[1])))
    return sum((w * rows[:, i : i + width] for i, w in enumerate(weights)), start=np.zeros((height, width)))


def _laplacian(plane: Plane) -> Plane:
    centre = plane[1:-1, 1:-1]
    return plane[:-2, 1:-1] + plane[2:, 1:-1] + plane[1:-1, :-2] + plane[1:-1, 2:] - 4 * centre


def _blocks(picture: Pixels, block: int) -> NDArray[np.float64]:
    """Means of whole blocks, (H // block, W // block, 3); the rest at the right and lower edge is left out."""
    rows, columns = picture.shape[0] // block, picture.shape[1] // block
    cut = picture[: rows * block, : columns * block].astype(np.float64)
    means: NDArray[np.float64] = cut.reshape(rows, block, columns, block, 3).mean(axis=(1, 3))
    return means
