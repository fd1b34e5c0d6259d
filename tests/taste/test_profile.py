"""The taste itself: formulas against numbers worked out by hand, and what must hold for any history."""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from shop_genai import looks, taste
from shop_genai.models import Event, Shopper, TasteProfile, Weights
from shop_genai.taste import index as indexes
from shop_genai.taste import profile, sums
from shop_genai.taste.index import Index
from shop_genai.taste.sums import Happened
from tests.taste.conftest import Place

NOW = timezone.now()
WEIGHTS = Weights(pk=1, recipe="variant", digest="ab" * 32)


def index_of(entries: Sequence[tuple[str, Sequence[float]]]) -> Index:
    """An index of (category, look) pairs; picture n has the key UUID(int=n)."""
    rows = [
        (uuid.UUID(int=number), looks.pack(vector), category, f"product {number}", "")
        for number, (category, vector) in enumerate(entries)
    ]
    return indexes.build(WEIGHTS, uuid.uuid4(), rows)


def did(kind: str, number: int, days: float = 0.0) -> Happened:
    return Happened(kind, uuid.UUID(int=number), "", NOW - timedelta(days=days))


def taste_from(space: Index, *events: Happened) -> taste.Taste:
    summed = sums.add_up(events, space, NOW)
    return profile.of_sums(summed.facts, summed.vectors, space)


# Two categories: "a" with mean (0, 0), "b" with mean (1, 1).
SPACE = index_of([("a", (2, 0)), ("a", (-2, 0)), ("b", (1, 3)), ("b", (1, -1))])


def test_an_event_weighs_half_after_its_half_life() -> None:
    assert sums.weight_of("view", 0) == 1
    assert sums.weight_of("view", 14) == 0.5
    assert sums.weight_of("purchase", 180) == 5 * 0.25
    assert sums.weight_of("dislike", 0) == -4
    assert sums.weight_of("view", -3) == 1  # a clock that is ahead adds nothing


def test_one_like_by_hand() -> None:
    # S = 4 · (2, 0), n = 4, k = 5: t = (8/9, 0); t_a = (8 + 5 · 8/9) / 9 = 112/81; t_b = t.
    mine = taste_from(SPACE, did("like", 0))
    assert mine.n == 4
    assert mine.overall == pytest.approx((8 / 9, 0))
    assert mine.vectors["a"] == pytest.approx((112 / 81, 0), abs=1e-6)
    assert mine.target("a") == pytest.approx((112 / 81, 0), abs=1e-6)
    assert mine.target("b") == pytest.approx((1 + 8 / 9, 1), abs=1e-6)
    assert not mine.empty
    assert mine.weights == WEIGHTS.digest


def test_several_events_by_hand() -> None:
    # a: a purchase of (2, 0) and a view of (−2, 0), 14 days old: S = (10 − 1, 0) = (9, 0), n = 5.5.
    # b: a dislike of (1, 3), that is of (0, 2) from the mean: S = (0, −8), n = 4.
    # t = (9, −8) / (9.5 + 5); t_b = ((0, −8) + 5 t) / 9.
    mine = taste_from(SPACE, did("purchase", 0), did("view", 1, days=14), did("dislike", 2))
    t = (9 / 14.5, -8 / 14.5)
    assert mine.overall == pytest.approx(t, abs=1e-6)
    assert mine.vectors["a"] == pytest.approx(((9 + 5 * t[0]) / 10.5, 5 * t[1] / 10.5), abs=1e-6)
    assert mine.vectors["b"] == pytest.approx((5 * t[0] / 9, (-8 + 5 * t[1]) / 9), abs=1e-6)
    assert mine.interest == {"a": 5.5, "b": -4}
    assert mine.avoided == {"product 0", "product 2"}


def test_a_far_target_is_brought_back_to_the_radius(settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TASTE_RADIUS": 0.5, "TASTE_SHRINK": 0.0}
    mine = taste_from(SPACE, did("like", 0))
    std = SPACE.std[0]
    assert mine.vectors["a"] == pytest.approx((2, 0))
    assert mine.target("a") == pytest.approx((0.5 * float(std[0]), 0), abs=1e-6)
    moved = [(now - mean) / s for now, mean, s in zip(mine.target("b"), SPACE.mean[1], SPACE.std[1], strict=True)]
    assert math.hypot(*moved) == pytest.approx(0.5, abs=1e-5)


def test_an_unknown_category_has_a_target_too() -> None:
    mine = taste_from(SPACE, did("like", 0))
    assert mine.target("hats") == pytest.approx((0.5 + 8 / 9, 0.5), abs=1e-6)  # the mean of all looks


def test_of_several_verdicts_the_newest_counts() -> None:
    changed = taste_from(SPACE, did("dislike", 0, days=2), did("like", 0, days=1))
    assert changed.vectors == taste_from(SPACE, did("like", 0, days=1)).vectors
    assert changed.avoided == frozenset()


def test_events_of_pictures_outside_the_index_count_nothing() -> None:
    mine = taste_from(SPACE, did("like", 99))
    assert mine.empty
    assert mine.overall == (0, 0)


def test_searches_pull_towards_the_mean_of_a_colour() -> None:
    rows = [
        (uuid.UUID(int=n), looks.pack(look), category, f"product {n}", colour)
        for n, (category, look, colour) in enumerate(
            [("a", (2, 0), "red"), ("a", (-2, 0), "navy"), ("b", (5, 1), "white/red"), ("b", (1, 1), "navy")]
        )
    ]
    space = indexes.build(WEIGHTS, uuid.uuid4(), rows)
    red = Happened("search", None, "something red", NOW)
    mine = taste_from(space, red)
    assert mine.overall == pytest.approx((2 / 6, 0), abs=1e-5)  # one view's worth of (2, 0), k = 5
    assert (mine.vectors, dict(mine.interest)) == ({}, {})
    both = taste_from(space, Happened("search", None, "red b", NOW))
    assert both.interest == {"b": 1.0}
    assert both.vectors["b"][0] > both.overall[0] > 0
    only_category = taste_from(space, Happened("search", None, "b", NOW))
    assert (only_category.n, dict(only_category.interest), only_category.empty) == (0, {"b": 1.0}, False)


# What must always hold ------------------------------------------------------------------------------------------------

KINDS = ("view", "basket", "purchase", "like", "dislike")
floats = st.floats(-4, 4, width=16)
catalogues = st.lists(
    st.tuples(st.sampled_from("abc"), st.lists(floats, min_size=3, max_size=3)), min_size=2, max_size=12
)
histories = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 11), st.floats(0, 400)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(catalogues, histories, st.randoms())
def test_the_order_of_events_is_irrelevant(catalogue: Any, history: Any, random: Any) -> None:
    space = index_of(catalogue)
    events = [did(*one) for one in history]
    mixed = list(events)
    random.shuffle(mixed)
    first, second = taste_from(space, *events), taste_from(space, *mixed)
    assert first == second


