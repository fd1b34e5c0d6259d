"""The shop's shelves and pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from example_project.shop import stock
from example_project.shop.models import Photo, Product, Review, Shopper
from shop_genai import catalogue, review, submission
from shop_genai.models import GeneratedImage
from shop_genai.recipes import Recipe

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelves() -> stock.Stock:
    return stock.load()


def test_the_shelves_are_full(shelves: stock.Stock) -> None:
    assert shelves.products == Product.objects.count() >= 16
    assert len(shelves.phone_photos) == 8
    assert shelves.reviews == Review.objects.count() > 0
    assert all(photo.image.storage.exists(photo.image.name) for photo in Photo.objects.all())


def test_loading_again_changes_nothing_and_keeps_what_staff_did(shelves: stock.Stock) -> None:
    edited = Product.objects.first()
    assert edited is not None
    Product.objects.filter(pk=edited.pk).update(title="Renamed by staff")
    before = {model: list(model.objects.order_by("pk").values()) for model in (Product, Photo, Shopper, Review)}
    assert stock.load() == shelves
    assert {model: list(model.objects.order_by("pk").values()) for model in before} == before


def test_a_photo_whose_file_is_gone_comes_back(shelves: stock.Stock) -> None:
    photo = shelves.phone_photos[0]
    photo.image.storage.delete(photo.image.name)
    stock.load()
    photo.refresh_from_db()
    assert photo.image.storage.exists(photo.image.name)


def test_the_list_shows_every_product(client: Any, shelves: stock.Stock) -> None:
    page = client.get(reverse("shop:products")).content.decode()
    assert page.count('class="card"') == shelves.products
    assert page.count("<img") >= shelves.products


def test_a_category_narrows_the_list_and_an_unknown_one_does_not(client: Any, shelves: stock.Stock) -> None:
    category = Product.objects.order_by("category").values_list("category", flat=True)[0]
    few = client.get(reverse("shop:products"), {"category": category}).content.decode()
    assert few.count('class="card"') == Product.objects.filter(category=category).count()
    all_of_them = client.get(reverse("shop:products"), {"category": "nonsense"}).content.decode()
    assert all_of_them.count('class="card"') == shelves.products


def test_empty_shelves_say_how_to_fill_them(client: Any) -> None:
    assert "python manage.py demo" in client.get(reverse("shop:products")).content.decode()


def test_a_product_shows_its_reviews(client: Any, shelves: stock.Stock) -> None:
    review = Review.objects.select_related("product", "shopper").first()
    assert review is not None
    page = client.get(review.product.get_absolute_url())
    assert page.status_code == 200
    assert review.shopper.name in page.content.decode()
    assert client.get(reverse("shop:product", args=["none-of-ours"])).status_code == 404


def test_a_product_without_reviews_says_so(client: Any, shelves: stock.Stock) -> None:
    product = Product.objects.first()
    assert product is not None
    Review.objects.filter(product=product).delete()
    page = client.get(product.get_absolute_url(), headers={"accept-language": "en"}).content.decode()
    assert "Nobody has written a review yet." in page


def test_a_page_shows_the_original_until_somebody_approves(
    client: Any, shelves: stock.Stock, invert: Recipe, staff: User, drain: Callable[..., int]
) -> None:
    photo = shelves.phone_photos[0]
    address = photo.product.get_absolute_url()
    image = catalogue.track(photo)
    job = submission.submit(recipe="invert", inputs={"image": image}, params={}, owner=staff).job
    drain()
    before = client.get(address).content.decode()
    assert photo.image.url in before
    assert "<picture" not in before
    result = review.approve(GeneratedImage.objects.get(job=job), staff)
    for page in (address, reverse("shop:products")):
        shown = client.get(page).content.decode()
        assert "<picture" in shown
        assert result.renditions[0]["name"] in shown


def test_the_pages_speak_chinese(client: Any, shelves: stock.Stock) -> None:
    product = Product.objects.exclude(title_zh="").first()
    assert product is not None
    page = client.get(product.get_absolute_url(), headers={"accept-language": "zh-hans"}).content.decode()
    assert product.title_zh in page


def test_only_shoppers_review_and_each_of_them_once(client: Any, shelves: stock.Stock) -> None:
    product = Product.objects.first()
    shopper = Shopper.objects.select_related("user").first()
    assert product is not None
    assert shopper is not None
    address = product.get_absolute_url()
    assert client.post(address, {"rating": 5, "text": "Lovely"}).status_code == 302  # to the login
    assert not Review.objects.filter(text="Lovely").exists()
    client.force_login(shopper.user)
    for words in ("Lovely", "Still lovely"):
        client.post(address, {"rating": 5, "text": words})
    assert list(Review.objects.filter(product=product, shopper=shopper).values_list("text", flat=True)) == [
        "Still lovely"
    ]
    assert client.post(address, {"rating": 9, "text": ""}).status_code == 400
