"""The score: against numbers worked out by hand, and against simulated shoppers."""

from __future__ import annotations

import math
import uuid
from typing import Any

import numpy as np
import pytest

from shop_genai.models import Weights
from shop_genai.taste import index as indexes
from shop_genai.taste import popularity, ranking
from shop_genai.taste.profile import Taste
from tests.taste.test_index import WEIGHTS, entry
from tests.taste.test_profile import did, taste_from

pytestmark = pytest.mark.django_db


@pytest.fixture
def space() -> indexes.Index:
    rows = [
        entry(0, (2, 0), "a"),
        entry(1, (-2, 0), "a"),
        entry(2, (1, 3), "b"),
        entry(3, (1, -1), "b"),
        entry(4, None, "b"),
    ]
    return indexes.build(WEIGHTS, uuid.uuid4(), rows)


def test_scores_by_hand(space: indexes.Index, monkeypatch: pytest.MonkeyPatch) -> None:
    popular = np.array([0, 1, 0, 0, 2], dtype=np.float32)
    monkeypatch.setattr(popularity, "of", lambda stamp, images: popular)
    mine = taste_from(space, did("like", 0))
    plan = ranking.plan(space, mine)
    share = {"a": 2 / 5, "b": 3 / 5}
    weights = {"a": 4.0, "b": 0.0}
    expected = []
    for image, look, category in (
        (0, (2, 0), "a"),
        (1, (-2, 0), "a"),
        (2, (1, 3), "b"),
        (3, (1, -1), "b"),
        (4, None, "b"),
    ):
        number = space.number(category)
        m = np.array(mine.direction(category)) / space.std[number]
        wanted = (weights[category] + 2 * share[category]) / (4 + 2)
        score = 2 * math.log(wanted / share[category]) + 0.5 * popular[image]
        if look is not None:
            z = (np.array(look) - space.mean[number]) / space.std[number]
            score += float(z @ m - m @ m / 2)
        expected.append(score)
    assert space.scores(plan) == pytest.approx(expected, abs=1e-4)


def test_the_clip_holds_in_the_score_too(space: indexes.Index, settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TASTE_RADIUS": 0.1, "TASTE_SHRINK": 0.01}
    mine = taste_from(space, did("purchase", 0))
    plan = ranking.plan(space, mine)
    for number in range(2):
        m = plan.direction(number) / space.std[number]
        assert np.linalg.norm(m) == pytest.approx(0.1, rel=1e-3)
        assert plan.half[number] == pytest.approx(0.005, rel=1e-3)


def test_the_cause_is_the_event_that_adds_most(space: indexes.Index) -> None:
    mine = taste_from(space, did("view", 0), did("purchase", 2))
    found = ranking.rank(space, mine, 5)
    told = dict(zip((one.image.int for one in found), ranking.causes(space, mine, found), strict=True))
    kinds = {number: mine.strongest[cause][3] if isinstance(cause, int) else cause for number, cause in told.items()}
    assert kinds[4] == "purchase"  # of the same category
    assert kinds[0] in ("taste", "purchase")  # never the view of the thing itself


def test_an_empty_taste_ranks_by_age(space: indexes.Index) -> None:
    assert [one.image.int for one in ranking.rank(space, Taste(), 9)] == [0, 1, 2, 3, 4]
    assert [one.image.int for one in ranking.rank(space, Taste(), 9, "b", {"product 3"})] == [2, 4]


def test_shoppers_with_a_hidden_taste_get_their_things_back(weights: Weights) -> None:
    from benchmarks import _taste_ranking, _taste_shoppers

    rng = np.random.default_rng(5)
    goods = _taste_shoppers.catalogue(300, 16, rng)
    found = _taste_ranking.measure(goods, 60, rng)
    assert found["taste"]["hit_rate"] > 1.5 * found["popular"]["hit_rate"]
    assert found["taste"]["ndcg"] > 1.5 * found["popular"]["ndcg"]
    assert found["taste"]["mrr"] > 2 * found["random"]["mrr"]
