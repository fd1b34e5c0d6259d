"""The tags for variants and recommendations, through templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from unittest import mock

import pytest
from django.core.cache import cache
from django.template import RequestContext, Template
from django.test import RequestFactory
from django.utils.translation import override

from example_project.shop.models import Photo, Product
from shop_genai import taste
from shop_genai.models import Shopper
from tests.fakes.variants import make_variant
from tests.taste.conftest import Place, place, shopper, weights

pytestmark = pytest.mark.django_db
__all__ = ["place", "shopper", "weights"]  # fixtures

VARIANTS = "{% load shop_genai %}{% genai_variants product count=2 sizes='200px' %}"
RECOMMENDED = """{% load shop_genai %}{% genai_recommended count=3 exclude=product as products %}
{% for one in products %}<a>{% genai_picture one.row %}<b>{{ one.reason.text }}</b></a>{% endfor %}"""


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def render(source: str, who: Shopper | None = None, **values: Any) -> str:
    request = RequestFactory().get("/")
    with mock.patch.object(taste, "shopper_of", return_value=who):
        return Template(source).render(RequestContext(request, values))


def product_of(image: Any) -> Product:
    return Product.objects.get(photos__pk=image.object_id)


def test_variants_are_a_named_list_of_labelled_pictures(place: Place, staff: Any) -> None:
    image = place([0.0, 0.0], title="Polo")
    make_variant(image, staff, colour="navy", preview=False)
    make_variant(image, staff, colour="mustard")
    html = render(VARIANTS, product=product_of(image))
    assert '<ul class="genai-variants" aria-label="Also in other looks">' in html
    assert html.count("<li") == html.count("<picture>") == 2
    assert re.findall('alt="([^"]*)"', html) == ["Polo, mustard (preview)", "Polo, navy"]
    assert html.count(">Preview</span>") == 1
    assert html.index("mustard</span>") < html.index(">Preview</span>") < html.index("navy</span>")
    # The page knows each picture's size before it arrives.
    assert html.count(f'width="{image.width}" height="{image.height}"') == 2
    assert html.count('sizes="200px"') == 6
    with override("zh-hans"):
        assert "mustard</span>" not in render(VARIANTS, product=product_of(image))


def test_not_more_than_asked_for_and_the_nearest_first(place: Place, staff: Any, shopper: Shopper) -> None:
    image, liked = place([0.0, 0.0]), place([4.0, 0.0])
    make_variant(image, staff, colour="red", look=[3.0, 0.0])
    for colour in ("navy", "green"):
        make_variant(image, staff, colour=colour, look=[-2.0, 0.0])
    assert "red</span>" not in render(VARIANTS, product=product_of(image))
    taste.record_event(shopper, "purchase", liked)
    shopper.refresh_from_db()
    html = render(VARIANTS, shopper, product=product_of(image))
    assert html.index("red</span>") < html.index("green</span>")
    assert "navy" not in html


def test_a_page_of_products_costs_one_query(place: Place, staff: Any, django_assert_num_queries: Any) -> None:
    for number in range(5):
        make_variant(place([float(number), 0.0]), staff)
    products = list(Product.objects.prefetch_related("photos__product"))
    page = "{% load shop_genai %}{% genai_variants_prefetch products %}"
    page += "{% for product in products %}{% genai_variants product %}{% endfor %}"
    with django_assert_num_queries(1):
        html = render(page, products=products)
    assert html.count("<ul") == 5


def test_without_approved_variants_the_products_picture_is_shown(place: Place) -> None:
    image = place([0.0, 0.0], title="Mug")
    make_variant(image)
    photo = Photo.objects.get(pk=image.object_id)
    html = render(VARIANTS, product=photo.product)
    assert html == f'<img src="{photo.image.url}" alt="Mug" loading="lazy" decoding="async">'
    assert render(VARIANTS, product=photo) == html


@pytest.mark.parametrize("broken", ["variants_of", "recommended", "find_variants"])
def test_a_failure_never_reaches_the_page(
    place: Place, staff: Any, broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    image = place([0.0, 0.0])
    make_variant(image, staff)
    monkeypatch.setattr(f"shop_genai.storefront.{broken}", mock.Mock(side_effect=RuntimeError("broken")))
    page = VARIANTS + "{% genai_variants_prefetch photos %}" + RECOMMENDED
    html = render(page, product=product_of(image), photos=[image])
    assert "<img" in html
    assert "broken" in caplog.text


def test_nothing_to_vary_renders_nothing(user: Any) -> None:
    assert render(VARIANTS, product=None) == ""
    assert render(VARIANTS, product=user) == ""


def test_recommendations_come_with_rows_reasons_and_approved_pictures(
    place: Place, staff: Any, shopper: Shopper
) -> None:
    pictures = [place([float(number), 0.0], title=f"Shirt {number}") for number in range(4)]
    better = make_variant(pictures[2], staff, recipe="cutout")
    taste.record_event(shopper, "like", pictures[3])
    shopper.refresh_from_db()
    html = unescape(render(RECOMMENDED, shopper, product=product_of(pictures[0])))
    assert html.count("<a>") == 3
    assert "Because you like “Shirt 3”" in html
    assert 'alt="Shirt 0"' not in html
    assert better.renditions[0]["name"] in html


def test_remembered_recommendations_cost_two_queries(
    place: Place, shopper: Shopper, django_assert_num_queries: Any
) -> None:
    pictures = [place([float(number), 0.0]) for number in range(4)]
    product = product_of(pictures[0])
    render(RECOMMENDED, shopper, product=product)
    with django_assert_num_queries(2):  # the shop's rows, and their approved pictures
        render(RECOMMENDED, shopper, product=product)


def test_templates_without_a_request_show_what_everybody_sees(place: Place, staff: Any) -> None:
    image = place([0.0, 0.0])
    make_variant(image, staff)
    from django.template import Context

    html = Template(VARIANTS + RECOMMENDED).render(Context({"product": product_of(image)}))
    assert "genai-variants" in html
