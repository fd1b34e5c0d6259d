"""Files beside a row: whole or not, and the report's pictures, by name only."""

from __future__ import annotations

from pathlib import Path

import pytest

from shop_genai import registry
from shop_genai.errors import UnknownRecipe, WeightsMissing, WeightsOtherRecipe, WeightsTampered
from shop_genai.recipes import Recipe
from tests.fakes.weights import NAME, PNG, add_report, export
from tests.registry.conftest import Registered


def test_whole_files_pass_and_others_do_not(recipe: Recipe, registered: Registered, tmp_path: Path) -> None:
    row = registered("2.0")
    registry.check_files(row)
    package = registry.packaged(recipe)
    assert package is not None
    registry.check_files(package)
    (tmp_path / "2.0" / f"{NAME}.safetensors").write_bytes(b"weights 2.1")
    with pytest.raises(WeightsTampered):
        registry.check_files(row)
    export(tmp_path / "package", "1.1")
    with pytest.raises(WeightsMissing, match="there are others"):
        registry.check_files(package)


def test_the_report_lists_curves_then_samples(recipe: Recipe, registered: Registered, tmp_path: Path) -> None:
    row = registered("2.0")
    assert registry.report_pictures(row) == []
    add_report(tmp_path / "2.0")
    names = registry.report_pictures(row)
    assert names == ["curves.png", "samples_0000001.png", "samples_0000002.png"]
    assert registry.report_picture(row, "curves.png") == PNG + b"curves.png"
    (tmp_path / "2.0" / "report" / "curves_gan.png").write_bytes(PNG)  # of one stage of several
    assert registry.report_pictures(row)[:2] == ["curves.png", "curves_gan.png"]


def test_a_row_of_a_manifest_has_the_report_beside_it(recipe: Recipe, tmp_path: Path) -> None:
    folder = export(tmp_path / "new", "2.0")
    add_report(folder)
    assert len(registry.report_pictures(registry.register(folder / f"{NAME}.json"))) == 3


@pytest.mark.parametrize("name", ["log.csv", "../weighty.json", "curves_.png", "curves.png/..", "CURVES.PNG", ""])
def test_nothing_else_is_handed_out(recipe: Recipe, registered: Registered, tmp_path: Path, name: str) -> None:
    row = registered("2.0")
    add_report(tmp_path / "2.0")
    with pytest.raises(WeightsMissing):
        registry.report_picture(row, name)


def test_links_out_of_the_folder_and_files_that_are_no_pictures(
    recipe: Recipe, registered: Registered, tmp_path: Path
) -> None:
    row = registered("2.0")
    add_report(tmp_path / "2.0")
    secret = tmp_path / "secret.png"
    secret.write_bytes(PNG)
    (tmp_path / "2.0" / "report" / "samples_link.png").symlink_to(secret)
    (tmp_path / "2.0" / "report" / "samples_page.png").write_text("<script>alert(1)</script>")
    assert "samples_link.png" not in registry.report_pictures(row)
    for name in ("samples_link.png", "samples_page.png"):
        with pytest.raises(WeightsMissing):
            registry.report_picture(row, name)


def test_the_package_has_no_report(recipe: Recipe, tmp_path: Path) -> None:
    add_report(tmp_path / "package")
    row = registry.packaged(recipe)
    assert row is not None
    assert registry.report_pictures(row) == []
    with pytest.raises(WeightsMissing):
        registry.report_picture(row, "curves.png")


def test_weights_are_registered_for_the_recipe_that_loads_their_kind(db: None, tmp_path: Path) -> None:
    """A cut-out has no weights of its own: it is promoted with those of the segmenter."""
    row = registry.register(export(tmp_path / "new", "2.0", kind="segment"))
    assert row.recipe == "cutout"
    assert registry.register(tmp_path / "new", "cutout") == row
    with pytest.raises(WeightsOtherRecipe):
        registry.register(tmp_path / "new", "enhance")
    with pytest.raises(UnknownRecipe):
        registry.register(export(tmp_path / "other", "2.0", kind="poems"))
