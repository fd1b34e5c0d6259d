"""What is remembered of recommendations: for whom, until when, and what is read anew."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from django.core.cache import cache
from django.utils.translation import override

from example_project.shop.models import Product
from shop_genai import catalogue, storefront, taste
from shop_genai.models import Shopper
from tests.taste.conftest import Place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def shown(who: Shopper | None, **wish: Any) -> list[Any]:
    return [one.image for one in storefront.recommended(who, **wish)]


def test_the_same_page_again_costs_one_query_for_the_shops_rows(
    place: Place, shopper: Shopper, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        place([float(number), 1.0])
    first = storefront.recommended(shopper, count=3)
    with django_assert_num_queries(1):
        second = storefront.recommended(shopper, count=3)
    assert second == first
    assert [one.product for one in second] == [catalogue.product_of(one.row) for one in second]


def test_prices_and_deleted_rows_are_not_remembered(place: Place, shopper: Shopper) -> None:
    place([0.0, 1.0])
    place([1.0, 0.0])
    kept, gone = storefront.recommended(shopper, count=2)
    Product.objects.filter(pk=kept.product.pk).update(price="123.00")
    gone.product.delete()
    [left] = storefront.recommended(shopper, count=2)
    assert str(left.product.price) == "123.00"


def test_an_event_makes_the_page_look_again(place: Place, shopper: Shopper) -> None:
    pictures = [place([float(number), 0.0]) for number in range(6)]
    before = shown(shopper, count=6)
    taste.record_event(shopper, "like", pictures[5])
    shopper.refresh_from_db()
    taste.record_event(shopper, "dislike", pictures[0])
    shopper.refresh_from_db()
    after = shown(shopper, count=6)
    assert after != before
    assert pictures[0] not in after


def test_nobody_gets_what_was_remembered_for_somebody_else(place: Place, shopper: Shopper) -> None:
    pictures = [place([float(number), 0.0]) for number in range(6)]
    taste.record_event(shopper, "dislike", pictures[0])
    shopper.refresh_from_db()
    other = Shopper.objects.create()
    taste.give_consent(other)
    mine = shown(shopper, count=6)
    assert pictures[0] not in mine
    assert pictures[0] in shown(other, count=6)
    assert pictures[0] in shown(None, count=6)
    taste.withdraw_consent(shopper)
    assert pictures[0] in shown(shopper, count=6)


def test_keys_tell_nothing_of_a_person(place: Place, shopper: Shopper) -> None:
    place([1.0, 0.0])
    with mock.patch.object(cache, "set", wraps=cache.set) as kept:
        storefront.recommended(shopper, category="t-shirt")
        storefront.remembered_taste(shopper, ["t-shirt"])
    for call in kept.call_args_list:
        key = call.args[0]
        assert len(key) == len("shop_genai.") + 64
        assert shopper.key.hex not in key
        assert "t-shirt" not in key


def test_what_is_asked_for_is_part_of_the_key(place: Place, shopper: Shopper) -> None:
    shirt, mug = place([1.0, 0.0]), place([0.0, 1.0], category="kitchen")
    assert set(shown(shopper, count=2)) == {shirt, mug}
    assert shown(shopper, count=2, category="kitchen") == [mug]
    assert shown(shopper, count=2, exclude=[mug]) == [shirt]
    assert len(shown(shopper, count=1)) == 1
    with override("zh-hans"), mock.patch.object(taste, "recommend", wraps=taste.recommend) as asked:
        shown(shopper, count=2)
    assert asked.called


def test_nothing_is_remembered_if_the_shop_says_so(place: Place, shopper: Shopper, settings: Any) -> None:
    place([1.0, 0.0])
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TASTE_CACHE_SECONDS": 0}
    with mock.patch.object(taste, "recommend", wraps=taste.recommend) as asked:
        shown(shopper)
        shown(shopper)
    assert asked.call_count == 2


def test_the_remembered_taste_is_the_taste(place: Place, shopper: Shopper, django_assert_num_queries: Any) -> None:
    place([0.0, 1.0])
    liked = place([2.0, 1.0])
    taste.record_event(shopper, "like", liked)
    shopper.refresh_from_db()
    known = taste.taste_of(shopper)
    remembered = storefront.remembered_taste(shopper, ["t-shirt"])
    assert remembered.weights == known.weights
    assert remembered.target("t-shirt") == known.target("t-shirt")
    with django_assert_num_queries(0):
        assert not storefront.remembered_taste(shopper, ["t-shirt"]).empty
    assert storefront.remembered_taste(None, ["t-shirt"]).empty
