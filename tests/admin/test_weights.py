"""Weights in the back office: the list, one version's evidence, the pictures of its report."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shop_genai import recipes, registry
from shop_genai.models import Weights
from shop_genai.recipes import Recipe
from tests.admin.conftest import listing, page
from tests.fakes.weights import NAME, PNG, add_report, export, metrics, weighty


@pytest.fixture
def recipe(db: None, tmp_path: Path) -> Recipe:
    return weighty(export(tmp_path / "package", "1.0", metrics(30.0)))


@pytest.fixture
def weights(recipe: Recipe, tmp_path: Path) -> Weights:
    """Better than the package: 31 dB; less drift."""
    return registry.register(export(tmp_path / "new", "2.0", metrics(31.0, 0.5), data={"<b>bold</b>": "CC0"}))


def cells(text: str) -> list[list[str]]:
    """The figure table's rows as words."""
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", text, re.DOTALL)
    return [
        [" ".join(re.sub(r"<[^>]*>", " ", cell).split()) for cell in re.split(r"</t[dh]>", row)][:-1] for row in rows
    ]


# List -----------------------------------------------------------------------------------------------------


def test_the_list_says_what_is_used_and_how_good_it_is(desk: Client, recipe: Recipe, weights: Weights) -> None:
    registry.packaged(recipe)
    text = desk.get(listing("weights")).text
    assert "From the package" in text
    assert "Promoted" not in text.replace("Promoted</a>", "")
    assert "Sharpness 31.00" in " ".join(re.sub(r"<[^>]*>", "", text).split())
    registry.promote(weights)
    text = desk.get(listing("weights")).text
    assert text.count('genai-badge--published">Promoted') == 1
    assert "From the package" not in text
    assert weights.digest[:12] in text


def test_the_package_of_an_earlier_release_is_not_marked(desk: Client, recipe: Recipe, tmp_path: Path) -> None:
    registry.packaged(recipe)
    export(tmp_path / "package", "1.1", metrics(30.5))
    assert "From the package" not in desk.get(listing("weights")).text


def test_more_rows_ask_the_database_no_more(desk: Client, weights: Weights, tmp_path: Path) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            desk.get(listing("weights"))
        return len(seen)

    queries()  # content types and permissions are cached from now on
    before = queries()
    for number in range(5):
        registry.register(export(tmp_path / f"n{number}", f"9.{number}", metrics(31.0)))
    assert queries() == before


def test_an_empty_list_says_what_to_do(desk: Client) -> None:
    text = desk.get(listing("weights")).text
    assert "first job" in text
    assert "genai_models register" in text


# Page -----------------------------------------------------------------------------------------------------


def test_the_page_sets_the_figures_beside_those_in_use(desk: Client, weights: Weights) -> None:
    text = desk.get(page(weights)).text
    assert cells(text) == [
        ["Sharpness (decides)", "31.00", "30.00", "+1.000 better"],
        ["x2.drift (decides)", "0.5000", "1.00", "-0.500 better"],
        ["seconds", "0.5000", "0.5000", "+0.000"],
    ]
    assert "they use version 1.0" in text
    assert "The figures show that these are better." in text
    assert "5e5e5e5e5e5e" in text


def test_a_figure_that_got_worse_says_so(desk: Client, recipe: Recipe, tmp_path: Path) -> None:
    row = registry.register(export(tmp_path / "worse", "0.9", metrics(29.0, 1.0)))
    text = desk.get(page(row)).text
    assert cells(text)[0] == ["Sharpness (decides)", "29.00", "30.00", "-1.000 worse"]
    assert cells(text)[1][-1] == "+0.000 the same"
    assert "weights_not_better" in text


def test_another_test_set_stands_alone(desk: Client, recipe: Recipe, tmp_path: Path) -> None:
    row = registry.register(export(tmp_path / "other", "0.9", metrics(40.0, test_set="ab" * 32)))
    text = desk.get(page(row)).text
    assert cells(text)[0] == ["Sharpness (decides)", "40.00"]
    assert "weights_not_comparable" in text
    assert "not measured on this test set" in text


