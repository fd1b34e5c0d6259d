"""Figures for generated pictures; NumPy only.

`pixels` compares a picture with its truth. `distributions`, `manifolds` and `diversity` compare a whole set of made
pictures with a set of real ones, both as arrays of features, one row per picture.
"""

from shop_genai.generation.lab import lab

from .distributions import (
    Vectors,
    frechet_distance,
    gaussian_distance,
    inception_score,
    kernel_distance,
    polynomial_mmd,
)
from .diversity import mean_distance, near_duplicates, pairwise_ratio, usual_nearest
from .manifolds import density_coverage, expected_coverage, precision_recall
from .pixels import colour_shift, laplacian_ratio, luma, psnr_rgb, psnr_y, ssim_y

__all__ = [
    "Vectors",
    "colour_shift",
    "density_coverage",
    "expected_coverage",
    "frechet_distance",
    "gaussian_distance",
    "inception_score",
    "kernel_distance",
    "lab",
    "laplacian_ratio",
    "luma",
    "mean_distance",
    "near_duplicates",
    "pairwise_ratio",
    "polynomial_mmd",
    "precision_recall",
    "psnr_rgb",
    "psnr_y",
    "ssim_y",
    "usual_nearest",
]