@settings(max_examples=60, deadline=None)
@given(catalogues, histories)
def test_no_target_is_farther_than_the_radius(catalogue: Any, history: Any) -> None:
    space = index_of(catalogue)
    mine = taste_from(space, *[did(*one) for one in history])
    for number, name in enumerate(space.names):
        away = (np.array(mine.target(name)) - space.mean[number]) / space.std[number]
        assert np.linalg.norm(away) <= 3.0 + 1e-3


@settings(max_examples=60, deadline=None)
@given(catalogues, histories, st.integers(0, 11))
def test_another_event_moves_the_taste_towards_its_look(catalogue: Any, history: Any, number: int) -> None:
    space = index_of(catalogue)
    number %= len(space)
    events = [did(*one) for one in history if one[0] != "dislike"]
    entry = space.entries([uuid.UUID(int=number)])[uuid.UUID(int=number)]
    distances = []
    for more in (0, 1, 2, 5):
        mine = taste_from(space, *events, *[did("purchase", number, days=0.001 * one) for one in range(more)])
        vector = mine.vectors.get(entry.category, mine.overall)
        distances.append(float(np.linalg.norm(np.array(vector) - entry.offset)))
    assert all(later <= earlier + 1e-4 for earlier, later in pairwise(distances))


@settings(max_examples=20, deadline=None)
@given(catalogues)
def test_no_events_are_no_taste(catalogue: Any) -> None:
    space = index_of(catalogue)
    mine = taste_from(space)
    assert (mine.empty, mine.n, set(mine.overall)) == (True, 0.0, {0.0})
    assert mine.target("a") == pytest.approx(tuple(space.mean[space.number("a")]))


# The profile ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_profile_is_kept_until_something_happens(
    place: Place, shopper: Shopper, django_assert_num_queries: Any
) -> None:
    red, blue = place([1.0, 0.0]), place([-1.0, 0.0])
    taste.record_event(shopper, "like", red)
    first = taste.taste_of(shopper)
    with django_assert_num_queries(4):  # weights, stamp, profile, version
        assert taste.taste_of(shopper) == first
    taste.record_event(shopper, "like", blue)
    assert taste.taste_of(shopper) != first
    assert TasteProfile.objects.count() == 1


@pytest.mark.django_db
def test_a_profile_of_another_index_or_another_day_is_computed_anew(place: Place, shopper: Shopper) -> None:
    red = place([1.0, 0.0])
    taste.record_event(shopper, "view", red, at=timezone.now() - timedelta(days=14))
    assert taste.taste_of(shopper).n == pytest.approx(0.5, abs=1e-3)
    place([-3.0, 0.0])
    assert taste.taste_of(shopper).vectors["t-shirt"][0] > 0  # the mean has moved, and with it the offset
    TasteProfile.objects.update(updated=timezone.now() - timedelta(days=1), facts={}, vectors=b"")
    assert taste.taste_of(shopper).n == pytest.approx(0.5, abs=1e-3)


@pytest.mark.django_db
def test_an_event_that_comes_in_while_the_profile_is_computed_is_not_lost(
    place: Place, shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    red, blue = place([1.0, 0.0]), place([-1.0, 0.0])
    taste.record_event(shopper, "like", red)
    add_up = sums.add_up

    def late(*args: Any) -> sums.Sums:
        made = add_up(*args)
        monkeypatch.setattr(sums, "add_up", add_up)
        taste.record_event(shopper, "purchase", blue)
        return made

    monkeypatch.setattr(sums, "add_up", late)
    assert taste.taste_of(shopper).n == pytest.approx(4, abs=1e-3)
    assert taste.taste_of(shopper).n == pytest.approx(9, abs=1e-3)


@pytest.mark.django_db
def test_without_events_no_profile_is_kept(place: Place, shopper: Shopper) -> None:
    image = place([1.0])
    taste.record_event(shopper, "like", image)
    taste.taste_of(shopper)
    Event.objects.all().delete()
    Shopper.objects.update(version=99)
    assert taste.taste_of(shopper).empty
    assert TasteProfile.objects.count() == 0
    assert taste.taste_of(None).empty


@pytest.mark.django_db
def test_very_old_events_do_not_count(place: Place, shopper: Shopper) -> None:
    image = place([1.0])
    taste.record_event(shopper, "like", image, at=datetime(2001, 1, 1, tzinfo=timezone.get_current_timezone()))
    assert taste.taste_of(shopper).empty
