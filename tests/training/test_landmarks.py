"""A whole training of the landmark networks, in a few steps."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from shop_genai.generation import weights
from shop_genai.generation.tryon.analyst import GarmentAnalyst
from shop_genai.generation.tryon.landmark_network import OTHER, LandmarkConfig
from shop_genai.generation.tryon.landmark_task import LandmarkSampler, LandmarkTaskConfig
from shop_genai.generation.tryon.landmarks import NECK
from shop_genai.training import checkpoint, export, landmarks
from shop_genai.training.landmarks import Plan, ShownPictures, neck_config, run, things, told
from shop_genai.training.packs import Entry, read_pack
from tests.generation.pictures import drawn
from tests.generation.segment.tiny import painter

TINY = LandmarkConfig(side=32, widths=(8, 8))
WHOLE = LandmarkTaskConfig(TINY, LandmarkSampler(TINY))
LABELS = ("T-Shirt", "Longsleeve", "Pants", "Skirt", "Shoes", "Riddle")


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pictures of each label and split, with masks; of those labelled “Shoes” the pack says no mask."""
    folder = tmp_path_factory.mktemp("pack")
    rows = []
    for split in ("train", "test"):
        for number, label in enumerate(LABELS * 2):
            name = f"{split}{number}"
            picture = drawn(60, 50, number)
            ImageDraw.Draw(picture).rectangle((12, 10, 44, 40), fill=(190, 30, 40))
            picture.save(folder / f"{name}.png")
            mask = Image.new("L", (60, 50))
            mask.paste(255, (12, 10, 44, 40))
            mask.save(folder / f"{name}.mask.png")
            given = "" if label == "Shoes" else f"{name}.mask.png"
            rows.append({"file": f"{name}.png", "split": split, "label": label, "mask": given})
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.fixture(autouse=True)
def _seen_by_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Masks that a pack lacks come from a segmentation that sees red."""
    monkeypatch.setattr(landmarks, "_segmentation", painter)


@pytest.mark.usefixtures("no_curves")
def test_what_was_trained_is_measured_and_can_be_exported_and_opened(pack: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    plan = Plan(
        [pack], out, minutes=None, steps=2, batch=4, device="cpu", processes=0, things=(pack,),
        whole=WHOLE, neck=neck_config(replace(TINY, names=NECK)), drawn=5,
    )  # fmt: skip
    trained = run(plan)
    measured = json.loads((out / "measured.json").read_text())
    assert measured.keys() == {"drawn garments, whole", "drawn garments, neck", f"{pack.name}, test", "things, test"}
    assert measured[f"{pack.name}, test"]["pictures"] == 10  # what nobody knows is left out
    assert measured["things, test"]["pictures"] == 2
    export.main([str(out), str(tmp_path / "weights"), "--kind", "landmarks", "--version", "1"])
    manifest = weights.manifest("landmarks", tmp_path / "weights")
    assert set(manifest.roles) == {"whole", "neck"}
    opened = GarmentAnalyst.packaged(painter(), None, torch.device("cpu"), tmp_path / "weights").finder.neck
    assert opened is not None
    torch.testing.assert_close(
        opened.state_dict()["last.weight"], trained.generator.state_dict()["last.weight"], atol=1e-3, rtol=1e-3
    )


@pytest.mark.usefixtures("no_curves")
def test_another_runs_weights_can_be_begun_with(pack: Path, tmp_path: Path) -> None:
    first = Plan(
        [pack], tmp_path / "first", minutes=None, steps=1, batch=2, device="cpu", processes=0, whole=WHOLE,
        stages=(landmarks.WHOLE,), drawn=2,
    )  # fmt: skip
    run(first)
    again = run(replace(first, out=tmp_path / "second", start=tmp_path / "first", rate=1e-12))
    begun = checkpoint.read(tmp_path / "first" / "whole" / "checkpoint.pt", "steady")
    torch.testing.assert_close(again.generator.state_dict()["last.weight"], begun["last.weight"])


def test_labels_say_what_a_picture_shows() -> None:
    def says(**facts: str) -> tuple[str, str, bool | None]:
        return told(Entry(Path("a.jpg"), "general", facts))

    assert says(label="T-Shirt") == ("upper", "short", False)
    assert says(label="Polo", sleeves="long") == ("upper", "long", False)
    assert says(label="Blazer") == ("upper", "long", True)
    assert says(category="household") == (OTHER, "", None)
    assert says() == (OTHER, "", None)  # a picture of a general pack
    assert told(Entry(Path("a.jpg"), "fashion", {}))[0] == ""


def test_things_are_what_is_no_garment(pack: Path) -> None:
    assert {entry.label for entry in things([pack], "train")} == {"Shoes"}


def test_garments_are_cut_out_in_the_middle_of_a_square_with_room(pack: Path, tmp_path: Path) -> None:
    pictures = ShownPictures(read_pack(pack, "train"), tmp_path / "masks")
    assert len(pictures) == 10
    shown = pictures.example(0)
    assert (shown.kind, shown.sleeves, shown.opens) == ("upper", "short", False)
    assert shown.mask.size == shown.picture.size
    rows, columns = np.nonzero(np.asarray(shown.mask) > 127)
    side = shown.mask.width
    assert (rows.mean() / side, columns.mean() / side) == pytest.approx((0.5, 0.5), abs=0.03)
    assert 0.5 < (columns.max() - columns.min()) / side < 0.75
    assert pictures[0].mode == "RGB"


def test_masks_that_a_pack_lacks_are_made_once(pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ShownPictures(read_pack(pack, "train"), tmp_path / "masks")
    assert len(list((tmp_path / "masks").iterdir())) == 2
    monkeypatch.setattr(landmarks, "_segmentation", lambda: pytest.fail("made again"))
    assert len(ShownPictures(read_pack(pack, "train"), tmp_path / "masks")) == 10


def test_a_plan_without_stages_is_refused(pack: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no stage"):
        run(Plan([pack], tmp_path, stages=()))
