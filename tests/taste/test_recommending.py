"""What shoppers are shown, and why."""

from __future__ import annotations

from typing import Any

import pytest

from shop_genai import catalogue, recipes, taste
from shop_genai.models import Event, Look, ProductImage, Shopper, TasteProfile, Weights
from shop_genai.taste import index
from tests.taste.conftest import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(place: Place) -> dict[str, ProductImage]:
    """Red things lie at +1, blue ones at −1, of two categories; the last is the newest."""
    return {
        f"{colour} {category} {number}": place([x + 0.01 * number, 0.1 * number], category, colour)
        for category in ("t-shirt", "polo")
        for colour, x in (("red", 1.0), ("blue", -1.0))
        for number in range(3)
    }


def names(found: list[taste.Recommendation], shelf: dict[str, ProductImage]) -> list[str]:
    by_key = {image.pk: name for name, image in shelf.items()}
    return [by_key[one.image.pk] for one in found]


def test_who_likes_red_things_is_shown_red_things_and_told_why(
    shelf: dict[str, ProductImage], shopper: Shopper
) -> None:
    taste.record_event(shopper, "like", shelf["red t-shirt 0"])
    found = taste.recommend(shopper, count=3)
    assert set(names(found, shelf)) == {"red t-shirt 0", "red t-shirt 1", "red t-shirt 2"}
    told = {one.image: one.reason for one in found}
    assert told[shelf["red t-shirt 1"]].because == shelf["red t-shirt 0"]
    assert told[shelf["red t-shirt 1"]].text == f"Because you like “{shelf['red t-shirt 0'].title}”"
    assert told[shelf["red t-shirt 0"]].text == "Your taste"  # a thing is no reason for itself, nor popular by it
    polos = names(taste.recommend(shopper, count=3, category="polo"), shelf)
    assert set(polos) == {"red polo 0", "red polo 1", "red polo 2"}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("view", "Because you looked at “Cap”"),
        ("basket", "Because “Cap” is in your basket"),
        ("purchase", "Because you bought “Cap”"),
    ],
)
def test_each_kind_of_event_has_its_words(place: Place, shopper: Shopper, kind: str, text: str) -> None:
    cap, other = place([1.0], title="Cap"), place([0.9])
    place([-1.0])
    taste.record_event(shopper, kind, cap)
    [reason] = [one.reason for one in taste.recommend(shopper) if one.image == other]
    assert (reason.kind, reason.because, reason.event, reason.text) == ("look", cap, kind, text)


def test_a_search_for_a_colour_pulls_weakly_towards_it(shelf: dict[str, ProductImage], shopper: Shopper) -> None:
    taste.record_event(shopper, "search", query="red T shirts")
    found = taste.recommend(shopper, count=3)
    assert all(name.startswith("red t-shirt") for name in names(found, shelf))
    assert found[0].reason.text == "Because you searched for “red T shirts”"
    taste.record_event(shopper, "like", shelf["blue t-shirt 0"])
    assert all(name.startswith("blue t-shirt") for name in names(taste.recommend(shopper, count=3), shelf))


def test_nobody_sees_what_is_popular_then_what_is_new(shelf: dict[str, ProductImage], shopper: Shopper) -> None:
    assert names(taste.recommend(None, count=2), shelf) == ["blue polo 2", "blue polo 1"]
    taste.record_event(shopper, "purchase", shelf["blue t-shirt 1"])
    index.forget()  # popularity is counted every few minutes
    found = taste.recommend(None, count=2)
    assert names(found, shelf) == ["blue t-shirt 1", "blue polo 2"]
    assert [one.reason.text for one in found] == ["Popular in T-shirts", "New in Polos"]
    assert names(taste.recommend(None, count=1, category="polo"), shelf) == ["blue polo 2"]
    assert taste.recommend(None, category="no such category") == []
    assert taste.recommend(None, count=0) == []


def test_one_shopper_alone_makes_nothing_popular_twice(shelf: dict[str, ProductImage], shopper: Shopper) -> None:
    for kind in ("view", "basket", "like"):
        taste.record_event(shopper, kind, shelf["red polo 0"])
    other = Shopper.objects.create()
    taste.give_consent(other)
    taste.record_event(other, "purchase", shelf["blue polo 0"])
    index.forget()
    assert names(taste.recommend(None, count=2), shelf) == ["blue polo 0", "red polo 0"]


def test_what_was_bought_or_disliked_is_not_shown_again(shelf: dict[str, ProductImage], shopper: Shopper) -> None:
    taste.record_event(shopper, "purchase", shelf["red t-shirt 0"])
    taste.record_event(shopper, "dislike", shelf["blue polo 0"])
    shown = names(taste.recommend(shopper, count=20), shelf)
    assert len(shown) == 10
    assert not {"red t-shirt 0", "blue polo 0"} & set(shown)
    taste.record_event(shopper, "like", shelf["blue polo 0"])  # thought better of it
    assert "blue polo 0" in names(taste.recommend(shopper, count=20), shelf)


