"""How weights get into the registry, and what it refuses to take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shop_genai import recipes, registry
from shop_genai.errors import (
    UnknownRecipe,
    WeightsLicenceRefused,
    WeightsMissing,
    WeightsOtherRecipe,
    WeightsTampered,
    WeightsUnsupported,
)
from shop_genai.generation import weights
from shop_genai.models import Weights
from shop_genai.recipes import Recipe
from tests.fakes.weights import NAME, TEST_SET, bare, export, metrics
from tests.registry.conftest import Registered


def rewrite(folder: Path, **changes: Any) -> None:
    path = folder / f"{NAME}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_folder_becomes_a_row_that_is_not_promoted(recipe: Recipe, tmp_path: Path) -> None:
    folder = export(tmp_path / "new", "2.0", metrics(31.0))
    row = registry.register(folder)
    row.refresh_from_db()
    assert (row.recipe, row.version, row.folder, row.promoted) == (NAME, "2.0", str(folder), False)
    assert row.digest == weights.digest(NAME, folder)
    assert row.manifest["licence"] == "MIT"
    assert row.manifest["metrics"]["values"]["x2"]["psnr"] == 31.0


def test_registering_again_is_the_same_row_with_what_is_known_now(recipe: Recipe, tmp_path: Path) -> None:
    first = registry.register(export(tmp_path / "new", "2.0"))
    again = registry.register(export(tmp_path / "moved", "2.0", metrics(31.0)))
    assert (again.pk, again.folder) == (first.pk, str(tmp_path / "moved"))
    assert again.manifest["metrics"]["pictures"] == 9
    assert Weights.objects.filter(folder__gt="").count() == 1


def test_a_manifest_itself_can_be_named(recipe: Recipe, tmp_path: Path) -> None:
    path = export(tmp_path / "new", "2.0") / f"{NAME}.json"
    assert registry.register(path).folder == str(path)


def test_a_copy_of_the_package_is_the_package(recipe: Recipe, tmp_path: Path) -> None:
    row = registry.register(export(tmp_path / "copy", "1.0"))
    assert (row, row.folder) == (registry.packaged(recipe), "")


def test_what_a_shop_measured_of_a_copy_is_added_to_the_package(recipe: Recipe, tmp_path: Path) -> None:
    ours = "ab" * 32
    row = registry.register(export(tmp_path / "copy", "1.0", metrics(28.0, test_set=ours)))
    assert [(entry.test_set, entry.values["x2.psnr"]) for entry in registry.measurements(row.manifest)] == [
        (TEST_SET, 30.0),
        (ours, 28.0),
    ]
    export(tmp_path / "package", "1.0", metrics(30.5))  # the package is measured anew: both are kept
    known = registry.packaged(recipe)
    assert known == row
    assert [entry.values["x2.psnr"] for entry in registry.measurements(known.manifest)] == [30.5, 28.0]  # type: ignore[union-attr]  # it is the row
    better = registry.register(export(tmp_path / "new", "2.0", metrics(29.0, test_set=ours)))
    assert registry.compare(better).refusal is None


def test_a_figure_that_is_no_number_does_not_stop_a_database(recipe: Recipe, tmp_path: Path) -> None:
    row = registry.register(export(tmp_path / "new", "2.0", metrics(float("nan"))))
    row.refresh_from_db()
    assert row.manifest["metrics"]["values"]["x2"]["psnr"] is None


# Refusals -------------------------------------------------------------------------------------------------


def test_what_is_missing(recipe: Recipe, tmp_path: Path) -> None:
    for place in (tmp_path / "gone", tmp_path / "gone.json", tmp_path):
        with pytest.raises(WeightsMissing):
            registry.register(place)
    folder = export(tmp_path / "new", "2.0")
    (folder / f"{NAME}.safetensors").unlink()
    with pytest.raises(WeightsMissing, match="cannot be read"):
        registry.register(folder)


def test_what_was_changed(recipe: Recipe, tmp_path: Path) -> None:
    folder = export(tmp_path / "new", "2.0")
    (folder / f"{NAME}.safetensors").write_bytes(b"weights 2.1")  # as long as before
    with pytest.raises(WeightsTampered):
        registry.register(folder)
    assert not Weights.objects.filter(folder__gt="").exists()


def test_weights_of_another_recipe(recipe: Recipe, invert: Recipe, tmp_path: Path) -> None:
    folder = export(tmp_path / "new", "2.0")
    with pytest.raises(WeightsOtherRecipe, match="invert"):
        registry.register(folder, recipe="invert")
    assert registry.register(folder, recipe=NAME).version == "2.0"


def test_weights_of_a_recipe_that_nobody_installed(db: None, tmp_path: Path) -> None:
    with pytest.raises(UnknownRecipe):
        registry.register(export(tmp_path / "new", "2.0", kind="painting"))


def test_a_folder_of_several_recipes_needs_a_word(recipe: Recipe, tmp_path: Path) -> None:
    folder = export(tmp_path / "new", "2.0")
    export(folder, "7.0", kind="painting")
    with pytest.raises(WeightsUnsupported, match="painting, weighty"):
        registry.register(folder)
    assert registry.register(folder, recipe=NAME).version == "2.0"


def test_a_recipe_that_loads_no_weights_takes_none(invert: Recipe, db: None, tmp_path: Path) -> None:
    with pytest.raises(WeightsUnsupported):
        registry.register(export(tmp_path / "new", "2.0", kind="invert"))


@pytest.mark.parametrize("name", ["../elsewhere.safetensors", "/etc/hostname", "a/b", "..", ""])
def test_a_manifest_names_only_files_beside_it(recipe: Recipe, tmp_path: Path, name: str) -> None:
    folder = export(tmp_path / "new", "2.0")
    rewrite(folder, files={"all": {"file": name, "sha256": "0" * 64, "size": 1}})
    with pytest.raises(WeightsUnsupported):
        registry.register(folder)


def test_a_manifest_without_files(recipe: Recipe, tmp_path: Path) -> None:
    folder = export(tmp_path / "new", "2.0")
    rewrite(folder, files={})
    with pytest.raises(WeightsUnsupported, match="names no files"):
        registry.register(folder)


@pytest.mark.parametrize(
    "claim",
    [
        {"licence": "CC BY-NC-SA 4.0"},
        {"licence": "S-Lab, non-commercial"},
        {"licence": "Research use only"},
        {"licence": "MIT", "commercial_ok": False},
        {"licence": "MIT", "data": {"faces": "CC BY-NC 4.0"}},
    ],
)
def test_a_licence_against_commerce_is_refused_unless_the_shop_allows_it(
    recipe: Recipe, tmp_path: Path, settings: Any, claim: dict[str, Any]
) -> None:
    folder = export(tmp_path / "new", "2.0", **claim)
    with pytest.raises(WeightsLicenceRefused):
        registry.register(folder)
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "ALLOW_NON_COMMERCIAL_WEIGHTS": True}
    assert registry.register(folder).version == "2.0"


@pytest.mark.parametrize("licence", ["MIT", "OSL-3.0", "CC BY-SA 4.0", "Apache-2.0", "BSD-3-Clause, INC."])
def test_licences_that_allow_commerce(recipe: Recipe, tmp_path: Path, licence: str) -> None:
    assert registry.register(export(tmp_path / "new", "2.0", licence=licence)).version == "2.0"


# What new jobs use, and finding rows ------------------------------------------------------------------------


def test_the_package_is_used_and_noted_until_something_is_promoted(recipe: Recipe) -> None:
    assert registry.in_use(recipe, note=False).pk is None  # type: ignore[union-attr]  # packaged weights are there
    assert not Weights.objects.exists()
    row = registry.in_use(recipe)
    assert row is not None
    assert (row.version, row.folder, row.promoted) == ("1.0", "", False)
    assert row.manifest["metrics"]["data"] == "shop"
    assert registry.in_use(recipe) == row


def test_new_figures_in_the_package_reach_its_row(recipe: Recipe, tmp_path: Path) -> None:
    row = registry.packaged(recipe)
    export(tmp_path / "package", "1.0", metrics(30.5))
    again = registry.packaged(recipe)
    assert again == row
    assert Weights.objects.get().manifest["metrics"]["values"]["x2"]["psnr"] == 30.5


def test_a_recipe_without_weights_uses_none(invert: Recipe, db: None) -> None:
    assert registry.in_use(invert) is None


def test_the_enhancer_declares_what_decides_and_its_package_has_those_figures(db: None) -> None:
    recipe = recipes.get("enhance")
    row = registry.packaged(recipe)
    assert row is not None
    [measured] = registry.measurements(row.manifest)
    assert {figure.name for figure in recipe.decides} <= measured.values.keys()


def test_rows_are_found_by_version_or_by_the_beginning_of_the_digest(recipe: Recipe, registered: Registered) -> None:
    row = registered("2.0")
    assert registry.find(recipe, "2.0") == row
    assert registry.find(recipe, row.digest[:6].upper()) == row
    assert registry.find(recipe, "1.0") == registry.packaged(recipe)
    for name in ("3.0", row.digest[:5], ""):
        with pytest.raises(WeightsMissing, match=r"2\.0"):
            registry.find(recipe, name)


def test_a_version_that_several_have_needs_a_digest(recipe: Recipe, tmp_path: Path) -> None:
    rows = [registry.register(export(tmp_path / name, name)) for name in ("2.0", "2.1")]
    Weights.objects.filter(pk__in=[row.pk for row in rows]).update(version="2")
    with pytest.raises(WeightsMissing, match=rows[0].digest[:12]):
        registry.find(recipe, "2")


def test_a_recipe_with_nothing_in_its_package(db: None, tmp_path: Path) -> None:
    recipe = bare()
    row = registry.register(export(tmp_path / "new", "1.0", metrics(30.0)))
    assert registry.in_use(recipe) is None
    registry.promote(row)
    assert registry.in_use(recipe) == row
