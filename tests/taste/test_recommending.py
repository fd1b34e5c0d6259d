"""What shoppers are shown."""

from __future__ import annotations

from typing import Any

import pytest

from shop_genai import catalogue, taste
from shop_genai.models import ProductImage, Shopper
from tests.taste.conftest import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(place: Place) -> dict[str, ProductImage]:
    """Red things lie at +1, blue ones at −1, of two categories."""
    return {
        f"{colour} {category} {number}": place([x + 0.01 * number, 0.1 * number], category, colour)
        for category in ("t-shirt", "polo")
        for colour, x in (("red", 1.0), ("blue", -1.0))
        for number in range(3)
    }


def names(found: list[taste.Recommendation], shelf: dict[str, ProductImage]) -> list[str]:
    by_key = {image.pk: name for name, image in shelf.items()}
    return [by_key[one.image.pk] for one in found]


def test_who_looks_at_red_things_is_shown_red_things(shelf: dict[str, ProductImage], shopper: Shopper) -> None:
    taste.record_event(shopper, "like", shelf["red t-shirt 0"])
    taste.record_event(shopper, "view", shelf["red t-shirt 1"])
    found = taste.recommend(shopper, count=3)
    assert all(name.startswith("red") for name in names(found, shelf))
    assert found[0].reason.kind == "look"
    assert found[0].reason.because == shelf["red t-shirt 0"]
    assert "Because you like" in found[0].reason.text


def test_nobody_sees_what_is_popular_then_what_is_new(shelf: dict[str, ProductImage], shopper: Shopper) -> None:
    assert names(taste.recommend(None, count=2), shelf) == ["blue polo 2", "blue polo 1"]
    taste.record_event(shopper, "purchase", shelf["blue t-shirt 1"])
    from shop_genai.taste import index

    index.forget()
    found = taste.recommend(None, count=2)
    assert names(found, shelf) == ["blue t-shirt 1", "blue polo 2"]
    assert [one.reason.text for one in found] == ["Popular in T-shirts", "New in Polos"]


def test_a_taste_has_a_target(shelf: dict[str, ProductImage], shopper: Shopper) -> None:
    taste.record_event(shopper, "like", catalogue.host(shelf["red t-shirt 0"]).product)
    mine: Any = taste.taste_of(shopper)
    assert not mine.empty
    assert mine.target("t-shirt")[0] > 0.2
    assert taste.similar(shelf["red polo 0"], 2)[0].image in (shelf["red polo 1"], shelf["red polo 2"])
