"""The demo's second half without a network: a cut-out, two tastes, two rankings, one sheet."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from PIL import Image
from rich.console import Console

from example_project.shop import stock
from example_project.shop.demo import sheet, taste_sheet, tastes
from shop_genai import recipes
from shop_genai.generation.cutout.params import CutoutParams
from shop_genai.models import GeneratedImage, Review
from shop_genai.recipes import Recipe, Slot
from tests.fakes.recipes import Made


class CutoutPipeline:
    device = "cpu"

    def __call__(self, inputs: Any, params: Any, seeds: Any, progress: Any = None) -> list[Made]:
        return [Made(pictures["image"].convert("RGB")) for pictures in inputs]


@pytest.fixture
def cutout() -> Iterator[None]:
    """A recipe “cutout” that cuts nothing out, in the place of the built-in one."""
    before = recipes.get("cutout")
    recipes.unregister("cutout")
    recipes.register(
        Recipe("cutout", "Cut out", (Slot("image"),), CutoutParams, lambda folder, device: CutoutPipeline())
    )
    yield
    recipes.unregister("cutout")
    recipes.register(before)


@pytest.mark.django_db
def test_two_shoppers_get_different_pictures_and_rankings(
    variant: Recipe, cutout: None, staff: User, drain: Callable[..., int], tmp_path: Path, settings: Any
) -> None:
    quick = {"RENDITION_FORMATS": ("JPEG",), "RENDITION_WIDTHS": (320,)}
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, **quick}
    stock.load()
    said = io.StringIO()
    waited: list[str] = []

    def wait(watched: Any) -> None:
        waited.extend(one.title for one in watched)
        drain()

    failed, jobs = tastes.show(Console(file=said, width=80, highlight=False), tmp_path, staff, wait)
    assert (failed, jobs) == (0, len(waited)) == (0, 2 * len(tastes.VARIED) + 1)
    text = " ".join(said.getvalue().split())
    mei, jonas = text.split("For mei")[1].split("For jonas")
    assert "Because you" in mei
    assert "Because you" in jonas
    assert mei.split() != jonas.split()
    assert max(len(line) for line in said.getvalue().splitlines() if str(tmp_path) not in line) <= 80
    variants = GeneratedImage.objects.filter(job__recipe="variant")
    assert {result.review for result in variants} == {Review.APPROVED}
    assert len({result.info["look"] for result in variants}) > len(tastes.VARIED)
    assert len(list((tmp_path / "variants").rglob("*.*"))) == 2 * len(tastes.VARIED)
    assert len(list((tmp_path / "cutout").iterdir())) == 1
    assert GeneratedImage.objects.get(job__recipe="cutout").review == Review.PENDING
    with Image.open(tmp_path / "tastes.jpg") as drawn:
        assert drawn.height > drawn.width

    again = tastes.show(Console(file=io.StringIO()), tmp_path, staff, wait)
    assert again == (0, jobs)
    assert variants.count() == 2 * len(tastes.VARIED)  # the same request is the same job


def test_a_sheet_has_three_bands_for_each_shopper(tmp_path: Path) -> None:
    tile = taste_sheet.Tile(
        Image.new("RGB", (90, 120), "teal"), "A rather long caption that cannot fit below it", "why"
    )
    person = taste_sheet.Person("mei", [tile] * 9, [tile], [tile])
    taste_sheet.write([tile], [person], tmp_path / "one.png")
    taste_sheet.write([tile], [person, person], tmp_path / "two.png")
    with Image.open(tmp_path / "one.png") as one, Image.open(tmp_path / "two.png") as two:
        assert one.width == two.width
        band = (two.height - one.height) / 3
        assert band == pytest.approx((one.height - taste_sheet.GAP) / 4)
        corner = taste_sheet.GAP + 5 * (taste_sheet.TILE + taste_sheet.GAP) + taste_sheet.TILE // 2
        middle = round(band) + taste_sheet.LINE + 8 + taste_sheet.TILE // 2
        assert one.getpixel((corner, middle)) == (0, 128, 128)  # the sixth of nine; the rest is left out


def test_a_sheet_draws_what_its_font_knows() -> None:
    assert sheet.drawable("Piqué, “navy” · 藏青…") == 'Pique, "navy" · ??...'
