"""The demo's third part without a network: three people, three garments, one sheet."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image
from rich.console import Console

from example_project.shop import stock
from example_project.shop.demo import fitting, tryon_sheet
from example_project.shop.demo.sheet import GAP, PAPER
from shop_genai import recipes
from shop_genai.errors import WeightsMissing
from shop_genai.models import GeneratedImage, Job, ShopperPhoto, TryOn, TryOnConsent
from tests.fakes.fitting import FITTING

WORN = len(fitting.PEOPLE) * len(fitting.GARMENTS)


@pytest.fixture(autouse=True)
def _recipe(settings: Any) -> Iterator[None]:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "RENDITION_FORMATS": ("JPEG",), "RENDITION_WIDTHS": (320,)}
    before = {recipe.name: recipe for recipe in recipes.all_recipes()}.get("tryon")
    recipes.unregister("tryon")
    recipes.register(FITTING)
    yield
    recipes.unregister("tryon")
    if before is not None:
        recipes.register(before)


@pytest.mark.django_db
def test_three_people_wear_three_garments(drain: Callable[..., int], tmp_path: Path) -> None:
    stock.load()
    waited: list[str] = []

    def wait(watched: Any) -> None:
        waited.extend(one.title for one in watched)
        drain()

    said = io.StringIO()
    assert fitting.show(Console(file=said, width=80, highlight=False), tmp_path, wait) == (0, WORN)
    assert len(set(waited)) == WORN
    assert "tryon.jpg" in said.getvalue().replace("\n", "")
    assert TryOnConsent.objects.count() == ShopperPhoto.objects.count() == len(fitting.PEOPLE)
    with Image.open(tmp_path / "tryon.jpg") as sheet:
        assert sheet.width == GAP + 4 * (tryon_sheet.WIDTH + GAP)

    assert fitting.show(Console(file=io.StringIO()), tmp_path, wait) == (0, WORN)
    assert TryOn.objects.count() == GeneratedImage.objects.count() == WORN  # the same request is the same job


@pytest.mark.django_db
def test_what_could_not_be_made_is_an_empty_tile_that_says_why(drain: Callable[..., int], tmp_path: Path) -> None:
    stock.load()
    assert fitting.show(Console(file=io.StringIO()), tmp_path, lambda watched: None) == (WORN, WORN)
    one = TryOn.objects.select_related("job").latest("created")
    assert fitting.result_of(one).caption == "(queued)"
    Job.objects.filter(pk=one.job_id).update(status="failed", error_code="no_person", finished=timezone.now())
    assert fitting.result_of(one).caption == "(no_person)"


@pytest.mark.django_db
def test_without_weights_it_is_left_out_and_says_so(tmp_path: Path) -> None:
    stock.load()

    def missing(folder: Path | None = None) -> str:
        raise WeightsMissing("There are no weights of the try-on.")

    recipes.unregister("tryon")
    recipes.register(replace(FITTING, digest=missing))
    said = io.StringIO()
    assert fitting.show(
        Console(file=said, width=80), tmp_path, lambda watched: pytest.fail("there is nothing to wait for")
    ) == (0, 0)
    assert "left out: There are no weights" in said.getvalue()


def test_a_tile_keeps_the_whole_picture(tmp_path: Path) -> None:
    tall = tryon_sheet.Shown(
        Image.new("RGB", (30, 120), "teal"), "a caption that is longer than a tile is wide, by far"
    )
    tryon_sheet.write([tall], [(tall, [tall])], tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as page:
        top = GAP + tryon_sheet.WIDTH + tryon_sheet.LINE + GAP
        middle = GAP + tryon_sheet.WIDTH // 2
        column = [page.getpixel((middle, top + y)) for y in (1, tryon_sheet.HEIGHT - 2)]
        assert column == [(0, 128, 128)] * 2
        assert page.getpixel((GAP + 4, top + 4)) == PAPER
