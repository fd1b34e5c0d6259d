"""The distribution of looks, and different ones drawn from it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from shop_genai.generation.variant.prior import DRAWN, TEMPER, Prior, assigned


@pytest.fixture
def clusters() -> np.ndarray[Any, np.dtype[np.float64]]:
    """Three groups of looks, far apart, in four dimensions of which one says nothing."""
    rng = np.random.default_rng(0)
    centres = np.array([[6.0, 0, 0, 0], [0, 6, 0, 0], [0, 0, 6, 0]])
    return np.repeat(centres, 40, axis=0) + rng.normal(0, 0.3, (120, 4)) * [1, 1, 1, 0]


def plain(looks: Any) -> Any:
    """What is seen of looks that are colours themselves."""
    return looks


def test_the_parts_of_a_mixture_are_found(clusters: Any) -> None:
    prior = Prior.fit(clusters, components=3)
    assert sorted(prior.weights) == pytest.approx([1 / 3] * 3)
    assert sorted(prior.means.argmax(axis=1)) == [0, 1, 2]
    assert prior.means.max(axis=1) == pytest.approx([6, 6, 6], abs=0.3)
    assert np.diag(prior.covariance) == pytest.approx([0.1, 0.1, 0.1, 0.01], abs=0.03)
    assert (prior.distance(clusters) <= prior.radius).mean() == pytest.approx(0.99, abs=0.01)


def test_draws_look_like_what_was_fitted(clusters: Any) -> None:
    drawn = Prior.fit(clusters, components=3).draw(600, np.random.default_rng(1))
    assert drawn.mean(axis=0) == pytest.approx(clusters.mean(axis=0), abs=0.4)
    nearest = np.linalg.norm(drawn[:, None] - clusters[None], axis=2).min(axis=1)
    assert np.quantile(nearest, 0.9) < 0.6  # none in the middle, where no product is


def test_the_standard_prior_is_a_unit_gaussian() -> None:
    prior = Prior.standard(32)
    assert prior.distance(np.full((1, 32), 2.0)) == pytest.approx([2 * np.sqrt(32)])
    lengths = np.linalg.norm(np.random.default_rng(0).standard_normal((20_000, 32)), axis=1)
    assert prior.radius == pytest.approx(np.quantile(lengths, 0.99), rel=0.01)


def test_a_look_too_far_out_is_moved_to_the_radius() -> None:
    prior = Prior(np.array([[1.0, 0.0]]), np.ones(1), np.diag([4.0, 1.0]), radius=2.0)
    assert prior.clipped(np.array([9.0, 0.0])) == pytest.approx([5.0, 0.0])  # 2 deviations of 2 from 1
    assert prior.clipped(np.array([1.0, -7.0])) == pytest.approx([1.0, -2.0])
    inside = np.array([2.0, 1.0])
    assert prior.clipped(inside) is inside


def test_different_looks_are_further_apart_than_random_ones() -> None:
    prior = Prior.standard(6)
    own = np.zeros(6)

    def least(points: Any) -> float:
        apart = np.linalg.norm(points[:, None] - points[None], axis=2)
        return float(apart[np.triu_indices(len(points), 1)].min())

    chosen = [least(prior.different(6, seed, own, plain)) for seed in range(10)]
    random = [least(prior.draw(6, np.random.default_rng(seed), TEMPER)) for seed in range(10)]
    assert min(chosen) > max(random)


def test_a_choice_belongs_to_its_seed() -> None:
    prior, own = Prior.standard(6), np.zeros(6)
    assert np.array_equal(prior.different(4, 7, own, plain), prior.different(4, 7, own, plain))
    assert not np.array_equal(prior.different(4, 7, own, plain), prior.different(4, 8, own, plain))


def test_chosen_looks_are_not_the_pictures_own() -> None:
    prior = Prior.standard(3)
    own = prior.draw(DRAWN, np.random.default_rng(3), TEMPER)[0]
    (chosen,) = prior.different(1, 3, own, plain)
    assert np.linalg.norm(chosen - own) > 0.5


def test_only_what_shows_makes_looks_different() -> None:
    def shown(looks: Any) -> Any:
        return looks[:, :1]

    chosen = Prior.standard(4).different(3, 0, np.zeros(4), shown)
    first, second, third = sorted(chosen[:, 0])
    assert min(second - first, third - second) > 0.5


def test_a_temper_below_one_draws_more_usual_looks() -> None:
    prior = Prior.standard(8)
    usual, free = (prior.draw(200, np.random.default_rng(0), temper) for temper in (0.5, 1.0))
    assert prior.distance(usual).mean() == pytest.approx(0.5 * prior.distance(free).mean(), rel=0.02)


def test_a_manifest_keeps_it(clusters: Any) -> None:
    prior = Prior.fit(clusters, components=3)
    again = Prior.read(json.loads(json.dumps(prior.as_dict())), 4)
    assert again.means == pytest.approx(prior.means, abs=1e-4)
    assert again.radius == pytest.approx(prior.radius, abs=1e-4)
    assert again.weights.sum() == pytest.approx(1)


def test_a_manifest_may_know_one_gaussian_or_nothing() -> None:
    one = Prior.read({"mean": [1, 2], "covariance": [[1, 0], [0, 4]]}, 2)
    assert one.distance(np.array([[1.0, 4.0]])) == pytest.approx([1.0])
    assert Prior.read(None, 5).means.shape == (1, 5)


@pytest.mark.parametrize(
    "entry",
    [
        {"mean": [1, 2, 3], "covariance": [[1, 0], [0, 4]]},
        {"mean": [1, 2], "covariance": [[1]]},
        {"means": [[1, 2]], "weights": [0], "covariance": [[1, 0], [0, 4]]},
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="prior"):
        Prior.read(entry, 2)


def test_fewer_looks_than_parts() -> None:
    prior = Prior.fit(np.ones((2, 3)), components=16)
    assert np.isfinite(prior.draw(5, np.random.default_rng(0))).all()


def test_names_come_again_only_when_all_were_taken() -> None:
    known = {"red": [1.0, 0.0], "blue": [0.0, 1.0]}
    assert assigned(np.array([[2.0, 0.0], [3.0, 0.0], [1.0, 0.1]]), known) == ["red", "blue", "red"]
