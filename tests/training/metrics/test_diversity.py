"""Distances within a set, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from shop_genai.training import metrics

TRIANGLE = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]])  # sides 3, 4, 5


def test_the_mean_distance_by_hand() -> None:
    assert metrics.mean_distance(TRIANGLE) == pytest.approx(4)
    assert metrics.pairwise_ratio(TRIANGLE, TRIANGLE / 2 + 7) == pytest.approx(1 / 2)


def test_a_set_of_one_picture_is_not_varied() -> None:
    assert metrics.pairwise_ratio(TRIANGLE, np.ones((5, 2))) == 0
    with pytest.raises(ValueError, match="two pictures"):
        metrics.mean_distance(np.ones((1, 2)))


def test_near_duplicates_by_hand() -> None:
    points = np.array([[0.0], [0.1], [5.0], [9.0]])
    assert metrics.near_duplicates(points, 0.2) == 1 / 2
    assert metrics.near_duplicates(points, 4.0) == 3 / 4 + 1 / 4  # 4 is the distance of the last two
    assert metrics.near_duplicates(points, 0.05) == 0


def test_the_usual_distance_to_the_nearest_is_a_median() -> None:
    # Nearest others: 0.1, 0.1, 4, 4.
    assert metrics.usual_nearest(np.array([[0.0], [0.1], [5.0], [9.0]])) == pytest.approx((0.1 + 4) / 2)
    assert metrics.usual_nearest(np.ones((4, 3))) == 0
    # To 0 and 10: 1, 4 and 2.
    assert metrics.usual_nearest(np.array([[1.0], [6.0], [12.0]]), np.array([[0.0], [10.0]])) == pytest.approx(2)
