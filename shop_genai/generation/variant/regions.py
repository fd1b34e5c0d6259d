"""The colours of a region of a picture: their mean and their histograms in CIELAB. NumPy, no network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shop_genai.generation.lab import lab

Values = NDArray[np.float64]

LARGEST = 256  # pixels; larger pictures are averaged down first: colours are no matter of detail
BIN = 5.0  # width of a histogram's bin, in CIELAB's units
EDGES = np.arange(-120.0, 120.0 + BIN, BIN)  # of each of L, a and b


def mean_lab(picture: Image.Image, mask: Image.Image) -> Values:
    """The mean colour where the mask is, each pixel counted as much as it is masked: L, a, b.

    Raises:
        ValueError: the mask is empty.
    """
    colours, weights = _masked(picture, mask)
    return np.asarray(weights @ colours)


def lab_histogram(picture: Image.Image, mask: Image.Image) -> Values:
    """How the colours where the mask is are spread over L, over a and over b: (3, bins), each row summing to 1.

    Raises:
        ValueError: the mask is empty.
    """
    colours, weights = _masked(picture, mask)
    return np.stack([np.histogram(colours[:, axis], EDGES, weights=weights)[0] for axis in range(3)])


def histogram_distance(a: Values, b: Values) -> float:
    """How far the colours of one region have to move to become those of the other, in CIELAB's units.

    The earth mover's distance along each axis, which for sorted bins is the area between the cumulated histograms;
    the three together as the sides of a box.

    Source: Rubner et al. 2000, "The Earth Mover's Distance as a Metric for Image Retrieval"; in one dimension:
    Vallender 1974, "Calculation of the Wasserstein Distance Between Probability Distributions on the Line".
    """
    moved = BIN * np.abs(np.cumsum(a - b, axis=1)).sum(axis=1)
    return float(np.sqrt(np.sum(moved**2)))


def _masked(picture: Image.Image, mask: Image.Image) -> tuple[Values, Values]:
    """(N, 3) colours in CIELAB and (N,) weights that sum to 1."""
    scale = min(1.0, LARGEST / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    small = picture.convert("RGB").resize(size, Image.Resampling.BOX, reducing_gap=3.0)
    weights = np.asarray(mask.convert("L").resize(size, Image.Resampling.BOX, reducing_gap=3.0), np.float64)
    inside = weights > 0
    if not inside.any():
        raise ValueError("the mask is empty")
    return lab(np.asarray(small, np.float64)[inside]), weights[inside] / weights.sum()
