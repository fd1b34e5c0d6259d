"""The pages about weights in a real browser: names and contrasts, a strict policy, promotion by keyboard alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from PIL import Image

from shop_genai import registry
from shop_genai.models import Promotion, Weights
from tests.browser.test_everyone_can_use_it import FAULTS, PALE, STRICT
from tests.fakes.weights import add_report, export, metrics, weighty

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/admin/shop_genai/weights/"


@pytest.fixture
def better(tmp_path: Path) -> Weights:
    """Version 2.0, better than the package's 1.0, with a drawn report."""
    recipe = weighty(export(tmp_path / "package", "1.0", metrics(30.0)))
    registry.packaged(recipe)
    folder = export(tmp_path / "new", "2.0", metrics(31.0, 0.5))
    add_report(folder)
    for number, path in enumerate(sorted((folder / "report").glob("*.png"))):
        Image.linear_gradient("L").resize((320 + 80 * number, 160)).save(path)
    return registry.register(folder)


@pytest.fixture
def addresses(better: Weights, tmp_path: Path) -> list[str]:
    """List, pages and questions, in every state."""
    worse = registry.register(export(tmp_path / "worse", "0.9", metrics(29.0)))
    bare = registry.register(export(tmp_path / "bare", "0.8"))
    registry.promote(better)
    steps = [(better, "rollback"), (worse, "force"), (worse, "promote")]
    return [
        LIST,
        *(reverse("admin:shop_genai_weights_change", args=[row.pk]) for row in (better, worse, bare)),
        *(reverse("admin:shop_genai_weights_step", args=[row.pk, name]) for row, name in steps),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_has_a_name_and_can_be_read(scheme: str, visit: Any, staff: Any, addresses: list[str]) -> None:
    page = visit(staff, LIST, color_scheme=scheme)
    for address in addresses:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach((element) => { element.open = true; })")
        assert page.evaluate(FAULTS) == [], address
        assert page.evaluate(PALE) == [], address


def test_a_strict_content_security_policy_breaks_nothing(visit: Any, staff: Any, addresses: list[str]) -> None:
    page = visit(staff, LIST)
    violations: list[str] = []

    def strict(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers=answer.headers | {"content-security-policy": STRICT})

    page.route(lambda address: "/admin/" in address and "/report/" not in address, strict)
    page.on(
        "console",
        lambda said: violations.append(said.text) if "content security policy" in said.text.lower() else None,
    )
    for address in addresses:
        page.goto(address)
    page.goto(addresses[1])
    loaded = "[...document.querySelectorAll('.genai-report img')].map((image) => image.naturalWidth)"
    page.locator(".genai-report img").last.scroll_into_view_if_needed()
    for _ in range(100):  # the page's own waiting would evaluate a string in it, which its policy forbids
        if all(page.evaluate(loaded)):
            break
        page.wait_for_timeout(100)
    assert page.evaluate(loaded) == [320, 400, 480]
    assert violations == []


def test_promotion_and_rollback_by_keyboard_alone(visit: Any, staff: Any, better: Weights) -> None:
    page = visit(staff, reverse("admin:shop_genai_weights_change", args=[better.pk]))

    def tab_to(selector: str) -> None:
        for _press in range(80):
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches('{selector}')"):
                return
        raise AssertionError(f"Tab never reaches {selector}")

    for step, sentence in [("promote", "use version 2.0."), ("rollback", "use version 1.0 again.")]:
        page.goto(reverse("admin:shop_genai_weights_change", args=[better.pk]))
        tab_to(f"a.genai-step--{step}")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        tab_to("textarea")
        page.keyboard.type("by keyboard")
        tab_to("button.default")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.get_by_text(sentence).wait_for()
    assert list(Promotion.objects.order_by("id").values_list("kind", "reason")) == [
        ("promoted", "by keyboard"),
        ("rolled_back", "by keyboard"),
    ]


def test_a_narrow_screen_is_not_scrolled_sideways(visit: Any, staff: Any, addresses: list[str]) -> None:
    page = visit(staff, LIST, viewport={"width": 375, "height": 800})
    for address in addresses:
        page.goto(address)
        wide = page.evaluate("document.querySelector('#content').scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, address
