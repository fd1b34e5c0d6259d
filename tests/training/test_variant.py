"""Training the variant VAE from the command line, and exporting what came out."""

from __future__ import annotations

import csv
import json
from argparse import ArgumentParser
from pathlib import Path

import numpy as np
import pytest

from shop_genai.generation import load, weights
from shop_genai.generation.variant import colours
from shop_genai.training import export, variant
from shop_genai.training.packs import read_pack
from tests.generation.variant.shots import shots


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six shots in three colours, two of them held out; one photo without a mask."""
    folder = tmp_path_factory.mktemp("pack")
    rows: list[list[str]] = []
    for number, shot in enumerate(shots(6, side=40)):
        shot.mask.save(folder / f"{number}.mask.png")
        for way, picture in enumerate(shot.colourways):
            name = f"{number}_{way}.png"
            picture.save(folder / name)
            rows.append([name, "test" if number < 2 else "train", "drawn", f"s{number}", "main", f"{number}.mask.png"])
    rows.append([rows[-1][0], "train", "drawn", "bare", "main", ""])
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["file", "split", "source", "style", "view", "garment_mask"], *rows])
    return folder


@pytest.fixture(scope="module")
def finished(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("variant")
    parser = ArgumentParser()
    variant.KIND.add_all_arguments(parser)
    words = ["--data", str(pack), "--out", str(out), "--steps", "4", "--batch", "4", "--latent", "5", "--beta", "0.01"]
    variant.KIND.run(parser.parse_args([*words, "--processes", "0", "--device", "cpu"]))
    return out


def test_pictures_of_one_style_and_view_are_one_shot(pack: Path) -> None:
    read = variant.Shots(read_pack(pack, "train"), 32, repeated=3)
    assert len(read) == 4 * 3
    assert len(read.distinct()) == 4
    shot = read.example(0)
    assert len(shot.colourways) == 3
    assert shot.picture.size == shot.mask.size == (32, 32)
    assert read.example(1) is shot
    with pytest.raises(FileNotFoundError):
        variant.Shots([entry for entry in read_pack(pack, "train") if not entry.facts["garment_mask"]], 32)


def test_the_options_reach_the_network_and_the_loss(finished: Path) -> None:
    asked = json.loads((finished / "settings.json").read_text())["config"]
    assert asked["network"]["appearance"] == 5
    assert asked["beta"] == 0.01


def test_the_test_split_is_measured_on_all_pairs(finished: Path) -> None:
    figures = json.loads((finished / "measured.json").read_text())["test"]
    assert figures["pairs"] == 2 * 3 * 2
    assert 5 < figures["psnr"] < 60


def test_an_exported_run_knows_its_looks_and_opens(finished: Path, tmp_path: Path) -> None:
    export.main([str(finished), str(tmp_path), "--kind", "variant", "--version", "1", "--data", "drawn=CC0"])
    manifest = weights.manifest("variant", tmp_path)
    assert manifest.roles == ("variant",)
    prior = manifest.content["prior"]
    assert np.array(prior["covariance"]).shape == (5, 5)
    assert all(len(look) == 5 for look in manifest.content["colours"].values())
    assert manifest.content["colours"].keys() <= set(colours.NAMES)
    (shot,) = shots(1, side=40, seed=5)
    pipeline = load("variant", tmp_path, "cpu")
    (output,) = pipeline([{"image": shot.picture, "mask": shot.mask}], {"target": "prior"}, [3])
    outside = np.asarray(shot.mask) == 0
    assert np.array_equal(np.asarray(output.image)[outside], np.asarray(shot.picture)[outside])
    (look, nothing) = pipeline.looks([shot.picture, shot.picture], [shot.mask, shot.mask])
    assert look is not None
    assert nothing is not None
    assert look.vector == nothing.vector


def test_colours_that_few_pictures_have_get_no_look(pack: Path, finished: Path) -> None:
    named = json.loads((finished / "looks.json").read_text())["colours"]
    assert len(named) < 12  # twelve pictures, of which each name needs three
