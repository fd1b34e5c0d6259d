"""Sets of points to measure."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Points = NDArray[np.float64]


def cloud(count: int, features: int, seed: int, spread: float = 1.0, shift: float = 0.0) -> Points:
    """A Gaussian with correlated, unequal features; its shape depends on the number of features only."""
    mixing = np.random.default_rng(features).normal(size=(features, features)) / features**0.5
    return shift + spread * np.random.default_rng(seed).normal(size=(count, features)) @ mixing


def with_moments(mean: Points, covariance: Points, count: int, seed: int) -> Points:
    """Points whose sample mean and covariance are exactly these."""
    draw = np.random.default_rng(seed).normal(size=(count, len(mean)))
    draw -= draw.mean(axis=0)
    white = draw @ np.linalg.inv(np.linalg.cholesky(np.cov(draw, rowvar=False))).T
    return mean + white @ np.linalg.cholesky(covariance).T


@st.composite
def clouds(draw: st.DrawFn) -> Points:
    """Clouds of 4 features, some of them with fewer points than features, some flat."""
    count, seed = draw(st.integers(3, 40)), draw(st.integers(0, 2**16))
    points = cloud(count, 4, seed, draw(st.floats(0.1, 10)), draw(st.floats(-5, 5)))
    if draw(st.booleans()):
        points[:, 2] = points[:, 0]
    return points
