"""The catalogue as a data pack: which pictures are good enough to learn from, and in which split they fall."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from example_project.shop.models import Photo, Product
from shop_genai import catalogue, catalogue_export, recipes, review, submission
from shop_genai.catalogue_export import export, split_of
from shop_genai.errors import InputMissing, InvalidInputs, StorageUnavailable
from shop_genai.models import GeneratedImage, ProductImage
from shop_genai.recipes import Recipe, Slot
from tests.conftest import draw_photo
from tests.fakes.recipes import InvertParams, load_invert
from tests.fakes.shop import make_photo

SIDE = 64  # pixels that tests ask for

pytestmark = pytest.mark.django_db


def photo(number: int, title: str = "", side: int = SIDE, **save: Any) -> Photo:
    return make_photo(draw_photo(side, side, (number * 7 % 256, number, 90), **save), title or f"Mug {number}")


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def titles(folder: Path, which: Any = "untouched") -> list[tuple[str, str]]:
    export(folder, which, smallest=SIDE)
    return sorted((row["title"], row["kind"]) for row in rows(folder))


@pytest.fixture
def result(staff: User, drain: Callable[..., int]) -> Iterator[Callable[[Photo], GeneratedImage]]:
    """``result(photo)``: what the recipe “enhance” made of it, waiting for review. Here it inverts."""
    ours = recipes.get("enhance")
    recipes.unregister("enhance")
    recipes.register(Recipe("enhance", "Enhance", (Slot("image"),), params=InvertParams, load=load_invert))

    def result(photo: Photo) -> GeneratedImage:
        job = submission.submit(recipe="enhance", inputs={"image": catalogue.track(photo)}, owner=staff).job
        drain()
        return GeneratedImage.objects.get(job=job)

    yield result
    recipes.unregister("enhance")
    recipes.register(ours)


# What is in the folder ------------------------------------------------------------------------------------


def test_a_pack_with_a_manifest(tmp_path: Path) -> None:
    made = photo(1, "Blue mug")
    done = export(tmp_path, smallest=SIDE)
    [row] = rows(tmp_path)
    assert row == {
        "file": f"original/shop.photo-{made.pk}.png",
        "split": row["split"],
        "kind": "original",
        "label": "kitchen",
        "title": "Blue mug",
    }
    with Image.open(tmp_path / row["file"]) as picture:
        assert (picture.format, picture.size, picture.mode) == ("PNG", (SIDE, SIDE), "RGB")
    assert (done.folder, done.splits, done.left_out) == (tmp_path, {row["split"]: 1}, {})


def test_pictures_are_upright_and_without_metadata(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    exif[0x010F] = "Camera of a person"
    make_photo(draw_photo(2 * SIDE, SIDE, exif=exif))
    export(tmp_path, smallest=SIDE)
    with Image.open(tmp_path / rows(tmp_path)[0]["file"]) as picture:
        assert picture.size == (SIDE, 2 * SIDE)
        assert not picture.getexif()


def test_large_photos_are_shrunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue_export, "LONGEST", 100)
    make_photo(draw_photo(400, 300))
    export(tmp_path, smallest=SIDE)
    with Image.open(tmp_path / rows(tmp_path)[0]["file"]) as picture:
        assert picture.size == (100, 75)


def test_a_shop_that_says_nothing_of_labels(tmp_path: Path, settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "PRODUCT_IMAGES": {"shop.Photo": {"field": "image"}}}
    made = photo(1)
    export(tmp_path, smallest=SIDE)
    assert rows(tmp_path)[0]["label"] == str(made)


# What is left out -----------------------------------------------------------------------------------------


def test_what_is_no_good_picture_is_left_out_and_counted(tmp_path: Path) -> None:
    good = photo(1, "Good")
    photo(2, "Small", side=SIDE - 1)
    make_photo(b"no picture", "Broken")
    twin = Photo.objects.create(product=photo(3, "Twin").product, image=good.image.name)
    gone = photo(4, "Gone")
    gone.image.storage.delete(gone.image.name)
    done = export(tmp_path, smallest=SIDE)
    assert [row["title"] for row in rows(tmp_path)] == ["Good", "Twin"]
    assert twin.product.title == "Twin"
    assert done.left_out == {"too small": 1, "not_an_image": 1, "seen before": 1, "input_missing": 1}


def test_uploads_of_shoppers_are_never_exported(tmp_path: Path, user: User, upload: Any) -> None:
    upload(user, width=SIDE * 2, height=SIDE * 2)
    assert ProductImage.objects.count() == 1
    with pytest.raises(InputMissing):
        export(tmp_path, "all", smallest=SIDE)


def test_an_empty_folder_is_no_pack(tmp_path: Path) -> None:
    photo(1, side=SIDE - 1)
    with pytest.raises(InputMissing, match="1 too small"):
        export(tmp_path, smallest=SIDE)
    assert not (tmp_path / "manifest.csv").exists()


def test_a_storage_that_is_away_is_no_reason_to_train_on_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo(1)

    def away(self: Any, obj: Any, field: str) -> bytes:
        raise StorageUnavailable("It does not answer.")

    monkeypatch.setattr(catalogue.ImageFieldAdapter, "read", away)
    with pytest.raises(StorageUnavailable):
        export(tmp_path, smallest=SIDE)


# Originals and results ------------------------------------------------------------------------------------


@pytest.fixture
def decided(result: Callable[[Photo], GeneratedImage], staff: User) -> None:
    """One photo of each fate."""
    photo(1, "Never touched")
    result(photo(2, "Waiting"))
    review.reject(result(photo(3, "Rejected")), staff)
    review.approve(result(photo(4, "Approved")), staff)
    published = result(photo(5, "Published"))
    review.approve(published, staff)
    review.publish(published, staff)


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize(
    ("which", "more"),
    [
        ("untouched", []),
        ("published", [("Published", "result")]),
        ("approved", [("Approved", "result"), ("Published", "result")]),
        (
            "all",
            [("Approved", "original"), ("Published", "original"), ("Waiting", "original")],
        ),
    ],
)
def test_which_pictures_are_taken(tmp_path: Path, which: str, more: list[tuple[str, str]]) -> None:
    assert titles(tmp_path, which) == sorted([("Never touched", "original"), ("Rejected", "original"), *more])


@pytest.mark.usefixtures("decided")
def test_reasons_are_counted(tmp_path: Path) -> None:
    assert export(tmp_path, smallest=SIDE).left_out == {"improved": 2, "waiting for review": 1}


@pytest.mark.usefixtures("decided")
def test_the_original_of_a_published_result_is_the_shops_own(tmp_path: Path) -> None:
    export(tmp_path, "all", smallest=SIDE)
    [row] = [row for row in rows(tmp_path) if row["title"] == "Published"]
    with Image.open(tmp_path / row["file"]) as picture:
        red, green, _blue = picture.getpixel((9, 9))  # type: ignore[misc]  # RGB
    assert abs(red - 35) < 6  # photo(5), and not its negative
    assert abs(green - 5) < 6


def test_a_result_that_came_back_as_a_photo_of_the_shop_is_left_out(
    tmp_path: Path, result: Callable[[Photo], GeneratedImage]
) -> None:
    made = result(photo(1, "First"))
    with made.files.open(made.name) as file:
        make_photo(file.read(), "Copy of a result")
    done = export(tmp_path, "all", smallest=SIDE)
    assert [row["title"] for row in rows(tmp_path)] == ["First"]
    assert done.left_out == {"made by the studio": 1}


# Splits and models ----------------------------------------------------------------------------------------


def test_one_style_falls_into_one_split(tmp_path: Path) -> None:
    for number in range(12):
        made = photo(number)
        Photo.objects.create(product=made.product, image=photo(100 + number).image.name)
        Product.objects.filter(pk=made.product_id).update(style=f"style-{number // 2}", colour=f"c{number}")
    export(tmp_path, smallest=SIDE)
    found: dict[str, set[str]] = {}
    by_file = {row["file"]: row["split"] for row in rows(tmp_path)}
    for each in Photo.objects.select_related("product"):
        split = by_file.get(f"original/shop.photo-{each.pk}.png")
        if split:
            found.setdefault(each.product.style, set()).add(split)
            assert split == split_of(each.product.style)
    assert all(len(splits) == 1 for splits in found.values())


def test_a_tenth_is_for_testing_and_always_the_same() -> None:
    splits = [split_of(f"style-{number}") for number in range(2000)]
    assert 0.08 < splits.count("test") / len(splits) < 0.12
    assert [split_of("style-1"), split_of("style-14")] == ["train", "test"]


def test_without_a_group_photos_of_a_product_stay_together(tmp_path: Path, settings: Any) -> None:
    entry = {"field": "image", "title": "product.title"}
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "PRODUCT_IMAGES": {"shop.Photo": entry}}
    made = photo(1)
    Photo.objects.create(product=made.product, image=photo(2).image.name)
    Photo.objects.exclude(product=made.product).delete()
    export(tmp_path, smallest=SIDE)
    assert [row["split"] for row in rows(tmp_path)] == [split_of(f"shop.product {made.product_id}")] * 2


def test_only_models_of_the_settings(tmp_path: Path) -> None:
    photo(1)
    for label in ("shop.Product", "shop.Nothing", "nonsense"):
        with pytest.raises(InvalidInputs, match=r"shop\.Photo"):
            export(tmp_path, labels=[label], smallest=SIDE)
    assert len(titles(tmp_path)) == 1
    export(tmp_path, labels=["shop.photo"], smallest=SIDE)


def test_more_photos_ask_the_database_no_more(tmp_path: Path) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            export(tmp_path, smallest=SIDE)
        return len(seen)

    photo(1)
    queries()
    before = queries()
    for number in range(2, 6):
        photo(number)
    assert queries() == before


def test_it_tells_how_far_it_is(tmp_path: Path) -> None:
    for number in range(3):
        photo(number)
    said: list[int] = []
    export(tmp_path, smallest=SIDE, said=said.append)
    assert said == [1, 2, 3]
