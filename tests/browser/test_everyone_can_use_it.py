"""Without a mouse, with a screen reader, in dark mode, behind a strict content security policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from shop_genai import submission
from shop_genai.models import GeneratedImage, Job, Review
from tests.conftest import draw_photo
from tests.fakes.shop import make_image, make_result

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

IMAGES = "/admin/shop_genai/productimage/"
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'"
)

# Controls without a name, pictures without alt, ids used twice, labels that point nowhere: what people with a screen
# reader run into first. The frame of the admin itself is left out.
FAULTS = """() => {
  const root = document.querySelector("#content");
  const shown = (element) => element.getClientRects().length && element.type !== "hidden";
  const named = (element) => {
    const by = (element.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id));
    const labels = [...(element.labels || []), ...by.filter(Boolean)];
    const picture = "img[alt]:not([alt='']), [role=img][aria-label]";
    return element.getAttribute("aria-label") || element.title
      || labels.some((label) => label.textContent.trim() || label.querySelector(picture))
      || element.textContent.trim() && !["SELECT", "TEXTAREA"].includes(element.tagName)
      || ["submit", "button"].includes(element.type) && element.value
      || element.querySelector(picture);
  };
  const faults = [];
  const controls = "a[href], button, input, select, textarea, progress, [role=group]";
  for (const element of root.querySelectorAll(controls))
    if (shown(element) && !named(element)) faults.push(`no name: ${element.outerHTML.slice(0, 160)}`);
  for (const image of root.querySelectorAll("img:not([alt])")) faults.push(`no alt: ${image.outerHTML}`);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of ids.filter((id, at) => ids.indexOf(id) !== at)) faults.push(`twice: #${id}`);
  for (const element of root.querySelectorAll("[aria-describedby], [aria-labelledby]"))
    for (const name of ["aria-describedby", "aria-labelledby"])
      for (const id of (element.getAttribute(name) || "").split(" ").filter(Boolean))
        if (!document.getElementById(id)) faults.push(`${name} points nowhere: ${id}`);
  return faults;
}"""

# Text whose contrast with the colour behind it is under 4.5 : 1 (WCAG 2.2, 1.4.3), for the studio's own marks.
PALE = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = numbers(colour).slice(0, 3).map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      const alpha = numbers(colour)[3];
      if (alpha === undefined || alpha === 1) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const pale = [];
  for (const element of document.querySelectorAll(".genai-badge, .genai-quiet, .genai-facts dt, .genai-page .button")) {
    if (!element.getClientRects().length) continue;
    const both = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
    const contrast = (both[0] + 0.05) / (both[1] + 0.05);
    if (contrast < 4.5) pale.push(`${contrast.toFixed(2)} ${element.outerHTML.slice(0, 120)}`);
  }
  return pale;
}"""


@pytest.fixture
def addresses(staff: Any, invert: Any, drain: Callable[..., int]) -> list[str]:
    """Every list and page of the studio, with something on each."""
    result = make_result(make_image(draw_photo(400, 300), "Blue mug"), drain)
    waiting = submission.submit(recipe="invert", inputs={"image": make_image(draw_photo(90, 90), "Bowl")}).job
    rows = [result.source, result.job, waiting, result]
    pages = [reverse(f"admin:shop_genai_{row._meta.model_name}_change", args=[row.pk]) for row in rows]
    lists = [reverse(f"admin:shop_genai_{name}_changelist") for name in ("productimage", "job", "generatedimage")]
    return [*pages, *lists, f"{lists[0]}?q=nothing-like-this"]


def open_form(page: Any) -> None:
    page.goto(IMAGES)
    page.locator("input.action-select").first.check()
    page.select_option("select[name=action]", "genai_invert")
    page.locator(".actions button[type=submit]").click()
    page.locator("form.genai-generate").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_has_a_name_and_can_be_read(scheme: str, visit: Any, staff: Any, addresses: list[str]) -> None:
    page = visit(staff, IMAGES, color_scheme=scheme)
    for address in addresses:
        page.goto(address)
        assert page.evaluate(FAULTS) == [], address
        assert page.evaluate(PALE) == [], address
    open_form(page)
    page.get_by_label("Fail").fill("fire")
    page.get_by_role("button", name="Invert").click()
    page.locator(".errorlist").wait_for()
    assert page.evaluate(FAULTS) == []
    assert page.evaluate(PALE) == []


def test_a_strict_content_security_policy_breaks_nothing(visit: Any, staff: Any, addresses: list[str]) -> None:
    page = visit(staff, IMAGES)
    violations: list[str] = []

    def strict(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers=answer.headers | {"content-security-policy": STRICT})

    page.route(lambda address: "/admin/" in address and "/live/" not in address, strict)
    page.on(
        "console",
        lambda said: violations.append(said.text) if "content security policy" in said.text.lower() else None,
    )
    for address in addresses:
        page.goto(address)
    assert violations == []
    page.goto(addresses[3])
    page.get_by_role("slider").press("Home")
    clip = "getComputedStyle(document.querySelector('[data-genai-before]')).clipPath"
    assert page.evaluate(clip) == "inset(0px 100% 0px 0px)"
    assert violations == []


def test_the_whole_way_by_keyboard_alone(visit: Any, staff: Any, invert: Any, drain: Any) -> None:
    make_image(draw_photo(200, 150), "Blue mug")
    page = visit(staff, IMAGES)
    focused = "document.activeElement.matches('%s')"

    def tab_to(selector: str) -> None:
        for _press in range(80):
            page.keyboard.press("Tab")
            if page.evaluate(focused % selector):
                return
        raise AssertionError(f"Tab never reaches {selector}")

    tab_to("select[name=action]")
    page.keyboard.type("Inv")
    tab_to("input.action-select")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+Tab")
    for _press in range(40):
        if page.evaluate(focused % ".actions button"):
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.locator("form.genai-generate").wait_for()
    tab_to("form.genai-generate button.default")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Job.objects.count() == 1
    drain()

    page.goto(reverse("admin:shop_genai_generatedimage_change", args=[GeneratedImage.objects.get().pk]))
    tab_to("[data-genai-range]")
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("slider").input_value() == "51"
    tab_to("button[value=approve]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert GeneratedImage.objects.get().review == Review.APPROVED


def test_pressing_twice_decides_once(visit: Any, staff: Any, invert: Any, drain: Any) -> None:
    result = make_result(make_image(draw_photo()), drain)
    page = visit(staff, reverse("admin:shop_genai_generatedimage_change", args=[result.pk]))
    page.get_by_role("button", name="Approve A", exact=True).dblclick()
    page.get_by_text("1 result approved.").wait_for()
    assert page.locator(".messagelist li").count() == 1


def test_nothing_moves_for_those_who_asked_for_it(visit: Any, staff: Any, addresses: list[str]) -> None:
    page = visit(staff, addresses[3], reduced_motion="reduce")
    moving = """() => [...document.querySelectorAll("#content *")].filter((element) => {
      const style = getComputedStyle(element);
      return style.animationName !== "none"
        || /genai/.test(element.className) && parseFloat(style.transitionDuration) > 0;
    }).map((element) => element.outerHTML.slice(0, 100))"""
    assert page.evaluate(moving) == []
