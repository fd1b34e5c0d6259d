"""Shoppers try garments on: with a file, with a camera, by keyboard; and what they refuse, and what refuses them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from example_project.shop.models import Product
from shop_genai import ledger, recipes, tasks
from shop_genai.models import GeneratedImage, Job, Lane, ShopperPhoto, TryOn, TryOnConsent
from tests.browser.test_everyone_can_use_it import FAULTS, STRICT
from tests.conftest import draw_photo
from tests.fakes import fitting
from tests.fakes.shop import make_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

POLO = "/products/polo/"
GREY, RED, BLUE = (150, 150, 150), (250, 20, 20), (20, 20, 250)
SOON = 90_000  # milliseconds; a busy machine is no failure
SEEN = "image => image.complete && image.naturalWidth"
# The text of the dialog against what is behind it, as in test_everyone_can_use_it.
PALE = """() => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (!/, 0\\)$/.test(colour) && colour !== "transparent") return colour;
    }
    return "white";
  };
  const said = "h2, h3, p, li, button, a, label, select, summary, figcaption, strong";
  return [...document.querySelectorAll(said)].filter((element) => element.closest("dialog[open]"))
    .filter((element) => element.getClientRects().length && element.textContent.trim())
    .map((element) => {
      const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
      return [(a + 0.05) / (b + 0.05), element.outerHTML.slice(0, 120)];
    }).filter(([contrast]) => contrast < 4.5);
}"""


@pytest.fixture
def garment(settings: Any) -> Iterator[Product]:
    """A teal polo in the shop, a mug beside it, and a recipe that needs no network."""
    settings.SHOP_GENAI = {
        **settings.SHOP_GENAI,
        "TRYON_GARMENTS": {"polo": "upper"},
        "RENDITION_FORMATS": ("JPEG",),
    }
    before = {recipe.name: recipe for recipe in recipes.all_recipes()}.get("tryon")
    recipes.unregister("tryon")
    recipes.register(fitting.FITTING)
    make_photo(draw_photo(90, 80), "Red mug", "mug")
    photo = make_photo(draw_photo(90, 80, (20, 120, 120)), "Harbour Polo", "polo")
    Product.objects.filter(pk=photo.product_id).update(category="polo", colour="teal")
    yield photo.product
    recipes.unregister("tryon")
    if before is not None:
        recipes.register(before)


@pytest.fixture
def worker(garment: Product) -> Iterator[threading.Event]:
    """A worker of the interactive lane, in a thread; it rests while the event is cleared."""
    at_work, over = threading.Event(), threading.Event()
    at_work.set()

    def run() -> None:
        try:
            while not over.wait(0.1):
                if at_work.is_set() and ledger.due(Lane.INTERACTIVE):
                    tasks.answer(Lane.INTERACTIVE)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    yield at_work
    over.set()
    thread.join()


@pytest.fixture
def portrait(tmp_path: Path) -> Callable[..., Path]:
    """``portrait(colour=GREY)``: the file of a photo that says by its colour what it shows."""

    def portrait(colour: tuple[int, int, int] = GREY, size: tuple[int, int] = (480, 640)) -> Path:
        path = tmp_path / f"{'-'.join(map(str, colour))}.jpg"
        path.write_bytes(draw_photo(*size, colour, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"))
        return path

    return portrait


def dialog_of(page: Any, agree: bool = True) -> Any:
    """The open dialog of a product's page; with the consent given, it asks for a photo."""
    page.get_by_role("button", name="Try it on", exact=True).click()
    dialog = page.get_by_role("dialog")
    if agree:
        dialog.get_by_label("I have read this and agree.").check()
        dialog.get_by_role("button", name="Continue").click()
        dialog.get_by_role("heading", name="A photo of you").wait_for()
    return dialog


def try_on(dialog: Any, file: Path) -> None:
    dialog.get_by_label("Choose a photo").set_input_files(file)
    dialog.get_by_role("button", name="Try it on").click()


def slider(dialog: Any) -> Any:
    found = dialog.get_by_role("slider")
    found.wait_for(timeout=SOON)
    return found


def heading(page: Any) -> str:
    """What the shopper's screen reader stands on."""
    return str(page.evaluate("document.activeElement.textContent")).strip()


