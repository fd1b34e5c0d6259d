"""Precision, recall, density and coverage on point sets that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop_genai.training import metrics
from shop_genai.training.metrics import manifolds
from tests.training.metrics.clouds import Points, cloud, clouds


def on_a_line(*places: float) -> Points:
    return np.array(places, np.float64)[:, None]


# Real points 0, 1, 2, 10: with k = 1 the balls reach 1, 1, 1 and 8. With k = 2: 2, 1, 2 and 9.
REAL = on_a_line(0, 1, 2, 10)


def test_precision_and_recall_by_hand() -> None:
    # Made points 0.5, 3, 30: 0.5 and 3 lie in real balls, 30 does not. Their own balls reach 2.5, 2.5 and 27: all real
    # points lie in one of them (0, 1, 2 in the first; 10 in the last).
    assert metrics.precision_recall(REAL, on_a_line(0.5, 3, 30), k=1) == pytest.approx((2 / 3, 1))
    # Made points 0, 0.25, 0.5: balls of 0.25 hold only the real 0.
    assert metrics.precision_recall(REAL, on_a_line(0, 0.25, 0.5), k=1) == pytest.approx((1, 1 / 4))


def test_a_larger_k_makes_larger_balls() -> None:
    # k = 2: 1.0 lies in its own ball of 1 and those of 0 and 2; 11.5 and 19.5 only in that of 10 (9 wide, to 19).
    assert metrics.precision_recall(REAL, on_a_line(1, 11.5, 19.5), k=2)[0] == pytest.approx(2 / 3)


def test_density_and_coverage_by_hand() -> None:
    # k = 1: 0.5 is in the balls of 0 and 1; 3 in those of 2 and of 10; 30 in none: 4 hits for 3 points; all covered.
    assert metrics.density_coverage(REAL, on_a_line(0.5, 3, 30), k=1) == pytest.approx((4 / 3, 1))
    # Collapsed to one place: 0.25 is in the balls of 0 and 1 only.
    assert metrics.density_coverage(REAL, on_a_line(0.25, 0.25, 0.25), k=1) == pytest.approx((2, 1 / 2))


def test_the_edge_of_a_ball_belongs_to_it() -> None:
    assert metrics.precision_recall(on_a_line(0, 1), on_a_line(2, 20), k=1)[0] == 0.5


def test_sets_apart_share_nothing() -> None:
    real, far = cloud(30, 3, 1), cloud(30, 3, 2, shift=1000)
    assert metrics.precision_recall(real, far) == (0, 0)
    assert metrics.density_coverage(real, far) == (0, 0)


def test_blocks_do_not_change_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    real, fake = cloud(43, 5, 1), cloud(29, 5, 2, shift=0.3)
    whole = metrics.precision_recall(real, fake), metrics.density_coverage(real, fake)
    monkeypatch.setattr(manifolds, "BLOCK", 100)
    assert (metrics.precision_recall(real, fake), metrics.density_coverage(real, fake)) == whole


def test_a_block_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifolds, "BLOCK", 64)
    points = cloud(20, 2, 1)
    sizes = [squares.size for _, squares in manifolds.squared_distances(points, points)]
    assert max(sizes) <= 64
    assert sum(sizes) == 400


def test_equal_points_are_at_no_distance() -> None:
    points = np.repeat(cloud(3, 50, 1) * 1e3 + 0.1, 4, axis=0)
    assert (manifolds.radii(points, 3) == 0).all()


@settings(max_examples=30, deadline=None)
@given(clouds(), clouds(), st.integers(0, 99))
def test_shares_are_shares_and_know_no_order(real: Points, fake: Points, seed: int) -> None:
    found = *metrics.precision_recall(real, fake, k=2), *metrics.density_coverage(real, fake, k=2)
    assert all(0 <= value <= 1 for value in (found[0], found[1], found[3]))
    assert found[2] >= 0
    shuffled = np.random.default_rng(seed).permutation(fake)
    again = *metrics.precision_recall(real, shuffled, k=2), *metrics.density_coverage(real, shuffled, k=2)
    assert again == pytest.approx(found)
    assert metrics.precision_recall(fake, real, k=2) == pytest.approx(found[1::-1])
    assert metrics.precision_recall(real, real, k=2) == (1, 1)
    assert metrics.density_coverage(real, real, k=2)[1] == 1


def test_the_expected_coverage_is_what_is_found() -> None:
    # Equal sizes tend to 1 - 1 / 2^k; one neighbour, two real and one made point: half of the balls stay empty.
    assert metrics.expected_coverage(10**6, 10**6) == pytest.approx(1 - 2**-5, abs=1e-4)
    assert metrics.expected_coverage(2, 1, k=1) == pytest.approx(1 / 2)
    found = [metrics.density_coverage(cloud(60, 6, s), cloud(40, 6, 100 + s))[1] for s in range(30)]
    assert np.mean(found) == pytest.approx(metrics.expected_coverage(60, 40), abs=0.02)


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 6"):
        metrics.density_coverage(cloud(5, 2, 1), cloud(9, 2, 2), k=5)
    with pytest.raises(ValueError, match="at least 4"):
        metrics.precision_recall(cloud(9, 2, 1), cloud(3, 2, 2), k=3)
