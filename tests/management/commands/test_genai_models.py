"""`manage.py genai_models`: the registry as a table or as JSON, and registering a folder."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from shop_genai import registry
from shop_genai.models import Weights
from tests.fakes.weights import NAME, export, metrics, weighty

pytestmark = pytest.mark.django_db


def said(*arguments: Any) -> str:
    out = StringIO()
    call_command("genai_models", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _recipe(tmp_path: Path) -> None:
    weighty(export(tmp_path / "package", "1.0", metrics(30.0)))


def test_the_packaged_weights_are_listed_before_the_first_job() -> None:
    text = said()
    assert "enhance" in text
    assert [line.split()[:2] for line in text.splitlines() if line.startswith(NAME)] == [[NAME, "1.0"]]


def test_a_folder_is_registered_and_the_next_step_named(tmp_path: Path) -> None:
    text = said("register", export(tmp_path / "new", "2.0", metrics(31.0)))
    row = Weights.objects.get(version="2.0")
    assert f"genai_promote {NAME} {row.digest[:12]}" in text
    listed = said("--recipe", NAME)
    assert "enhance" not in listed
    [new, old] = listed.splitlines()[1:]
    assert new.split()[:3] == [NAME, "2.0", row.digest[:12]]
    assert new.endswith("shop test: x2.psnr 31, x2.drift 1")
    assert " * " in old
    assert " * " not in new


def test_everything_as_json(tmp_path: Path) -> None:
    registry.promote(registry.register(export(tmp_path / "new", "2.0", metrics(31.0))))
    (tmp_path / "new" / f"{NAME}.safetensors").unlink()
    new, old = json.loads(said("--recipe", NAME, "--json"))
    assert (new["version"], new["in_use"], new["files"], new["jobs"]) == ("2.0", True, "weights_missing", 0)
    assert (new["licence"], new["data"]) == ("MIT", {"our photos": "own work"})
    assert new["figures"][0]["values"] == {"x2.psnr": 31.0, "x2.drift": 1.0}
    assert (old["version"], old["in_use"], old["files"], old["folder"]) == ("1.0", False, "ok", "")


def test_rows_of_a_recipe_that_is_gone_are_listed_all_the_same() -> None:
    Weights.objects.create(recipe="gone", digest="ab" * 32, version="9", folder="/models/9")
    [entry] = [entry for entry in json.loads(said("--json")) if entry["recipe"] == "gone"]
    assert (entry["files"], entry["in_use"]) == ("unknown_recipe", False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["register"], "register FOLDER"),
        (["list", "somewhere"], "register FOLDER"),
        (["register", "/nowhere/at/all"], "weights_missing"),
        (["--recipe", "paint"], "unknown_recipe"),
    ],
)
def test_what_goes_wrong_is_one_sentence(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        said(*arguments)
