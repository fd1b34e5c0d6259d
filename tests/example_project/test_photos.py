"""A folder of somebody's own pictures, and what the demo says about them."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import storages
from PIL import Image
from rich.console import Console

from example_project.shop import stock
from example_project.shop.demo import photos, results
from shop_genai import review, submission
from shop_genai.models import GeneratedImage, Job, ProductImage, Review
from shop_genai.recipes import Recipe
from tests.conftest import draw_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good pictures, four that are none, and files that nobody calls pictures."""
    (tmp_path / "more").mkdir()
    (tmp_path / ".trash").mkdir()
    files = {
        "a [red] mug.jpg": draw_photo(80, 60),
        "more/bag.PNG": draw_photo(50, 50, format="PNG"),
        "cut.jpg": draw_photo(200, 200)[:1500],
        "empty.webp": b"",
        "notes.jpg": b"these are only words",
        "old.gif": draw_photo(30, 30, format="GIF"),
        "table.csv": b"a,b",
        ".hidden.jpg": draw_photo(20, 20),
        ".trash/gone.jpg": draw_photo(21, 20),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_bad_files_are_refused_one_by_one_and_the_others_go_on(folder: Path, user: User) -> None:
    taken, refused = photos.of_folder(folder, user)
    assert [one.name for one in taken] == ["a [red] mug.jpg", "more/bag.PNG"]
    assert {one.image.owner_id for one in taken} == {user.pk}
    assert {one.name: one.code for one in refused} == {
        "cut.jpg": "image_truncated",
        "empty.webp": "not_an_image",
        "notes.jpg": "not_an_image",
        "old.gif": "format_not_allowed",
    }
    assert all(one.message.endswith(".") for one in refused)


def test_a_file_that_cannot_be_opened_is_refused_too(folder: Path, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(path: Path, *args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", locked)
    taken, refused = photos.of_folder(folder, user)
    assert taken == []
    assert {(one.code, one.message) for one in refused} == {
        ("unreadable", "The file cannot be read: Permission denied.")
    }


def test_the_shops_photos_are_tracked_where_they_lie() -> None:
    shelves = stock.load()
    sources = photos.of_shop(shelves.phone_photos)
    assert len({one.name for one in sources}) == len(sources) == 8
    assert not any(one.image.is_upload for one in sources)
    assert [one.image.pk for one in photos.of_shop(shelves.phone_photos)] == [one.image.pk for one in sources]


@pytest.fixture
def finished(
    invert: Recipe, staff: User, upload: Callable[..., ProductImage], drain: Callable[..., int]
) -> list[results.Finished]:
    """One that succeeded, and one whose picture was gone when the worker came."""
    sources = [photos.Source("mug.jpg", upload(staff)), photos.Source("bag [old].png", upload(staff, width=50))]
    submitted = submission.submit_many([one.image for one in sources], recipe="invert", params={}, owner=staff)
    lost = sources[1].image
    storages[lost.storage].delete(lost.name)
    drain(backoff=True)
    return results.collect(sources, [one.job.id for one in submitted])


def shown(finished: list[results.Finished]) -> str:
    written = StringIO()
    Console(file=written, width=80).print(results.table(finished))
    return written.getvalue()


def test_the_table_shows_sizes_and_why_something_failed(finished: list[results.Finished]) -> None:
    text = shown(finished)
    assert "64 × 48 → 64 × 48" in text
    assert "bag [old].png" in text
    assert "[input_missing]" in " ".join(text.split())
    assert max(len(line) for line in text.splitlines()) <= 80


def test_files_are_written_for_what_succeeded(finished: list[results.Finished], tmp_path: Path) -> None:
    results.write_files(finished, tmp_path / "enhanced")
    written = list((tmp_path / "enhanced").iterdir())
    assert [path.stem for path in written] == ["mug"]
    with Image.open(written[0]) as picture:
        assert picture.size == (64, 48)
    [pair] = results.pairs(finished)
    assert (pair.before.mode, pair.after.mode) == ("RGB", "RGB")


def test_approval_leaves_a_rejection_alone(finished: list[results.Finished], staff: User) -> None:
    result = finished[0].result
    assert result is not None
    review.reject(result, staff)
    finished[0].result = GeneratedImage.objects.get(pk=result.pk)
    results.approve(finished, staff)
    assert GeneratedImage.objects.get(pk=result.pk).review == Review.REJECTED


def test_fresh_forgets_these_pictures_jobs_and_no_others(
    finished: list[results.Finished], staff: User, upload: Callable[..., ProductImage]
) -> None:
    other = submission.submit(recipe="invert", inputs={"image": upload(staff, width=90)}, params={}, owner=staff)
    assert results.forget("invert", [one.source for one in finished], staff) == 2
    assert list(Job.objects.values_list("pk", flat=True)) == [other.job.pk]