def test_from_the_product_to_the_picture_and_gone_again(visit: Any, worker: Any, portrait: Any) -> None:
    page = visit(None, POLO)
    page.evaluate("""() => { window.heard = []; for (const name of ["open", "done", "deleted"])
        document.addEventListener(`genai:tryon:${name}`, (event) => window.heard.push([name, event.detail])); }""")
    page.get_by_role("button", name="Try it on", exact=True).click()
    dialog = page.get_by_role("dialog", name="Try on: Harbour Polo")
    dialog.get_by_role("button", name="Continue").click()
    assert "tick the box first" in dialog.get_by_role("alert").inner_text()
    assert not TryOnConsent.objects.exists()
    dialog.get_by_label("I have read this and agree.").check()
    dialog.get_by_role("button", name="Continue").click()
    dialog.get_by_role("heading", name="A photo of you").wait_for()
    dialog.get_by_label("Choose a photo").set_input_files(portrait())
    dialog.get_by_text("Not sent yet").wait_for()
    assert not ShopperPhoto.objects.exists()
    dialog.get_by_text("How it is worn").click()
    dialog.get_by_label("Hem").select_option("in")
    dialog.get_by_role("button", name="Try it on").click()
    slider(dialog)
    assert fitting.pipelines[-1].calls[-1].tuck == "in"
    assert fitting.pipelines[-1].calls[-1].category == "upper"
    assert heading(page) == "You in “Harbour Polo”"
    after, before = dialog.get_by_alt_text("You wearing “Harbour Polo”"), dialog.get_by_alt_text("Your photo").last
    assert after.evaluate(SEEN)
    assert before.evaluate(SEEN)
    assert dialog.get_by_role("list", name="Good to know").locator("li").count() == 1
    assert "Made by AI" in dialog.inner_text()
    [heard_open, heard_done] = page.evaluate("window.heard")
    assert heard_open[0] == "open"
    assert heard_done[1]["confidence"] == pytest.approx(0.8)
    dialog.get_by_role("button", name="Delete my photo").click()
    dialog.get_by_text("Your photo, and every picture made of it, is deleted.").wait_for()
    assert page.evaluate("window.heard.at(-1)") == ["deleted", {"everything": False}]
    assert after.get_attribute("src") is None
    assert not ShopperPhoto.objects.exists()
    assert not TryOn.objects.exists()
    assert not GeneratedImage.objects.exists()


def test_a_big_photo_is_sent_smaller_and_without_metadata(visit: Any, worker: Any, portrait: Any) -> None:
    page = visit(None, POLO)
    page.evaluate("""() => { const send = window.fetch; window.fetch = (address, asked) => {
        if (asked?.body instanceof FormData) window.sent = asked.body.get("file");
        return send(address, asked); }; }""")
    dialog = dialog_of(page)
    photo = portrait(size=(1920, 2560))
    assert b"Exif" in photo.read_bytes()
    try_on(dialog, photo)
    slider(dialog)
    assert (
        page.evaluate("sent.arrayBuffer().then((data) => new TextDecoder('latin1').decode(data).includes('Exif'))")
        is False
    )
    kept = ShopperPhoto.objects.select_related("image").get().image
    assert (kept.width, kept.height) == (1536, 2048)


def test_the_photo_is_there_for_the_next_garment(visit: Any, worker: Any, portrait: Any, garment: Product) -> None:
    page = visit(None, POLO)
    dialog = dialog_of(page)
    try_on(dialog, portrait())
    slider(dialog)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Try it on"
    page.get_by_role("button", name="Try it on", exact=True).click()
    slider(dialog)  # this garment's picture is still shown
    page.reload()
    dialog = dialog_of(page, agree=False)
    dialog.get_by_role("heading", name="Is this the right photo?").wait_for()
    dialog.get_by_role("button", name="Try it on").click()
    slider(dialog)
    assert ShopperPhoto.objects.count() == 1
    dialog.get_by_role("button", name="Another photo").click()
    try_on(dialog, portrait((120, 150, 120)))
    dialog.get_by_role("heading", name="You in").wait_for(timeout=SOON)
    assert ShopperPhoto.objects.count() == 1  # the one before went


