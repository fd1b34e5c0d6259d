"""Two people in one shop, each with a browser of their own; and the pages on which staff see what they see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from shop_genai import catalogue, looks, taste
from shop_genai.models import Event, Job, ProductImage, Shopper
from tests.browser.test_everyone_can_use_it import FAULTS, PALE, STRICT
from tests.conftest import draw_photo
from tests.fakes.shop import make_photo
from tests.fakes.variant import queued_variant

BOUGHT = "Because you bought “Red mug”"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GOODS = {
    "red-mug": (210, 70, 70),
    "coral-mug": (220, 100, 90),
    "brick-mug": (180, 80, 70),
    "blue-mug": (70, 70, 210),
    "sky-mug": (90, 110, 220),
    "ink-mug": (60, 60, 160),
    "plain-mug": (128, 128, 128),
}


@pytest.fixture
def shelves(variant: Any, drain: Callable[..., int], staff: User) -> dict[str, ProductImage]:
    """Mugs with known looks; the plain one has an approved red and an approved blue variant."""
    images = {}
    for sku, colour in GOODS.items():
        images[sku] = catalogue.track(make_photo(draw_photo(90, 80, colour), sku.replace("-", " ").capitalize(), sku))
    looks.index()
    for name in ("blue", "red"):
        queued_variant(images["plain-mug"], drain, name, staff)
    return images


def press(page: Any, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def shops_for(page: Any, *skus: str) -> None:
    """Agree, then look at some things, like them and put them into the basket."""
    press(page, "Yes, remember")
    for sku in skus:
        page.goto(f"/products/{sku}/")
        press(page, "I like it")
        press(page, "Put into the basket")


def recommended(page: Any) -> list[str]:
    page.goto("/")
    return [str(name) for name in page.locator(".for-you .card .name").all_inner_texts()]


def variants_of(page: Any) -> list[str]:
    page.goto("/products/plain-mug/")
    return [str(name).strip() for name in page.locator(".other-looks .genai-variant-colour").all_inner_texts()]


def test_two_shoppers_see_different_variants_and_rankings(visit: Any, shelves: Any) -> None:
    warm, cool = visit(None, "/"), visit(None, "/")
    shops_for(warm, "red-mug")
    shops_for(cool, "blue-mug")
    assert set(recommended(warm)[:3]) == {"Red mug", "Coral mug", "Brick mug"}
    assert set(recommended(cool)[:3]) == {"Blue mug", "Sky mug", "Ink mug"}
    assert recommended(warm)
    # Nothing is recommended because of itself, so the reason stands beside the other two.
    assert sum("“Red mug”" in reason for reason in warm.locator(".for-you .reason").all_inner_texts()[:3]) == 2
    assert variants_of(warm) == ["red", "blue"]
    assert variants_of(cool) == ["blue", "red"]
    assert warm.locator(".other-looks .genai-variant-preview").count() == 1  # the mug is sold in red
    loaded = ".other-looks img"
    assert warm.locator(loaded).first.evaluate("image => image.complete && image.naturalWidth") > 0


def test_who_declines_is_not_remembered_and_not_asked_again(visit: Any, shelves: Any) -> None:
    page = visit(None, "/products/red-mug/")
    banner = page.get_by_role("region", name="May this shop learn your taste?")
    assert banner.is_visible()
    press(page, "No, thank you")
    assert page.url.endswith("/products/red-mug/")
    assert not banner.is_visible()
    assert page.get_by_role("button", name="I like it").count() == 0
    press(page, "Put into the basket")
    page.goto("/?q=mug")
    page.goto("/your-taste/")
    assert "The shop remembers nothing" in page.locator("main").inner_text()
    assert not Event.objects.exists()
    assert not Shopper.objects.exists()
    assert {cookie["name"] for cookie in page.context.cookies()} & {taste.COOKIE} == set()


def test_a_shopper_sees_exports_and_erases_what_is_stored(visit: Any, shelves: Any) -> None:
    page = visit(None, "/")
    shops_for(page, "red-mug")
    page.goto("/your-taste/")
    assert "Liked: 1" in page.locator("main").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export everything").click()
    assert download.value.suggested_filename == "your-taste.json"
    press(page, "Erase everything")
    assert "Nothing yet." in page.locator("main").inner_text()
    assert not Shopper.objects.exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_shops_pages_can_be_used_by_everyone(scheme: str, visit: Any, shelves: Any) -> None:
    page = visit(None, "/", color_scheme=scheme, viewport={"width": 390, "height": 844})
    addresses = ("/", "/products/plain-mug/", "/basket/", "/your-taste/", "/?q=nothing-like-this")
    for answered in (False, True):
        for address in addresses:
            page.goto(address)
            assert page.evaluate(FAULTS.replace('"#content"', '"body"')) == [], address
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
        if not answered:
            page.goto("/")
            shops_for(page, "blue-mug")


@pytest.fixture
def mei(shelves: dict[str, ProductImage]) -> Shopper:
    shopper = Shopper.objects.create(user=User.objects.create_user("mei"))
    taste.give_consent(shopper)
    taste.record_event(shopper, "purchase", shelves["red-mug"])
    return shopper


def test_staff_make_variants_for_a_shopper(visit: Any, staff: User, mei: Shopper, drain: Callable[..., int]) -> None:
    Job.objects.all().delete()
    page = visit(staff, reverse("admin:shop_genai_shopper_sees", args=[mei.pk]))
    best = page.locator("ol").first.locator("li").first.inner_text()
    assert best.split("\n") in (["Brick mug", BOUGHT], ["Coral mug", BOUGHT])
    press(page, "Generate variants in this taste…")
    assert page.get_by_label("The taste of the shopper chosen below").is_checked()
    press(page, "Continue")
    assert "This makes up to 6 new pictures." in page.locator(".genai-estimate").inner_text()
    press(page, "Change")
    page.get_by_label("Strength").fill("0.8")
    press(page, "Continue")
    press(page, "Generate variants")
    assert "6 jobs queued." in page.locator(".messagelist").inner_text()
    assert {job.params["strength"] for job in Job.objects.all()} == {0.8}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_for_staff_can_be_used_by_everyone(
    scheme: str, visit: Any, staff: User, mei: Shopper, shelves: dict[str, ProductImage]
) -> None:
    taste.recommend(mei)
    page = visit(staff, "/admin/shop_genai/productimage/", color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    violations: list[str] = []

    def strict(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers=answer.headers | {"content-security-policy": STRICT})

    page.on("console", lambda said: violations.append(said.text) if "security policy" in said.text.lower() else None)

    def usable() -> None:
        assert page.evaluate(FAULTS) == [], page.url
        assert page.evaluate(PALE) == [], page.url
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url

    page.locator("input.action-select").first.check()
    page.select_option("select[name=action]", "genai_variant")
    page.locator(".actions button[type=submit]").click()
    page.locator("form.genai-generate").wait_for()
    form = page.url
    page.route(lambda address: "/admin/" in address, strict)
    result = shelves["plain-mug"].results.first()
    assert result is not None
    for name in ("shopper_change", "shopper_sees", "shopper_erase"):
        page.goto(reverse(f"admin:shop_genai_{name}", args=[mei.pk]))
        usable()
    page.goto(reverse("admin:shop_genai_generatedimage_change", args=[result.pk]))
    usable()
    for name in ("shopper", "event", "tasteprofile", "generatedimage"):
        page.goto(reverse(f"admin:shop_genai_{name}_changelist"))
        usable()
    page.goto(form)
    usable()
    page.get_by_label("The colours chosen below").check()
    press(page, "Continue")
    assert page.locator(".errorlist").count() == 1
    usable()
    page.get_by_label("mustard", exact=True).check()
    press(page, "Continue")
    usable()
    assert violations == []
