"""A merchandiser's morning in a real browser: choose, generate, watch, compare, approve, publish, revert."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from shop_genai import ledger, submission
from shop_genai.models import GeneratedImage, Job, Review
from tests.conftest import draw_photo
from tests.fakes.shop import make_image, make_result, shop_bytes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

IMAGES = "/admin/shop_genai/productimage/"
JOBS = "/admin/shop_genai/job/"


def result_page(result: GeneratedImage) -> str:
    return reverse("admin:shop_genai_generatedimage_change", args=[result.pk])


def no_sideways_scroll(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_from_the_list_to_the_shop_and_back(visit: Any, staff: Any, invert: Any, drain: Any) -> None:
    original = draw_photo(400, 300)
    image = make_image(original, "Blue mug")
    page = visit(staff, IMAGES)
    assert page.locator(".genai-badge").inner_text() == "Nothing yet"
    assert page.locator(".genai-thumb").evaluate("image => image.naturalWidth") > 0

    def press(button: Any) -> None:
        """Click, and look only at the page that comes."""
        with page.expect_navigation():
            button.click()

    page.locator("input.action-select").check()
    page.select_option("select[name=action]", label="Invert selected…")
    press(page.locator(".actions button[type=submit]"))
    page.get_by_label("Fail").fill("fire")
    press(page.get_by_role("button", name="Invert"))
    assert page.locator(".genai-field.errors .errorlist").count() == 1
    page.get_by_label("Fail").fill("")
    press(page.get_by_role("button", name="Invert"))
    press(page.get_by_role("link", name="Watch"))

    row = page.locator("[data-genai-job]")
    assert row.get_attribute("data-genai-status") == "queued"
    drain()
    page.locator('[data-genai-status="succeeded"]').wait_for()  # without a reload
    press(page.get_by_role("link", name="Look at the result"))

    page.locator("[data-genai-after]").wait_for()
    press(page.get_by_role("button", name="Approve A", exact=True))
    result = GeneratedImage.objects.get()
    assert result.review == Review.APPROVED
    press(page.get_by_role("button", name="Publish"))
    assert "1 result published." in page.locator(".messagelist").inner_text()
    assert shop_bytes(image) != original
    press(page.get_by_role("button", name="Revert to original"))
    assert "1 original picture is back." in page.locator(".messagelist").inner_text()
    assert shop_bytes(image) == original


def test_progress_moves_without_a_reload_on_list_and_page(visit: Any, staff: Any, invert: Any, drain: Any) -> None:
    job = submission.submit(recipe="invert", inputs={"image": make_image(draw_photo())}).job
    listing, page = visit(staff, JOBS), visit(staff, reverse("admin:shop_genai_job_change", args=[job.pk]))
    listing.evaluate("window.stayed = true")
    page.evaluate("window.stayed = true")
    ledger.claim("bulk", "somewhere")
    Job.objects.update(progress=0.3)
    for each in (listing, page):
        each.locator("progress[value='30']").wait_for()
    Job.objects.update(progress=0.6)
    for each in (listing, page):
        each.locator("progress[value='60']").wait_for()
    assert listing.locator("[role=status]").inner_text() == "Running: 1. Waiting: 0."
    page.get_by_role("button", name="Cancel the job").click()
    page.get_by_text("stopping…").wait_for()
    assert listing.evaluate("window.stayed")


def test_a_lost_connection_is_said_and_healed(visit: Any, staff: Any, invert: Any) -> None:
    submission.submit(recipe="invert", inputs={"image": make_image(draw_photo())})
    page = visit(staff, JOBS)
    page.route("**/live/**", lambda route: route.abort())
    page.get_by_text("The connection was lost. Trying again…").wait_for()
    page.unroute("**/live/**")
    page.get_by_text("The connection was lost. Trying again…").wait_for(state="hidden", timeout=20_000)


def test_the_slider_moves_with_keyboard_mouse_and_zooms_to_pixels(
    visit: Any, staff: Any, invert: Any, drain: Any
) -> None:
    result = make_result(make_image(draw_photo(1600, 1200)), drain)
    page = visit(staff, result_page(result))
    slider = page.get_by_role("slider", name="Where before ends and after begins, in percent of the width")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert slider.input_value() == "49"
    assert slider.get_attribute("aria-valuetext") == "Before up to 49 percent, after to the right of it"
    page.keyboard.press("Home")
    clip = "getComputedStyle(document.querySelector('[data-genai-before]')).clipPath"
    assert page.evaluate(clip) == "inset(0px 100% 0px 0px)"

    box = page.locator("[data-genai-stage]").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 20, steps=4)
    page.mouse.up()
    assert slider.input_value() == "75"

    fitted = box["width"]
    page.get_by_role("button", name="1:1 pixels").click()
    assert page.locator("[data-genai-stage]").bounding_box()["width"] == 1600 > fitted
    page.keyboard.press("z")
    assert page.locator("[data-genai-stage]").bounding_box()["width"] == fitted


def test_a_touch_moves_the_line(visit: Any, staff: Any, invert: Any, drain: Any) -> None:
    result = make_result(make_image(draw_photo(400, 300)), drain)
    page = visit(staff, result_page(result), has_touch=True, viewport={"width": 390, "height": 800})
    stage = page.locator("[data-genai-stage]")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.2, box["y"] + 30)
    assert abs(int(page.get_by_role("slider").input_value()) - 20) <= 1


def test_reviewing_with_single_keys_and_without(visit: Any, staff: Any, invert: Any, drain: Any) -> None:
    results = [make_result(make_image(draw_photo(60 + n, 60), f"Mug {n}"), drain) for n in range(3)]
    page = visit(staff, result_page(results[2]))
    with page.expect_navigation():
        page.keyboard.press("a")
    with page.expect_navigation():
        page.keyboard.press("r")
    with page.expect_navigation():
        page.keyboard.press("p")
    verdicts = {result.source.title: result.review for result in GeneratedImage.objects.select_related("source")}
    assert verdicts == {"Mug 2": "approved", "Mug 1": "rejected", "Mug 0": "approved"}
    assert GeneratedImage.objects.get(published_at__isnull=False).source.title == "Mug 0"

    page.get_by_label("Keyboard shortcuts").uncheck()
    page.keyboard.press("v")
    page.goto(page.url)
    page.keyboard.press("v")
    assert page.get_by_label("Keyboard shortcuts").is_checked() is False
    assert GeneratedImage.objects.filter(published_at__isnull=False).count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_phone(scheme: str, visit: Any, staff: Any, invert: Any, drain: Any) -> None:
    result = make_result(make_image(draw_photo(500, 400), "A mug with a rather long name for a small screen"), drain)
    page = visit(staff, IMAGES, viewport={"width": 390, "height": 844}, color_scheme=scheme)
    for row in (result.source, result.job, result):
        name = f"admin:shop_genai_{row._meta.model_name}"
        page.goto(reverse(f"{name}_change", args=[row.pk]))
        assert no_sideways_scroll(page), row
        page.goto(reverse(f"{name}_changelist"))
        assert no_sideways_scroll(page), row


def test_the_pages_speak_chinese(visit: Any, staff: Any, invert: Any, drain: Any) -> None:
    result = make_result(make_image(draw_photo()), drain)
    page = visit(staff, result_page(result), locale="zh-CN")
    assert page.get_by_role("button", name="批准").count() >= 1
    assert "处理前" in page.locator(".genai-compare").inner_text()
