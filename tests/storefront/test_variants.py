"""The variants of a page's products."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile

from example_project.shop.models import Photo, Product
from shop_genai import catalogue, recipes, storefront, taste
from shop_genai.models import Shopper
from tests.conftest import draw_photo
from tests.fakes.variants import make_variant
from tests.taste.conftest import Place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def product_of(image: Any) -> Product:
    return Product.objects.get(photos__pk=image.object_id)


def test_a_page_of_products_costs_one_query(place: Place, staff: Any, django_assert_num_queries: Any) -> None:
    pictures = [place([float(number), 0.0]) for number in range(4)]
    made = [make_variant(pictures[number], staff) for number in (0, 0, 2)]
    products = list(Product.objects.prefetch_related("photos__product").order_by("pk"))
    with django_assert_num_queries(1):
        storefront.find_variants(products)
        found = [[one.result for one in storefront.variants_of(product)] for product in products]
    assert found == [[made[1], made[0]], [], [made[2]], []]
    bare = list(Product.objects.order_by("pk"))
    with django_assert_num_queries(2):
        storefront.find_variants(bare)
    assert [one.result for one in storefront.variants_of(bare[2])] == [made[2]]


def test_photos_and_tracked_pictures_have_their_own(place: Place, staff: Any) -> None:
    image = place([1.0, 0.0])
    result = make_variant(image, staff)
    photo = Photo.objects.select_related("product").get(pk=image.object_id)
    second = Photo.objects.create(
        product=photo.product, image=ContentFile(draw_photo(91, 60), name="b.jpg"), position=1
    )
    assert [one.result for one in storefront.variants_of(photo)] == [result]
    assert [one.result for one in storefront.variants_of(image)] == [result]
    assert storefront.variants_of(catalogue.track(second)) == []


def test_the_shoppers_taste_orders_them(place: Place, staff: Any, shopper: Shopper) -> None:
    image, liked = place([0.0, 0.0]), place([4.0, 0.0])
    near = make_variant(image, staff, look=[2.0, 0.0])
    far = make_variant(image, staff, look=[-3.0, 0.0])
    product = product_of(image)
    assert [one.result for one in storefront.variants_of(product)] == [far, near]
    for _ in range(2):
        taste.record_event(shopper, "purchase", liked)
    shopper.refresh_from_db()
    assert [one.result for one in storefront.variants_of(product, shopper)] == [near, far]
    assert [one.result for one in storefront.variants_of(product, shopper, 1)] == [near]
    assert [one.result for one in storefront.variants_of(image, shopper)] == [near, far]


def test_a_replaced_picture_takes_its_variants_along(place: Place, staff: Any) -> None:
    image = place([0.0, 0.0])
    make_variant(image, staff)
    photo = Photo.objects.get(pk=image.object_id)
    photo.image.save("other.jpg", ContentFile(draw_photo(90, 90)))
    assert storefront.variants_of(photo.product) == []


def test_what_has_no_pictures_has_no_variants(user: Any, place: Place) -> None:
    place([0.0, 0.0])
    assert storefront.variants_of(user) == []


def test_a_variant_does_not_stand_in_for_the_product_unless_it_is_published(place: Place, staff: Any) -> None:
    image = place([0.0, 0.0])
    fake = recipes.get("variant")
    recipes.unregister("variant")
    recipes.register(replace(fake, stands_in=False))
    photo = Photo.objects.select_related("product").get(pk=image.object_id)
    variant = make_variant(image, staff)
    assert storefront.picture_of(photo) is None
    cutout = make_variant(image, staff, recipe="cutout")
    photo = Photo.objects.get(pk=photo.pk)
    assert storefront.picture_of(photo) == cutout
    type(variant).objects.filter(pk=variant.pk).update(published_at=variant.created)
    photo = Photo.objects.get(pk=photo.pk)
    assert storefront.picture_of(photo) == variant
