"""The index in memory: statistics by hand, the order of equals, one picture per product."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from shop_genai import looks
from shop_genai.models import Look, Weights
from shop_genai.taste import index as indexes
from shop_genai.taste.index import best, first_of_products
from shop_genai.taste.space import FLOOR, POOLED, relevance, statistics
from tests.taste.conftest import Place

WEIGHTS = Weights(pk=1, recipe="variant", digest="ab" * 32)


def entry(number: int, vector: Any, category: str, product: str = "", colour: str = "") -> Any:
    packed = looks.pack(vector) if vector is not None else b""
    return uuid.UUID(int=number), packed, category, product or f"product {number}", colour


def test_rows_of_a_category_lie_together_the_newest_first() -> None:
    space = indexes.build(
        WEIGHTS,
        uuid.uuid4(),
        [entry(0, (1, 1), "b"), entry(1, (3, 0), "a"), entry(2, None, "b"), entry(3, (5, 2), "a")],
    )
    assert (space.names, space.bounds, space.counts) == (["a", "b"], [(0, 2), (2, 4)], [2, 2])
    assert [image.int for image in space.images] == [1, 3, 0, 2]
    assert space.age.tolist() == [1, 3, 0, 2]
    assert space.seen.tolist() == [True, True, True, False]
    assert space.mean.tolist() == [[4, 1], [1, 1], [3, 1]]
    assert np.allclose(space.pull[:2], np.array([[-1, -1], [1, 1]]) / space.std[0] ** 2)
    assert space.pull[3].tolist() == [0, 0]
    found = space.entries([uuid.UUID(int=3), uuid.UUID(int=2), uuid.UUID(int=77)])
    assert found[uuid.UUID(int=3)].offset == pytest.approx((1, 1))
    assert found[uuid.UUID(int=2)] == ("b", "product 2", None)
    assert len(found) == 2


def test_variances_are_pooled_and_have_a_floor() -> None:
    looks_ = np.array([[1, 0], [-1, 0], [3, 0], [5, 0], [1, 0], [7, 0]], dtype=np.float32)
    mean, std = statistics(looks_, np.ones(6, dtype=bool), [(0, 2), (2, 6)])
    inside = (2 * 1 + 4 * 5) / 6  # variances 1 and 5
    floor = FLOOR * inside / 2
    own = [(2 * 1 + POOLED * inside) / (2 + POOLED), (4 * 5 + POOLED * inside) / (4 + POOLED)]
    assert mean[:2].tolist() == [[0, 0], [4, 0]]
    assert std[:2, 0] ** 2 == pytest.approx([one + floor for one in own], rel=1e-5)
    assert std[:2, 1] ** 2 == pytest.approx([floor, floor], rel=1e-5)


def test_dimensions_count_by_what_they_say_of_colours() -> None:
    drawn = np.random.default_rng(1)
    colours = [f"colour {number % 4}" for number in range(400)]
    between = np.array([3.0, -1.0, 1.0, -3.0])[np.arange(400) % 4]  # variance 5 · 400 / 399
    white = drawn.normal(0, 1, (400, 3)).astype(np.float32)
    white[:, 0] += between
    white[:, 1] *= 9
    found = relevance(white, colours)
    assert found[0] == pytest.approx(5, rel=0.2)
    assert found[1] < 0.05
    assert found[2] < 0.05
    exact = relevance(np.array([[0.0], [2.0], [4.0], [6.0]] * 20, dtype=np.float32), ["a", "a", "b", "b"] * 20)
    total = 80 * 5 / 79
    within = (78 * (80 * 1 / 78) + 10 * total) / 88
    assert exact == pytest.approx([(total - within) / within], rel=1e-5)


@pytest.mark.parametrize("colours", [[""] * 60, ["red"] * 60, [str(number) for number in range(60)]])
def test_without_colours_every_dimension_counts_alike(colours: list[str]) -> None:
    white = np.random.default_rng(1).normal(0, 1, (60, 40)).astype(np.float32)
    assert relevance(white[:, :2], colours).tolist() == [1, 1]
    assert relevance(white, colours).tolist() == [0.25] * 40


def test_one_picture_alone_has_spread_one() -> None:
    space = indexes.build(WEIGHTS, uuid.uuid4(), [entry(0, (1, 2), "a")])
    assert space.std.tolist() == [[1, 1], [1, 1]]


def test_an_index_of_pictures_without_products_can_be_asked() -> None:
    space = indexes.build(WEIGHTS, uuid.uuid4(), [entry(0, None, "a"), entry(1, None, "b")])
    assert (len(space), space.size, space.colour_offset(frozenset({""}), None)) == (2, 0, None)


@settings(max_examples=80, deadline=None)
@given(
    arrays.arrays(np.float32, st.integers(1, 40), elements=st.sampled_from([0.0, 1.0, 2.0, -1.5])),
    st.data(),
)
def test_the_best_are_those_of_a_full_sort(scored: Any, data: Any) -> None:
    n = len(scored)
    age = np.array(data.draw(st.permutations(range(n))), dtype=np.int32)
    wanted = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    products = np.array(data.draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)), dtype=np.int32)
    count = data.draw(st.integers(1, 12))
    full = sorted(np.flatnonzero(wanted), key=lambda at: (-scored[at], age[at]))
    assert best(scored, age, np.flatnonzero(wanted), count).tolist()[:count] == full[:count]
    once: dict[int, int] = {}
    for at in full:
        once.setdefault(int(products[at]), int(at))
    assert first_of_products(scored, age, products, wanted, count) == list(once.values())[:count]


@pytest.mark.django_db
def test_the_copy_in_memory_is_as_new_as_the_stamp(
    place: Place, weights: Weights, django_assert_num_queries: Any
) -> None:
    assert indexes.current(weights) is None
    place([1.0, 0.0])
    first = indexes.current(weights)
    assert first is not None
    with django_assert_num_queries(1):
        assert indexes.current(weights) is first
    place([2.0, 0.0])
    second = indexes.current(weights)
    assert second is not None
    assert second.counts == [2]
    Look.objects.update(product="")  # the shop deleted the rows
    looks.stamp(weights)
    assert indexes.current(weights) is None
    assert indexes.current(None) is None
    assert indexes.current(Weights(recipe="variant", digest="x")) is None