@pytest.mark.parametrize(("colour", "code"), [(RED, "no_person"), (BLUE, "multiple_people")])
def test_a_photo_that_cannot_be_used_is_refused_with_advice(
    colour: Any, code: str, visit: Any, worker: Any, portrait: Any
) -> None:
    page = visit(None, POLO)
    dialog = dialog_of(page)
    page.evaluate("document.addEventListener('genai:tryon:refused', (event) => { window.code = event.detail.code; })")
    try_on(dialog, portrait(colour))
    dialog.get_by_text("That photo is deleted again.").wait_for(timeout=SOON)
    assert len(dialog.locator("[data-genai-message]").inner_text()) > 10
    assert len(dialog.locator("[data-genai-advice]").inner_text()) > 10
    assert page.evaluate("window.code") == code
    assert heading(page) == "A photo of you"
    assert not ShopperPhoto.objects.exists()
    try_on(dialog, portrait())
    slider(dialog)
    assert not dialog.get_by_role("alert").is_visible()


def test_what_is_no_picture_is_not_sent(visit: Any, garment: Product, tmp_path: Path) -> None:
    page = visit(None, POLO)
    dialog = dialog_of(page)
    (tmp_path / "note.jpg").write_text("no picture")
    dialog.get_by_label("Choose a photo").set_input_files(tmp_path / "note.jpg")
    assert "cannot be shown as a picture" in dialog.get_by_role("alert").inner_text()
    assert not ShopperPhoto.objects.exists()


def test_waiting_is_said_and_can_be_stopped(visit: Any, worker: threading.Event, portrait: Any) -> None:
    worker.clear()
    page = visit(None, POLO)
    dialog = dialog_of(page)
    try_on(dialog, portrait())
    status = dialog.get_by_role("status")
    status.get_by_text("In the queue, place").wait_for(timeout=SOON)
    assert dialog.get_by_role("progressbar", name="Your picture is being made").count() == 1
    dialog.get_by_role("button", name="Cancel").click()
    status.get_by_text("Stopped. No picture was made.").wait_for(timeout=SOON)
    assert not TryOn.objects.exists()
    assert not Job.objects.filter(status="queued").exists()
    dialog.get_by_role("button", name="Try it on").click()
    page.keyboard.press("Escape")  # closed meanwhile
    worker.set()
    page.get_by_role("button", name="Try it on", exact=True).click()
    slider(dialog)


def test_a_server_that_does_not_answer_is_said_and_waited_for(visit: Any, worker: Any, portrait: Any) -> None:
    page = visit(None, POLO)
    dialog = dialog_of(page)
    page.route("**/api/v1/tryon/*-*/", lambda route: route.abort())
    try_on(dialog, portrait())
    dialog.get_by_text("The shop does not answer.").wait_for(timeout=SOON)
    page.unroute("**/api/v1/tryon/*-*/")
    slider(dialog)
    assert not dialog.get_by_role("alert").is_visible()


def test_consent_can_be_withdrawn(visit: Any, worker: Any, portrait: Any) -> None:
    page = visit(None, POLO)
    dialog = dialog_of(page)
    try_on(dialog, portrait())
    slider(dialog)
    dialog.get_by_role("button", name="Withdraw my consent and delete everything").click()
    dialog.get_by_text("Your consent is withdrawn, and everything is deleted.").wait_for()
    assert heading(page) == "Before you start"
    assert not dialog.get_by_label("I have read this and agree.").is_checked()
    assert not ShopperPhoto.objects.exists()
    assert not GeneratedImage.objects.exists()


def test_goods_that_nobody_wears_offer_nothing(visit: Any, garment: Product) -> None:
    page = visit(None, "/products/mug/")
    assert page.get_by_role("button", name="Put into the basket").count() == 1
    assert page.locator("[data-genai-tryon], script[src*=tryon]").count() == 0


def test_without_scripts_nothing_is_shown_and_nothing_broken(visit: Any, garment: Product) -> None:
    page = visit(None, POLO, java_script_enabled=False)
    assert page.get_by_role("button", name="Put into the basket").is_visible()
    assert not page.get_by_text("Try it on").first.is_visible()
    assert not page.locator(".genai-tryon").is_visible()


