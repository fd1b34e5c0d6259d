"""The tag for the try-on, through templates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.template import Context, RequestContext, Template
from django.test import RequestFactory
from django.utils.translation import override

from example_project.shop.models import Product
from shop_genai import recipes
from shop_genai.templatetags import fitting as words
from tests.conftest import draw_photo
from tests.fakes import fitting
from tests.fakes.shop import make_photo

pytestmark = pytest.mark.django_db

TAG = "{% load shop_genai %}{% genai_tryon product %}"


@pytest.fixture(autouse=True)
def _recipe(settings: Any) -> Iterator[None]:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_GARMENTS": {"polo": "upper", "skirt": "lower"}}
    before = {recipe.name: recipe for recipe in recipes.all_recipes()}.get("tryon")
    recipes.unregister("tryon")
    recipes.register(fitting.FITTING)
    yield
    recipes.unregister("tryon")
    if before is not None:
        recipes.register(before)


@pytest.fixture
def polo() -> Product:
    photo = make_photo(draw_photo(), "Polo & <more>")
    Product.objects.filter(pk=photo.product_id).update(category="polo")
    return Product.objects.get(pk=photo.product_id)


def render(source: str, **values: Any) -> str:
    return Template(source).render(RequestContext(RequestFactory().get("/"), values))


def test_a_button_with_all_it_needs_and_nothing_inline(polo: Product) -> None:
    html = render(TAG, product=polo)
    assert f'data-genai-product="shop.photo:{polo.photos.get().pk}"' in html
    assert 'data-genai-category="upper"' in html
    assert re.search(r'data-genai-api="/genai/api/v1/tryon/"', html)
    assert "csrfmiddlewaretoken" in html
    assert "Try on: Polo &amp; &lt;more&gt;" in html
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|blob:", html)
    assert re.findall(r"<script(?! src)[^>]*>", html) == [
        '<script id="genai-tryon-1-words" type="application/json">',
    ]
    said = re.search(r'application/json">(.*?)</script>', html)
    assert said is not None
    assert json.loads(said[1]) == words.words()


def test_words_of_the_template(polo: Product) -> None:
    html = render(
        "{% load shop_genai %}{% genai_tryon product label='On me!' title='Captain' category='dress' %}", product=polo
    )
    assert ">On me!</button>" in html
    assert "Try on: Captain" in html
    assert 'data-genai-category="dress"' in html
    assert "data-genai-tuck" not in html  # a dress has no hem to tuck in
    assert "data-genai-tuck" in render(TAG, product=polo)


def test_several_on_one_page_share_scripts_and_no_ids(polo: Product) -> None:
    source = "{% load shop_genai %}{% for one in products %}{% include card with product=one %}{% endfor %}"
    html = render(source, products=[polo, polo, polo], card=Template(TAG))
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)) > 3
    assert html.count("shop_genai/tryon.css") == html.count("shop_genai/tryon.js") == 1
    assert html.count("<dialog") == 3


def test_nothing_for_what_cannot_be_tried_on(polo: Product) -> None:
    assert render(TAG, product=None) == ""
    Product.objects.update(category="kitchen")
    polo.refresh_from_db()
    assert render(TAG, product=polo) == ""
    Product.objects.update(category="polo")
    polo.refresh_from_db()
    recipes.unregister("tryon")
    assert render(TAG, product=polo) == ""


def test_trouble_breaks_no_page(polo: Product, monkeypatch: Any, caplog: Any) -> None:
    def broken(*arguments: Any) -> None:
        raise ArithmeticError

    monkeypatch.setattr(words, "values", broken)
    assert render(TAG, product=polo) == ""
    assert "could not be shown" in caplog.text


def test_a_template_without_a_request_shows_it_too(polo: Product) -> None:
    assert "<dialog" in Template(TAG).render(Context({"product": polo}))


def test_the_page_says_its_language(polo: Product) -> None:
    with override("zh-hans"):
        assert 'lang="zh-hans"' in render(TAG, product=polo)
