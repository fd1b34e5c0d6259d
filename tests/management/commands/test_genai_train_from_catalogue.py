"""`manage.py genai_train … --from-catalogue`: from the shop's shelves to a trained network."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from example_project.shop import stock
from example_project.shop.models import Photo
from example_project.shop.words import Category
from shop_genai.training import enhance
from shop_genai.training.enhance import Plan
from tests.conftest import draw_photo
from tests.fakes.shop import make_photo

pytestmark = pytest.mark.django_db

TINY = ["--side", "32", "--latent", "8", "--channels", "8", "--batch", "2", "--processes", "0", "--watch", "none"]


def train(*arguments: Any) -> str:
    out = StringIO()
    call_command("genai_train", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_the_example_shop_trains_on_its_own_shelves(tmp_path: Path) -> None:
    phone = [photo.pk for photo in stock.load().phone_photos]
    studio = Photo.objects.exclude(pk__in=phone).values_list("pk", flat=True)
    Photo.objects.exclude(pk__in=[*phone[:3], *studio[:6]]).delete()
    said = train("dcgan", "--from-catalogue", "--out", tmp_path, "--steps", 2, "--device", "cpu", *TINY)
    with (tmp_path / "catalogue" / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert "train" in said
    assert "left out: 3 too small" in said  # the bad telephone pictures
    assert len(rows) == 6
    assert {row["split"] for row in rows} <= {"train", "test"}
    assert {row["label"] for row in rows} <= set(Category.values)
    assert (tmp_path / "checkpoint.pt").is_file()
    assert (
        train("dcgan", "--from-catalogue", "--out", tmp_path, "--steps", 3, "--resume", "--device", "cpu", *TINY) == ""
    )


def test_the_exported_folder_joins_those_that_were_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Plan] = []
    monkeypatch.setattr(enhance, "run", asked.append)
    make_photo(draw_photo(80, 80))
    options = ["--from-catalogue", "--where", "all", "--content-type", "shop.Photo", "--smallest", "64"]
    train("enhance", "--data", "photos", "--out", tmp_path / "run", *options)
    assert asked[0].data == (Path("photos"), tmp_path / "run" / "catalogue")


def test_what_goes_wrong_is_one_sentence(tmp_path: Path) -> None:
    for options, reason in [
        ([], "No picture of the catalogue"),
        (["--content-type", "shop.Product"], "not in SHOP_GENAI"),
        (["--where", "best"], "invalid choice"),
    ]:
        with pytest.raises(CommandError, match=reason):
            train("enhance", "--from-catalogue", "--out", tmp_path, *options)
