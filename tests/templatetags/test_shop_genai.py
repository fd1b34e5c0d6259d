"""The template tags, through templates, on the example shop's rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from unittest import mock

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import FileSystemStorage
from django.template import Context, Template

from example_project.shop.models import Photo
from shop_genai import catalogue, review
from shop_genai.conf import genai_settings
from shop_genai.models import GeneratedImage, ProductImage
from tests.conftest import draw_photo
from tests.fakes.shop import make_image, make_photo, make_result
from tests.media.remote import ADDRESSES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invert")]

PAGE = """{% load shop_genai %}{% genai_prefetch photos %}
{% for photo in photos %}{% genai_picture photo alt=photo.alt sizes="300px" class="shot" %}{% endfor %}"""
ONE = "{% load shop_genai %}{% genai_picture photo %}"


def render(source: str, **values: Any) -> str:
    return Template(source).render(Context(values))


@pytest.fixture
def approved(drain: Callable[..., int], staff: Any) -> GeneratedImage:
    result = make_result(make_image(draw_photo(800, 600), "Red mug"), drain)
    review.approve(result, staff)
    return result


def photo_of(result: GeneratedImage) -> Photo:
    return Photo.objects.get(pk=result.source.object_id)


def test_an_unreviewed_result_does_not_show(drain: Callable[..., int]) -> None:
    image = make_image(draw_photo())
    make_result(image, drain)
    photo = Photo.objects.get(pk=image.object_id)
    html = render(ONE, photo=photo)
    assert html == f'<img src="{photo.image.url}" alt="Mug" loading="lazy" decoding="async">'


def test_an_approved_result_shows_in_every_size_and_format(approved: GeneratedImage) -> None:
    html = render(PAGE, photos=[photo_of(approved)])
    assert re.findall('type="([^"]+)"', html) == ["image/avif", "image/webp"]
    assert html.count('sizes="300px"') == 3
    for entry in approved.renditions:
        assert f"{approved.files.url(entry['name'])} {entry['width']}w" in unescape(html)
    assert 'width="800" height="600"' in html
    assert 'class="shot"' in html
    assert html.index("<picture>") < html.index("<source") < html.index("<img")


def test_alt_is_the_title_unless_given_and_is_escaped(approved: GeneratedImage) -> None:
    photo = photo_of(approved)
    assert 'alt="Red mug"' in render(ONE, photo=photo)
    assert 'alt=""' in render('{% load shop_genai %}{% genai_picture photo alt="" %}', photo=photo)
    hostile = render("{% load shop_genai %}{% genai_picture photo alt=text %}", photo=photo, text='"><script>')
    assert "<script>" not in hostile


def test_a_page_costs_one_query_and_no_storage_call(
    drain: Callable[..., int], staff: Any, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        result = make_result(make_image(draw_photo(100 + number, 60), sku=f"mug-{number}"), drain)
        if number % 2:
            review.approve(result, staff)
    photos = list(Photo.objects.select_related("product"))
    ContentType.objects.clear_cache()
    for name in ("open", "exists", "size", "save", "get_modified_time", "listdir"):
        monkeypatch.setattr(FileSystemStorage, name, mock.Mock(side_effect=AssertionError(name)))
    with django_assert_num_queries(1):
        html = render(PAGE, photos=photos)
    assert html.count("<picture>") == 3
    assert html.count("<img") == 6


def test_a_lazy_queryset_is_read_once(approved: GeneratedImage, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):  # the photos and the results
        assert "<picture>" in render(PAGE, photos=Photo.objects.select_related("product"))


def test_prefetch_reaches_included_templates(approved: GeneratedImage, django_assert_num_queries: Any) -> None:
    included = Template("{% load shop_genai %}{% genai_picture photo alt='' %}")
    photos = list(Photo.objects.select_related("product"))
    with django_assert_num_queries(1):
        html = render(
            "{% load shop_genai %}{% genai_prefetch photos %}"
            "{% for photo in photos %}{% include card with photo=photo only %}{% endfor %}",
            photos=photos,
            card=included,
        )
    assert "<picture>" in html


def test_the_published_result_wins_over_a_newer_approval(approved: GeneratedImage, drain: Any, staff: Any) -> None:
    review.publish(approved, staff)
    newer = make_result(ProductImage.objects.get(pk=approved.source_id), drain, seed=1)
    review.approve(newer, staff)
    html = render(ONE, photo=photo_of(approved))
    assert str(approved.renditions[0]["name"]) in html
    assert str(newer.renditions[0]["name"]) not in html


def test_after_a_revert_the_original_shows(approved: GeneratedImage, staff: Any) -> None:
    review.publish(approved, staff)
    review.revert(approved, staff)
    assert "<picture>" not in render(ONE, photo=photo_of(approved))


def test_the_newest_approval_shows(approved: GeneratedImage, drain: Any, staff: Any) -> None:
    newer = make_result(ProductImage.objects.get(pk=approved.source_id), drain, seed=1)
    review.approve(newer, staff)
    assert str(newer.renditions[0]["name"]) in render(ONE, photo=photo_of(approved))


def test_a_picture_that_the_shop_replaced_shows_itself(approved: GeneratedImage) -> None:
    photo = photo_of(approved)
    photo.image = make_photo(draw_photo(90, 90)).image.name
    photo.save()
    assert "<picture>" not in render(ONE, photo=Photo.objects.get(pk=photo.pk))


def test_a_product_image_works_like_the_shops_row(approved: GeneratedImage) -> None:
    image = ProductImage.objects.get(pk=approved.source_id)
    assert "<picture>" in render(PAGE, photos=[image])
    unprocessed = catalogue.track(make_photo(draw_photo(70, 50), sku="plain"))
    assert render(ONE, photo=unprocessed).startswith("<img")


def test_a_shoppers_upload_is_only_shown_through_a_signed_link(
    user: Any, upload: Callable[..., ProductImage], drain: Any, staff: Any
) -> None:
    image = upload(user)
    result = make_result(image, drain, owner=user)
    assert render(ONE, photo=image) == ""
    review.approve(result, staff)
    fresh = ProductImage.objects.get(pk=image.pk)
    html = unescape(render(ONE, photo=fresh))
    assert "<picture>" in html
    assert "?token=" in html
    assert result.files.url(result.name) not in html


@pytest.mark.parametrize("broken", ["markup.picture", "storefront.picture_of"])
def test_a_failure_shows_the_shops_own_picture_and_is_logged(
    approved: GeneratedImage, broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    place = "shop_genai" if broken.startswith("storefront") else "shop_genai.templatetags"
    monkeypatch.setattr(f"{place}.{broken}", mock.Mock(side_effect=RuntimeError("broken")))
    photo = photo_of(approved)
    html = render(PAGE, photos=[photo])
    assert f'<img src="{photo.image.url}"' in html
    assert "broken" in caplog.text


def test_a_page_that_could_not_look_ahead_looks_picture_by_picture(
    approved: GeneratedImage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("shop_genai.storefront.find_pictures", mock.Mock(side_effect=RuntimeError("broken")))
    assert "<picture>" in render(PAGE, photos=[photo_of(approved)])
    assert "broken" in caplog.text


def test_nothing_to_show_renders_nothing() -> None:
    assert render(ONE, photo=None) == ""
    photo = make_photo(draw_photo())
    photo.image = ""
    photo.save()
    assert render(ONE, photo=photo) == ""
    assert render(PAGE, photos=None).strip() == ""


def test_sizes_come_from_the_settings_by_default(approved: GeneratedImage, settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "SIZES": "42vw"}
    assert genai_settings.SIZES == "42vw"
    assert 'sizes="42vw"' in render(ONE, photo=photo_of(approved))


def test_a_storage_is_asked_for_addresses_only(
    approved: GeneratedImage, drain: Callable[..., int], settings: Any, django_assert_num_queries: Any
) -> None:
    """Every other method of this storage fails the test; the original picture is shown beside an approved one."""
    make_result(make_image(draw_photo(120, 90), sku="plain"), drain)
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": ADDRESSES}}
    photos = list(Photo.objects.select_related("product").order_by("pk"))
    with django_assert_num_queries(1):
        html = unescape(render(PAGE, photos=photos))
    assert html.count("<picture>") == 1
    for address in (approved.renditions[0]["name"], photos[1].image.name):
        assert f"https://cdn.example/{address}" in html


def test_a_model_with_two_pictures_shows_the_one_that_is_named(
    approved: GeneratedImage,
) -> None:
    """The result belongs to “image”; a field of another name shows its own picture."""
    photo = photo_of(approved)
    named = '{% load shop_genai %}{% genai_picture photo field="image" %}'
    assert "<picture>" in render(named, photo=photo)
    ProductImage.objects.filter(pk=approved.source_id).update(field="back")
    assert "<picture>" not in render(named, photo=Photo.objects.get(pk=photo.pk))


@pytest.mark.parametrize("attribute", ["alt", "sizes", "loading", "class", "data_zoom"])
def test_every_attribute_is_escaped(approved: GeneratedImage, attribute: str) -> None:
    source = "{% load shop_genai %}{% genai_picture photo " + attribute + "=text %}"
    for photo in (photo_of(approved), make_photo(draw_photo(), sku="plain")):
        assert "<script>" not in render(source, photo=photo, text='"><script>')


def test_the_example_shops_pages_show_approved_pictures(approved: GeneratedImage, client: Any) -> None:
    photo = photo_of(approved)
    for page in ("/", photo.product.get_absolute_url()):
        html = unescape(client.get(page).content.decode())
        assert "<picture>" in html
        assert approved.renditions[0]["name"] in html


def test_the_example_shops_pages_cost_no_query_for_each_picture(
    approved: GeneratedImage, client: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(9):
        make_image(draw_photo(64 + number, 48), sku=f"more-{number}")
    client.get("/")  # what is recommended is remembered from now on
    # Products, photos, categories, approved results, variants; and for what is recommended: rows and the same.
    with django_assert_max_num_queries(11):
        assert client.get("/").content.count(b"<img") >= 10