def test_by_keyboard_alone(visit: Any, worker: Any, portrait: Any) -> None:
    page = visit(None, POLO)

    def tab_to(selector: str) -> None:
        for _press in range(60):
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches({selector!r})"):
                return
        raise AssertionError(f"Tab never reaches {selector}")

    tab_to("[data-genai-open]")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Before you start").wait_for()
    assert heading(page) == "Before you start"
    tab_to("[data-genai-agree]")
    page.keyboard.press("Space")
    tab_to("[data-genai-consent]")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="A photo of you").wait_for()
    tab_to("[data-genai-file]")
    page.locator("[data-genai-file]").set_input_files(portrait())  # what the browser's own dialog does after Enter
    page.get_by_role("heading", name="Is this the right photo?").wait_for()
    tab_to("[data-genai-go]")
    page.keyboard.press("Enter")
    slider(page.get_by_role("dialog"))
    tab_to("[data-genai-range]")
    for _press in range(3):
        page.keyboard.press("ArrowRight")
    assert page.get_by_role("slider").get_attribute("aria-valuetext").startswith("Before up to 3 percent")
    tab_to("[data-genai-delete]")
    page.keyboard.press("Enter")
    page.get_by_text("Your photo, and every picture made of it, is deleted.").wait_for()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('[data-genai-open]')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_step_can_be_read_on_a_telephone_behind_a_strict_policy(
    scheme: str, visit: Any, worker: threading.Event, portrait: Any
) -> None:
    page = visit(None, POLO, color_scheme=scheme, viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    violations: list[str] = []
    page.on("console", lambda said: violations.append(said.text) if "security policy" in said.text.lower() else None)

    def strict(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers=answer.headers | {"content-security-policy": STRICT})

    page.route(lambda address: address.endswith(POLO), strict)
    page.reload()

    def usable() -> None:
        assert page.evaluate(FAULTS.replace('"#content"', '"body"')) == []
        assert page.evaluate(PALE) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert dialog.evaluate("box => box.scrollWidth <= box.clientWidth")

    dialog = dialog_of(page, agree=False)
    dialog.get_by_role("heading", name="Before you start").wait_for()
    usable()
    dialog.get_by_role("button", name="Continue").click()
    usable()  # with the refusal
    dialog.get_by_label("I have read this and agree.").check()
    dialog.get_by_role("button", name="Continue").click()
    dialog.get_by_role("heading", name="A photo of you").wait_for()
    usable()
    dialog.get_by_label("Choose a photo").set_input_files(portrait())
    dialog.get_by_text("How it is worn").click()
    usable()
    worker.clear()
    dialog.get_by_role("button", name="Try it on").click()
    dialog.get_by_role("button", name="Cancel").wait_for(timeout=SOON)
    usable()
    worker.set()
    slider(dialog)
    usable()
    assert violations == []


def test_with_the_camera(visit: Any, worker: Any) -> None:
    page = visit(None, POLO)
    dialog = dialog_of(page)
    dialog.get_by_role("button", name="Use the camera").click()
    page.wait_for_function("document.querySelector('video').videoWidth > 0")
    assert heading(page) == "Step back until your hips are in the picture"
    dialog.get_by_role("button", name="Take it in 5 seconds").click()
    dialog.get_by_role("status").get_by_text("The photo is taken in 5").wait_for()
    assert dialog.locator("[data-genai-count]").inner_text() in ("5", "4")
    dialog.get_by_role("button", name="Back").click()  # changed their mind while it counts
    dialog.get_by_role("heading", name="A photo of you").wait_for()
    assert page.evaluate("document.querySelector('video').srcObject") is None
    page.wait_for_timeout(1500)
    assert heading(page) == "A photo of you"
    dialog.get_by_role("button", name="Use the camera").click()
    page.wait_for_function("document.querySelector('video').videoWidth > 0")
    dialog.get_by_role("button", name="Take it now").click()
    dialog.get_by_role("button", name="Try it on").click()
    slider(dialog)
    assert page.evaluate("document.querySelector('video').srcObject") is None  # its light is off
    photo = ShopperPhoto.objects.select_related("image").get()
    assert photo.image.width > photo.image.height >= 480


def test_without_a_camera_there_is_the_file(visit: Any, garment: Product) -> None:
    page = visit(None, POLO)
    page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('NotAllowedError')); }")
    dialog = dialog_of(page)
    dialog.get_by_role("button", name="Use the camera").click()
    dialog.get_by_role("alert").get_by_text("The camera cannot be used here.").wait_for()
    assert dialog.get_by_label("Choose a photo").count() == 1
    page.add_init_script("delete MediaDevices.prototype.getUserMedia")
    page.reload()
    page.get_by_role("button", name="Try it on", exact=True).click()
    dialog.get_by_role("heading", name="A photo of you").wait_for()
    assert not dialog.get_by_role("button", name="Use the camera").is_visible()
