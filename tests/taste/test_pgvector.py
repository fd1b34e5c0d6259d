"""Ranking inside PostgreSQL gives what ranking in memory gives. Runs where DATABASE_URL leads to one with pgvector."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from shop_genai import looks, taste
from shop_genai.models import Look, LookIndex, ProductImage, Shopper, Weights
from shop_genai.taste import index, pgvector, popularity, profile, ranking
from shop_genai.taste.pgvector import StoredIndex
from tests.taste.conftest import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(place: Place) -> list[ProductImage]:
    """Sixty pictures of three categories, some without a look, some of one product."""
    from shop_genai import catalogue

    drawn = random.Random(3)
    images = []
    for number in range(60):
        vector = None if number % 13 == 0 else [round(drawn.gauss(0, 1), 3) for _one in range(6)]
        product = catalogue.host(images[-1]).product if number % 10 == 9 else None
        colour = drawn.choice(["red", "navy", "white/navy"]) if product is None else ""
        images.append(place(vector, drawn.choice(["t-shirt", "polo", "home"]), colour or "red", product))
    return images


@pytest.fixture
def needs_pgvector(db: None) -> None:
    if not pgvector.available():
        pytest.skip("no PostgreSQL with the extension “vector”")


def both(weights: Weights) -> tuple[index.Index, StoredIndex]:
    stamp = LookIndex.objects.get(weights=weights).stamp
    stored = pgvector.opened(weights, stamp)
    assert stored is not None
    return index.load(weights, stamp), stored


def plain(found: list[Any]) -> list[tuple[Any, ...]]:
    return [(one.image, one.product, one.category, pytest.approx(one.score, abs=1e-4)) for one in found]


@pytest.mark.usefixtures("needs_pgvector")
def test_the_answers_are_the_same(shelf: list[ProductImage], weights: Weights, shopper: Shopper) -> None:
    for number, kind in ((1, "like"), (2, "view"), (3, "purchase"), (4, "dislike"), (5, "basket")):
        taste.record_event(shopper, kind, shelf[number])
    taste.record_event(shopper, "search", query="navy polos")
    taste.record_event(shopper, "search", query="something red")
    assert pgvector.create() == len(shelf)
    memory, stored = both(weights)
    popularity.forget()
    mine, theirs = profile.taste_in(shopper, memory), profile.taste_in(shopper, stored)
    assert theirs == mine
    for category in (None, "polo", "no such"):
        for count in (1, 7, 100):
            for which in (mine, profile.NONE):
                expected = ranking.rank(memory, which, count, category, mine.avoided)
                found = ranking.rank(stored, which, count, category, mine.avoided)
                assert [one.image for one in found] == [one.image for one in expected]
                assert plain(found) == plain(expected)
                assert ranking.causes(stored, which, found) == ranking.causes(memory, which, expected)
    for image in (shelf[1], shelf[0]):
        assert plain(stored.nearest(image.pk, 30)) == plain(memory.nearest(image.pk, 30))
    assert stored.colour_names() == memory.colour_names()
    red = frozenset({"red"})
    for category in (None, "polo"):
        assert stored.colour_offset(red, category) == pytest.approx(memory.colour_offset(red, category), abs=1e-5)
    assert stored.colour_offset(frozenset({"mauve"}), None) is None
    entries = stored.entries([image.pk for image in shelf])
    for pk, entry in memory.entries([image.pk for image in shelf]).items():
        assert entries[pk][:2] == entry[:2]
        assert (entries[pk].offset is None) == (entry.offset is None)
        if entry.offset is not None:
            assert entries[pk].offset == pytest.approx(entry.offset, abs=1e-5)


@pytest.mark.usefixtures("needs_pgvector")
def test_it_is_used_while_it_is_as_new_as_the_looks(
    shelf: list[ProductImage], weights: Weights, shopper: Shopper, capsys: pytest.CaptureFixture[str]
) -> None:
    assert isinstance(index.current(weights), index.Index)
    assert pgvector.create() == len(shelf)
    index.forget()
    assert isinstance(index.current(weights), StoredIndex)
    taste.record_event(shopper, "like", shelf[1])
    assert taste.recommend(shopper, count=5)
    assert taste.similar(shelf[1], 3)
    looks.stamp(weights)
    assert isinstance(index.current(weights), index.Index)
    assert taste.recommend(shopper, count=5)


def test_without_the_extension_there_is_a_coded_refusal(weights: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgvector, "available", lambda alias: False)
    monkeypatch.setattr(looks, "index", lambda **options: {})
    with pytest.raises(CommandError, match="pgvector"):
        call_command("genai_looks", "--pgvector")
    assert Look.objects.count() == 0
