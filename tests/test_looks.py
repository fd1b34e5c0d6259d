"""The index of looks: filled once per picture and weights, kept up to date, never stuck on a bad picture."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from example_project.shop.models import Photo
from shop_genai import catalogue, looks, recipes, tasks
from shop_genai.errors import StorageUnavailable, TorchMissing
from shop_genai.models import LaneState, Look, LookIndex, ProductImage, Weights
from shop_genai.taste import index as indexes
from tests.conftest import draw_photo
from tests.fakes.looks import looker, variant
from tests.fakes.shop import make_photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def weights(tmp_path: Path, settings: Any, db: None) -> Iterator[Weights]:
    """A recipe “variant” whose weights are a digest, and an empty memory of refused pictures."""
    entry = {"field": "image", "title": "product.title", "category": "product.category"}
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "PRODUCT_IMAGES": {"shop.Photo": entry}}
    looker.batches.clear()
    looks._refused.clear()
    recipes.unregister("variant")
    recipes.register(variant())
    (tmp_path / "cd").mkdir()
    yield Weights.objects.create(
        recipe="variant", digest="cd" * 32, version="2", folder=str(tmp_path / "cd"), promoted=True
    )
    looks._refused.clear()


def photo(colour: tuple[int, int, int] = (255, 0, 0), **more: Any) -> Photo:
    return make_photo(draw_photo(40, 40, colour), **more)


def test_every_picture_is_looked_at_once(weights: Weights) -> None:
    shown = [photo(), photo((0, 0, 255)), photo((0, 0, 0))]
    said: list[int] = []
    counts = looks.index(batch=2, said=lambda done: said.append(done["seen"] + done["empty"]))
    assert (counts["tracked"], counts["seen"], counts["empty"], counts["left"]) == (3, 2, 1, 0)
    assert (looker.batches, said) == ([2, 1], [2, 3])
    rows = {row.image.object_id: row for row in Look.objects.select_related("image")}
    red = rows[str(shown[0].pk)]
    assert struct.unpack("<3e", bytes(red.vector)) == pytest.approx((254 / 256, 0, 0), abs=0.01)
    assert (red.category, red.colour, red.product) == ("kitchen", "seen", f"shop.product:{shown[0].product.pk}")
    assert bytes(rows[str(shown[2].pk)].vector) == b""
    assert not looks.missing().exists()
    stamp = LookIndex.objects.get(weights=weights).stamp
    assert looks.index()["seen"] == 0
    assert looker.batches == [2, 1]
    assert LookIndex.objects.get(weights=weights).stamp == stamp  # nothing changed: no copy is loaded anew


def test_what_the_shop_changed_is_looked_at_again(weights: Weights) -> None:
    row = photo()
    looks.index()
    row.image.save("other.png", ContentFile(draw_photo(30, 30, (0, 255, 0), format="PNG")))
    row.product.category = "home"
    row.product.save()
    assert not looks.is_due()  # the sweep asks for less
    counts = looks.index()
    assert (counts["tracked"], counts["seen"], counts["described"]) == (1, 1, 0)
    assert (Look.objects.get().category, Look.objects.count()) == ("home", 1)
    row.product.category = "food"
    row.product.save()
    stamp = LookIndex.objects.get(weights=weights).stamp
    assert looks.index()["described"] == 1
    assert Look.objects.get().category == "food"
    assert LookIndex.objects.get(weights=weights).stamp != stamp


def test_the_shops_own_word_for_a_colour_wins(settings: Any) -> None:
    settings.SHOP_GENAI["PRODUCT_IMAGES"]["shop.Photo"]["colour"] = "product.colour"
    photo()
    looks.index()
    assert Look.objects.get().colour == "red"


def test_other_weights_need_other_looks(weights: Weights, tmp_path: Path) -> None:
    photo()
    looks.index()
    Weights.objects.update(promoted=False)
    (tmp_path / "ef").mkdir()
    Weights.objects.create(recipe="variant", digest="ef" * 32, version="3", folder=str(tmp_path / "ef"), promoted=True)
    assert looks.is_due()
    assert indexes.current(looks.weights_in_use()) is None
    looks.index()
    assert Look.objects.count() == 2
    assert not looks.is_due()


def test_packaged_weights_are_noted_by_the_first_look() -> None:
    Weights.objects.all().delete()
    photo()
    assert looks.weights_in_use() is None
    assert looks.is_due()
    looks.index()
    noted = looks.weights_in_use()
    assert noted is not None
    assert noted.digest == "ab" * 32
    assert not looks.is_due()


def test_bad_pictures_are_tried_once(caplog: pytest.LogCaptureFixture) -> None:
    good, bad = photo(), make_photo(draw_photo(format="GIF"))
    counts = looks.index(thorough=False)
    assert (counts["tracked"], counts["refused"], counts["seen"]) == (1, 1, 1)
    assert not looks.is_due()
    assert not ProductImage.objects.filter(object_id=str(bad.pk)).exists()
    image = ProductImage.objects.get(object_id=str(good.pk))
    Look.objects.all().delete()
    good.image.storage.delete(good.image.name)
    assert looks.index(thorough=False)["refused"] == 1
    assert "cannot be computed" in caplog.text
    assert bytes(Look.objects.get(image=image).vector) == b""
    assert not looks.is_due()


def test_a_row_that_is_gone_is_shown_nowhere(weights: Weights) -> None:
    row = photo()
    looks.index()
    row.delete()
    looks.index()
    assert Look.objects.get().product == ""
    assert indexes.current(weights) is None
    assert not looks.is_due()


def test_storage_down_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    image = catalogue.track(photo())

    def away(*args: Any) -> bytes:
        raise StorageUnavailable("as asked")

    monkeypatch.setattr(catalogue.ImageFieldAdapter, "read", away)
    with pytest.raises(StorageUnavailable):
        looks.index()
    assert not Look.objects.exists()
    assert list(looks.missing()) == [image]


def test_without_a_network_there_is_nothing_to_do() -> None:
    recipes.unregister("variant")
    photo()
    assert looks.weights_in_use() is None
    assert not looks.is_due()
    assert not looks.missing().exists()


# By workers -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The doorbells that were sent, with their queues."""
    rung: list[tuple[str, str]] = []
    for lane, task in tasks.DOORBELLS.items():
        monkeypatch.setattr(task, "apply_async", lambda lane=lane, **options: rung.append((lane, options["queue"])))
    monkeypatch.setattr(tasks, "_kept_house_at", float("-inf"))
    return rung


