"""Classical colour transfer, each method given the target's own pixels: what learning has to beat.

All work on the product's pixels only: source (N, 3) and target (N, 3) in 0..255, the i-th of both at the same place,
which only the affine oracle makes use of.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from shop_genai.generation.lab import lab, rgb

Values = NDArray[np.float64]
Transfer = Callable[[Values, Values], Values]


def copy(source: Values, target: Values) -> Values:
    """Nothing is changed."""
    return source


def gain(source: Values, target: Values) -> Values:
    """Each channel scaled to the target's mean."""
    return source * target.mean(axis=0) / np.maximum(source.mean(axis=0), 1)


def mean_shift(source: Values, target: Values) -> Values:
    """The target's mean in CIELAB."""
    from_, to = lab(source), lab(target)
    return rgb(from_ + to.mean(axis=0) - from_.mean(axis=0))


def reinhard(source: Values, target: Values) -> Values:
    """The target's mean and standard deviation in CIELAB.

    Source: Reinhard et al. 2001, "Color Transfer between Images", with CIELAB in place of their opponent space.
    """
    from_, to = lab(source), lab(target)
    scale = to.std(axis=0) / np.maximum(from_.std(axis=0), 1e-6)
    return rgb((from_ - from_.mean(axis=0)) * scale + to.mean(axis=0))


def histogram(source: Values, target: Values) -> Values:
    """Each channel's histogram made the target's."""
    return np.stack([_matched(source[:, c], target[:, c]) for c in range(3)], axis=1)


def affine(source: Values, target: Values) -> Values:
    """The 3x4 matrix that fits the target best in the sense of least squares, pixel by pixel: it knows the answer."""
    columns = np.column_stack([source, np.ones(len(source))])
    matrix, *_ = np.linalg.lstsq(columns, target, rcond=None)
    return np.asarray(columns @ matrix)


PEERS: dict[str, Transfer] = {
    "copy": copy,
    "per-channel gain": gain,
    "Lab mean shift": mean_shift,
    "Reinhard": reinhard,
    "histogram matching": histogram,
    "affine oracle": affine,
}


def _matched(source: Values, target: Values) -> Values:
    """Values that stand in the target's distribution where the source's stand in theirs."""
    _, where, counts = np.unique(source, return_inverse=True, return_counts=True)
    middles = (np.cumsum(counts) - counts / 2) / len(source)
    ordered = np.sort(target)
    places = (np.arange(len(ordered)) + 0.5) / len(ordered)
    matched: Values = np.interp(middles, places, ordered)[where]
    return matched