def test_licence_data_and_settings_are_shown_and_escaped(desk: Client, weights: Weights) -> None:
    text = desk.get(page(weights)).text
    assert "&lt;b&gt;bold&lt;/b&gt;, CC0" in text
    assert "<b>bold</b>" not in text
    assert "<dt>settings.batch</dt><dd>4</dd>" in text
    assert "&quot;licence&quot;: &quot;MIT&quot;" in text


def test_files_that_are_gone_are_said(desk: Client, weights: Weights) -> None:
    assert 'role="alert"' not in desk.get(page(weights)).text
    (Path(weights.folder) / f"{NAME}.safetensors").unlink()
    assert "cannot be read" in desk.get(page(weights)).text


def test_the_row_of_the_package_shows_what_the_package_says_now(desk: Client, recipe: Recipe) -> None:
    row = registry.packaged(recipe)
    assert row is not None
    Weights.objects.update(manifest={}, version="unknown")
    assert cells(desk.get(page(row)).text) == [
        ["Sharpness (decides)", "30.00"],
        ["x2.drift (decides)", "1.00"],
        ["seconds", "0.5000"],
    ]
    assert Weights.objects.get().version == "unknown"  # looking changes nothing


def test_the_enhancer_of_the_package_has_a_page(desk: Client) -> None:
    row = registry.packaged(recipes.get("enhance"))
    assert row is not None
    text = desk.get(page(row)).text
    assert "x2, sharpness 0: PSNR, dB" in text
    assert "inside the package" in text


@pytest.mark.parametrize(
    "manifest",
    [{}, {"metrics": [1, 2]}, {"metrics": {"values": {}}, "data": ["a", 1], "training": "long"}, {"data": "ours"}],
)
def test_an_odd_manifest_does_not_break_the_page(desk: Client, weights: Weights, manifest: dict[str, Any]) -> None:
    Weights.objects.update(manifest=manifest)
    assert desk.get(page(weights)).status_code == 200
    assert desk.get(listing("weights")).status_code == 200


def test_weights_of_a_recipe_that_is_gone(desk: Client, weights: Weights) -> None:
    recipes.unregister(NAME)
    assert "not installed any more" in desk.get(page(weights)).text
    assert desk.get(listing("weights")).status_code == 200


def test_weights_are_not_changed_by_a_form(desk: Client, weights: Weights) -> None:
    assert desk.get(reverse("admin:shop_genai_weights_add")).status_code == 403
    assert desk.post(page(weights), {"promoted": "1"}).status_code == 403


# Report ---------------------------------------------------------------------------------------------------


def report(row: Weights, name: str) -> str:
    return reverse("admin:shop_genai_weights_report", args=[row.pk, name])


def test_curves_and_samples_are_shown_and_sent(desk: Client, weights: Weights) -> None:
    assert "No curves and samples" in desk.get(page(weights)).text
    add_report(Path(weights.folder))
    text = desk.get(page(weights)).text
    assert 'alt="Curves of the training"' in text
    assert 'alt="Samples: 0000001"' in text
    answer = desk.get(report(weights, "curves.png"))
    assert (answer.status_code, answer.content) == (200, PNG + b"curves.png")
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private")


@pytest.mark.parametrize("name", ["log.csv", "weighty.json", "..%2Fweighty.json", "samples_9.png"])
def test_nothing_else_of_the_folder_is_sent(desk: Client, weights: Weights, name: str) -> None:
    add_report(Path(weights.folder))
    # 301: the admin tries an address that nobody knows once more, with a slash
    assert desk.get(report(weights, "x").removesuffix("x") + name).status_code in (301, 404)


def test_the_report_needs_the_permission_to_look(someone: Callable[..., Client], weights: Weights) -> None:
    add_report(Path(weights.folder))
    assert someone("view_job").get(report(weights, "curves.png")).status_code == 403
    assert someone("view_weights").get(report(weights, "curves.png")).status_code == 200
    assert Client().get(report(weights, "curves.png")).status_code == 302
    missing = reverse("admin:shop_genai_weights_report", args=[0, "curves.png"])
    assert someone("view_weights").get(missing).status_code == 404
