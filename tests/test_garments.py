"""Garments of the catalogue are looked at once, ahead of shoppers or with the first; what is on uploads is not kept."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from shop_genai import catalogue, garments, recipes, submission, tryon
from shop_genai.errors import CategoryUnsupported
from shop_genai.models import GarmentAnalysis, Job, Shopper
from shop_genai.worker import pipelines
from shop_genai.worker.garments import GarmentRows, looking_at
from tests.conftest import draw_photo
from tests.fakes import garments as fakes
from tests.fakes.shop import make_photo
from tests.tryon.conftest import TEAL, give

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _seeing(fitting: Any, settings: Any) -> None:
    recipes.unregister("tryon")
    recipes.register(fakes.SEEING)
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_GARMENTS": {}}


def polo(colour: tuple[int, int, int] = TEAL, width: int = 90) -> Any:
    return make_photo(draw_photo(width, 80, colour), f"Polo {width}", f"polo-{width}")


def seen() -> list[str]:
    return fakes.pipelines[-1].seen


def test_all_are_looked_at_once() -> None:
    told: list[int] = []
    polo(), polo(width=91), polo((0, 0, 0), 92)
    assert garments.index(said=lambda counts: told.append(counts.total())) == Counter(analysed=2, none=1)
    assert told == [1, 2, 3]
    assert seen() == ["auto"] * 3
    assert garments.index() == Counter(known=3)
    assert len(seen()) == 3
    row = GarmentAnalysis.objects.get(image__title="Polo 91")
    assert (row.kind, row.source, row.confidence, row.code, row.category) == ("upper", "flat", 0.9, "", "auto")
    assert row.weights == "ab" * 32
    assert row.sha256 == row.image.sha256
    none = GarmentAnalysis.objects.get(image__title="Polo 92")
    assert (none.code, none.data) == ("category_unsupported", {})


def test_it_can_be_stopped_and_started_again() -> None:
    polo(), polo(width=91), polo(width=92)
    assert garments.index(limit=2) == Counter(analysed=2)
    assert garments.index() == Counter(known=2, analysed=1)


def test_only_garments_are_looked_at(settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_GARMENTS": {"shirts": "upper"}}
    polo()
    assert garments.index() == Counter(other=1)
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_GARMENTS": {"kitchen": "upper"}}
    assert garments.index() == Counter(analysed=1)
    assert seen() == ["upper"]


def test_a_file_that_is_gone_stops_nothing() -> None:
    gone, _there = polo(), polo(width=91)
    gone.image.storage.delete(gone.image.name)
    assert garments.index() == Counter(unreadable=1, analysed=1)


def test_a_changed_picture_is_looked_at_again() -> None:
    photo = polo()
    garments.index()
    photo.image.save("other.jpg", ContentFile(draw_photo(90, 80, (200, 30, 30))))
    assert garments.index() == Counter(analysed=1)
    assert GarmentAnalysis.objects.get().sha256 == catalogue.track(photo).sha256  # the old one went


def test_other_weights_look_again() -> None:
    polo()
    garments.index()
    analyst: Any = fakes.pipelines[-1].wardrobe.analyst
    analyst.digest = "cd" * 32
    assert garments.index() == Counter(analysed=1)
    assert GarmentAnalysis.objects.get().weights == "cd" * 32


def test_no_shopper_waits_for_what_is_known(drain: Any) -> None:
    photo, shopper = polo(), Shopper.objects.create()
    tryon.consent(shopper)
    garments.index()
    pipelines.clear()  # another worker
    first = tryon.submit(shopper, give(shopper), photo)
    drain()
    assert tryon.state(tryon.tryons_of(shopper).get(pk=first.pk)).result is not None
    assert seen() == []
    assert isinstance(fakes.pipelines[-1].wardrobe.cache, GarmentRows)


def test_the_first_shopper_looks_for_all(drain: Any) -> None:
    photo, shopper = polo(), Shopper.objects.create()
    tryon.consent(shopper)
    for seed in range(2):
        tryon.submit(shopper, give(shopper), photo, category="upper", seed=seed)
        drain()
        pipelines.clear()
    assert [len(one.seen) for one in fakes.pipelines[-2:]] == [1, 0]
    row = GarmentAnalysis.objects.get()
    assert (row.image, row.category) == (catalogue.current(photo), "upper")


def test_what_is_on_uploads_is_not_kept(staff: User, upload: Any, drain: Any) -> None:
    inputs = {"person": upload(staff, width=300, height=400), "garment": upload(staff)}
    job = submission.submit(recipe="tryon", inputs=inputs, owner=staff).job
    drain()
    assert Job.objects.get(pk=job.pk).status == "succeeded"
    assert not GarmentAnalysis.objects.exists()


def test_a_database_that_is_away_costs_a_second_look_and_no_job() -> None:
    def away(*args: Any) -> None:
        raise OperationalError("away")

    image = catalogue.track(polo())
    with connection.execute_wrapper(away), looking_at({"garment": image}, "auto"):
        assert GarmentRows().get("a" * 64) is None
        GarmentRows().put("a" * 64, {"kind": "upper"})
    assert not GarmentAnalysis.objects.exists()


def test_known_refusals_are_told_at_once() -> None:
    photo, shopper = polo((0, 0, 0)), Shopper.objects.create()
    tryon.consent(shopper)
    garments.index()
    with pytest.raises(CategoryUnsupported):
        tryon.submit(shopper, give(shopper), photo)


def test_the_command() -> None:
    polo(), polo((0, 0, 0), 91)
    said = io.StringIO()
    call_command("genai_garments", stdout=said, stderr=io.StringIO())
    assert said.getvalue() == "Done: 1 analysed, 1 none.\n"
    recipes.unregister("tryon")
    with pytest.raises(CommandError, match="tryon"):
        call_command("genai_garments")
