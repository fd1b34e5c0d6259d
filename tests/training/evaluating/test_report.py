"""The table, the JSON, and the entry in the manifest."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from shop_genai.generation import weights
from shop_genai.registry.figures import measurements
from shop_genai.training.evaluating.report import Evaluation
from shop_genai.training.evaluating.sets import compare
from tests.training.evaluating.test_sets import seen

FOUND = Evaluation(
    kind="vae",
    weights="ab" * 32,
    data="photos",
    split="test",
    test_set="cd" * 32,
    pictures=300,
    made=200,
    extractor="shop:0123",
    label="shop features",
    settings={"seed": 0},
    metrics={"fid": 12.3456, "reconstruction_psnr": 27.5},
    warnings=("Beware of the dog.",),
)


def written(folder: Path, metrics: dict[str, Any] | None = None) -> weights.Manifest:
    content = {"kind": "vae", "version": "1", "promoted": True, "name": "日本", "metrics": metrics or {}}
    return weights.write(folder, content, {"vae": {"weight": torch.zeros(2)}})


def test_the_table_names_extractor_numbers_and_warnings() -> None:
    text = FOUND.table()
    assert "FID (shop features)" in text
    assert "12.35" in text
    assert "200 pictures, against 300 real ones of photos, split test" in text
    assert "weights abababababab" in text
    assert "WARNING  Beware of the dog." in text


def test_every_figure_has_words() -> None:
    figures = compare(seen(250), seen(250, seed=1))
    text = replace(FOUND, metrics=figures).table()
    assert all(label in text for label in ("KID (shop features)", "Inception Score (shop", "Recall", "Coverage"))


def test_figures_by_method_are_a_line_each() -> None:
    text = replace(FOUND, extractor=None, metrics={"x2 bicubic": {"psnr_y": 31.5, "ssim_y": 0.85}}).table()
    assert "x2 bicubic" in text
    assert "PSNR-Y, dB 31.5   SSIM-Y 0.85" in text
    assert "features:" not in text


def test_the_json_layout_is_stable(tmp_path: Path) -> None:
    FOUND.write(tmp_path / "new" / "found.json")
    content = json.loads((tmp_path / "new" / "found.json").read_text())
    assert list(content) == [
        "kind",
        "weights",
        "data",
        "split",
        "test_set",
        "pictures",
        "made",
        "extractor",
        "settings",
        "metrics",
        "warnings",
    ]
    assert content["metrics"] == {"fid": 12.3456, "reconstruction_psnr": 27.5}


def test_figures_go_into_the_manifest_and_the_digest_stays(tmp_path: Path) -> None:
    manifest = written(tmp_path, {"data": "photos", "split": "train", "quality": {"old": 1.0}})
    replace(FOUND, weights=manifest.digest).into(manifest)
    after = weights.manifest("vae", tmp_path)
    assert after.digest == manifest.digest
    assert after.content["name"] == "日本"
    assert after.content["files"] == manifest.content["files"]
    assert "quality" not in after.content["metrics"]  # figures of other pictures
    # The registry reads it.
    [measured] = measurements(after.content)
    assert (measured.data, measured.test_set, measured.pictures) == ("photos", "cd" * 32, 300)
    assert measured.values == {"fid": 12.3456, "reconstruction_psnr": 27.5}
    assert [path.name for path in tmp_path.glob("*.tmp")] == []


def test_what_a_benchmark_wrote_of_the_same_pictures_is_kept(tmp_path: Path) -> None:
    manifest = written(tmp_path, {"data": "photos", "split": "test", "quality": {"x2": {"psnr_y": 30.0}}})
    replace(FOUND, weights=manifest.digest).into(manifest)
    assert weights.manifest("vae", tmp_path).content["metrics"]["quality"] == {"x2": {"psnr_y": 30.0}}


@pytest.mark.parametrize("found", [None, [{"data": "photos", "split": "test", "quality": {}}]])
def test_a_manifest_without_figures_or_with_a_list_of_them_gets_the_new_ones(found: Any, tmp_path: Path) -> None:
    content = {"kind": "vae", "version": "1", "promoted": True, "metrics": found}
    manifest = weights.write(tmp_path, content, {"vae": {"weight": torch.zeros(2)}})
    replace(FOUND, weights=manifest.digest).into(manifest)
    [measured] = measurements(weights.manifest("vae", tmp_path).content)
    assert measured.values["fid"] == 12.3456


def test_figures_of_other_weights_are_refused(tmp_path: Path) -> None:
    manifest = written(tmp_path)
    with pytest.raises(ValueError, match="other weights"):
        FOUND.into(manifest)
