"""What a picture of the shop shows, and a product's pictures."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import translation

from example_project.shop.models import Photo
from shop_genai import catalogue
from shop_genai.models import ProductImage
from tests.conftest import draw_photo
from tests.fakes.shop import make_photo

pytestmark = pytest.mark.django_db

FULL = {
    "field": "image",
    "title": "product.title",
    "category": "product.category",
    "colour": "product.colour",
    "product": "product",
}


def said(settings: Any, **entry: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "PRODUCT_IMAGES": {"shop.Photo": entry}}


def test_a_photo_knows_its_product_category_and_colour(settings: Any, django_assert_num_queries: Any) -> None:
    said(settings, **FULL)
    photo = make_photo(draw_photo())
    [row] = catalogue.rows_of(photo.product)
    with django_assert_num_queries(0):
        assert (catalogue.category_of(row), catalogue.colour_of(row)) == ("kitchen", "red")
        assert catalogue.category_label(row) == "Kitchen"
        assert catalogue.product_of(row) == photo.product
        assert catalogue.product_key(row) == f"shop.product:{photo.product.pk}"
    with translation.override("zh-hans"):
        assert catalogue.category_label(row) == "厨房"


def test_paths_that_are_missing_fall_back(settings: Any) -> None:
    photo = make_photo(draw_photo())
    said(settings, field="image", title="product.title", label="product.category")
    assert (catalogue.category_of(photo), catalogue.colour_of(photo)) == ("kitchen", "")
    assert catalogue.product_of(photo) == photo.product  # the title's first relation
    assert catalogue.category_label(photo) == "Kitchen"
    said(settings, field="image")
    assert (catalogue.category_of(photo), catalogue.category_label(photo)) == ("", "")
    assert catalogue.product_of(photo) == photo
    assert catalogue.rows_of(photo.product) == []
    said(settings, field="image", category="product.nothing.at.all", product="alt")
    assert (catalogue.category_of(photo), catalogue.product_of(photo)) == ("", photo)


def test_a_products_pictures_come_in_the_shops_order(settings: Any, django_assert_num_queries: Any, user: User) -> None:
    said(settings, **FULL)
    first = make_photo(draw_photo())
    second = Photo.objects.create(product=first.product, image=first.image, position=1)
    untracked = Photo.objects.create(product=first.product, image=first.image, position=2)
    images = [catalogue.track(second), catalogue.track(first)]
    make_photo(draw_photo(44))
    with django_assert_num_queries(2):
        assert catalogue.pictures_of(first.product) == images[::-1]
    with django_assert_num_queries(1):
        assert catalogue.pictures_of(second) == images[:1]
    assert catalogue.pictures_of(images[0]) == images[:1]
    assert catalogue.pictures_of(untracked) == []
    assert catalogue.pictures_of(user) == []


def test_rows_of_many_pictures_cost_one_query(settings: Any, django_assert_num_queries: Any) -> None:
    said(settings, **FULL)
    images = [catalogue.track(make_photo(draw_photo(40 + n))) for n in range(4)]
    Photo.objects.filter(pk=images[0].object_id).delete()
    odd = ProductImage(content_type=images[1].content_type, object_id="no number", field="image")
    upload = ProductImage()
    with django_assert_num_queries(1):
        rows = catalogue.hosts([*images, upload])
        assert {pk: str(row.pk) for pk, row in rows.items()} == {one.pk: one.object_id for one in images[1:]}
        assert {row.product.category for row in rows.values()} == {"kitchen"}
    assert catalogue.hosts([odd]) == {}
    assert catalogue.hosts([]) == {}