def test_what_the_page_shows_already_can_be_left_out(shelf: dict[str, ProductImage]) -> None:
    photo = catalogue.host(shelf["blue polo 1"])
    found = taste.recommend(
        None, count=2, exclude=[shelf["blue polo 2"], photo, catalogue.host(shelf["blue polo 0"]).product]
    )
    assert names(found, shelf) == ["red polo 2", "red polo 1"]


def test_a_product_is_shown_once(place: Place, shopper: Shopper) -> None:
    first = place([1.0, 0.0])
    product = catalogue.host(first).product
    place([1.1, 0.0], product=product)
    other = place([0.8, 0.1])
    place([-1.0, 0.0])
    taste.record_event(shopper, "like", other)
    found = taste.recommend(shopper, count=3)
    assert len({one.product.pk for one in found}) == 3
    assert found[0].product in (product, catalogue.host(other).product)


def test_an_answer_costs_few_queries(
    shelf: dict[str, ProductImage], shopper: Shopper, django_assert_max_num_queries: Any
) -> None:
    taste.record_event(shopper, "like", shelf["red t-shirt 0"])
    taste.recommend(shopper)
    with django_assert_max_num_queries(6) as short:
        found = taste.recommend(shopper, count=12)
        assert [one.product.title for one in found]
    assert len(found) == len(shelf)
    assert len(short) <= 6  # weights, stamp, profile, version, pictures, the shop's rows


def test_nobodys_taste_shows_in_anothers(shelf: dict[str, ProductImage], shopper: Shopper) -> None:
    other = Shopper.objects.create()
    taste.give_consent(other)
    taste.record_event(shopper, "like", shelf["red t-shirt 0"])
    taste.record_event(other, "like", shelf["blue t-shirt 0"])
    for mine, colour in ((shopper, "red"), (other, "blue")):
        found = taste.recommend(mine, count=3)
        assert all(name.startswith(f"{colour} t-shirt") for name in names(found, shelf))
        assert {one.reason.because for one in found} <= {None, shelf[f"{colour} t-shirt 0"]}
    assert TasteProfile.objects.count() == 2
    assert Event.objects.filter(shopper=shopper).count() == 1


# Looks ----------------------------------------------------------------------------------------------------------------


def test_similar_looks_come_from_the_same_category_first(shelf: dict[str, ProductImage]) -> None:
    found = taste.similar(shelf["red polo 0"], 7)
    assert names(found, shelf)[:2] == ["red polo 1", "red polo 2"]
    assert all(name.split()[1] == "polo" for name in names(found, shelf)[:5])
    assert [name.split()[1] for name in names(found, shelf)[5:]] == ["t-shirt", "t-shirt"]
    assert found[0].reason.text == f"Looks like “{shelf['red polo 0'].title}”"
    assert found[0].score > found[1].score


def test_a_picture_without_a_product_has_no_similar_ones_and_is_only_popular(place: Place, shopper: Shopper) -> None:
    blank, _red, _blue = place(None), place([1.0]), place([-1.0])
    assert taste.similar(blank) == []
    taste.record_event(shopper, "view", blank)
    assert next(one.image for one in taste.recommend(shopper)) == blank  # of the category, and popular
    assert taste.taste_of(shopper).n == 0


# Without an index -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["recipe", "looks"])
def test_without_looks_the_popular_and_the_new_are_shown(
    shelf: dict[str, ProductImage], shopper: Shopper, missing: str
) -> None:
    taste.record_event(shopper, "like", shelf["red t-shirt 1"])
    if missing == "recipe":
        recipes.unregister("variant")
    else:
        Weights.objects.update(promoted=False)
        Weights.objects.create(recipe="variant", digest="cd" * 32, version="2", folder="/other", promoted=True)
    found = taste.recommend(shopper, count=3)
    assert names(found, shelf) == ["red t-shirt 1", "blue polo 2", "blue polo 1"]
    assert [one.reason.kind for one in found] == ["popular", "new", "new"]
    assert taste.taste_of(shopper).empty
    assert taste.taste_of(shopper).target("polo") == ()
    assert taste.similar(shelf["red polo 0"]) == []
    polos = taste.recommend(shopper, count=9, category="polo", exclude=[shelf["blue polo 2"]])
    assert names(polos, shelf) == ["blue polo 1", "blue polo 0", "red polo 2", "red polo 1", "red polo 0"]


def test_what_was_deleted_is_not_shown(shelf: dict[str, ProductImage]) -> None:
    taste.recommend(None)
    catalogue.host(shelf["blue polo 2"]).delete()
    assert names(taste.recommend(None, count=2), shelf) == ["blue polo 1"]  # until the index is read again
    assert Look.objects.count() == len(shelf)