def test_the_sweep_rings_for_pictures_without_a_look(sent: list[tuple[str, str]]) -> None:
    photo()
    tasks.sweep()
    assert sent == [("looks", "bulk")]
    tasks.sweep()  # within the same minute
    assert sent == [("looks", "bulk")]
    tasks.compute_looks()
    assert Look.objects.count() == 1
    assert LaneState.objects.get(lane="looks").rung_at is None
    assert sent == [("looks", "bulk")]


def test_a_shop_that_ranks_nothing_looks_at_nothing(sent: list[tuple[str, str]], settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TASTE_INDEX": False}
    photo()
    tasks.sweep()
    assert sent == []


def test_a_worker_stops_after_a_slice_and_rings_again(
    sent: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(3):
        photo()
    monkeypatch.setattr(tasks, "SLICE_SECONDS", -1.0)
    for _slice in range(20):
        sent.clear()
        tasks.compute_looks()
        if not sent:
            break
    assert Look.objects.count() == 3
    assert sent == []


def test_a_worker_without_torch_says_so(
    sent: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(*args: Any) -> Any:
        raise TorchMissing("no torch here")

    photo()
    monkeypatch.setattr(looks.pipelines, "get", missing)
    tasks.compute_looks()
    assert "no torch here" in caplog.text
    assert sent == []
