"""Which products can be tried on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from example_project.shop.models import Product
from shop_genai import catalogue, storefront
from shop_genai.storefront import Wearable
from tests.conftest import draw_photo
from tests.fakes.shop import make_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def polo() -> Product:
    photo = make_photo(draw_photo(), "Polo", "polo")
    Product.objects.filter(pk=photo.product_id).update(category="polo")
    return Product.objects.get(pk=photo.product_id)


@pytest.fixture
def categories(settings: Any) -> Callable[[dict[str, str]], None]:
    def set_to(garments: dict[str, str]) -> None:
        settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_GARMENTS": garments}

    return set_to


def test_the_setting_says_what_is_worn_where(polo: Product, categories: Any) -> None:
    photo = polo.photos.get()
    categories({"polo": "upper", "jeans": "lower"})
    found = Wearable(f"shop.photo:{photo.pk}", "upper", "Polo")
    assert storefront.wearable(polo) == storefront.wearable(photo) == found
    picture = catalogue.track(photo)
    assert storefront.wearable(picture) == Wearable(str(picture.pk), "upper", "Polo")
    Product.objects.update(category="kitchen")
    for thing in (polo, photo, picture):
        thing.refresh_from_db()
        assert storefront.wearable(thing) is None


def test_without_the_setting_the_template_decides(polo: Product, categories: Any) -> None:
    categories({})
    found = storefront.wearable(polo)
    assert found is not None
    assert found.category == "auto"


def test_who_asks_knows_better_where_a_garment_is_worn_but_not_what_is_one(polo: Product, categories: Any) -> None:
    categories({"polo": "upper"})
    found = storefront.wearable(polo, "dress")
    assert found is not None
    assert found.category == "dress"
    categories({"jeans": "lower"})
    assert storefront.wearable(polo, "upper") is None
    categories({})
    found = storefront.wearable(polo, "lower")
    assert found is not None
    assert found.category == "lower"


def test_what_has_no_picture_cannot_be_tried_on(polo: Product) -> None:
    polo.photos.all().delete()
    assert storefront.wearable(polo) is None


def test_uploads_of_people_are_no_garments(upload: Any, user: Any) -> None:
    assert storefront.wearable(upload(user), "upper") is None


def test_a_page_that_fetched_its_photos_costs_no_query(polo: Product, django_assert_num_queries: Any) -> None:
    [fetched] = Product.objects.prefetch_related("photos__product")
    with django_assert_num_queries(0):
        assert storefront.wearable(fetched) is not None
