"""A whole training of the pose network, in a few steps."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from shop_genai.generation import load
from shop_genai.generation.pose.keypoints import NAMES
from shop_genai.generation.pose.sampler import PoseSampler
from shop_genai.generation.pose.task import PoseTaskConfig
from shop_genai.training import checkpoint, export
from shop_genai.training.packs import read_pack
from shop_genai.training.pose import Plan, PosedPictures, run
from shop_genai.training.teacher import COLUMNS
from shop_genai.training.tryon import read_poses
from tests.generation.pictures import drawn
from tests.generation.pose.tiny import TINY, figure, joints

CONFIG = PoseTaskConfig(TINY, PoseSampler(TINY.width, TINY.height))
SIZE = (120, 160)
WRONG = {"fallen", "legs", "turned"}  # names of pictures whose joints cannot be right


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A pack of people, one of scenes, and the table of joints."""
    people, scenes = tmp_path_factory.mktemp("people"), tmp_path_factory.mktemp("scenes")
    table, rows, poses = people / "poses.csv", [], []
    Image.new("L", SIZE, 255).save(people / "mask.png")
    for split in ("train", "test"):
        for name in ("front", "back", *sorted(WRONG)):
            file = f"{split}_{name}.png"
            figure(SIZE, 60, 4, 150).save(people / file)
            view = "back" if name == "back" else "main"
            region = "lower" if name == "legs" else "upper"
            rows.append({"file": file, "split": split, "region": region, "view": view, "person_mask": "mask.png"})
            places = [list(place) for place in joints(60, 4, 150)]
            if name in ("back", "turned"):
                places = [[120 - x, y] for x, y in places]
            if name == "fallen":
                places[0][1] = 150.0
            poses.append([file, view, split, *(value for place in places for value in (*place, 1.0))])
        drawn(90, 70, 3).save(scenes / f"{split}.png")
    for folder, content in ((people, rows), (scenes, [{"file": f"{s}.png", "split": s} for s in ("train", "test")])):
        with (folder / "manifest.csv").open("w", newline="") as file_:
            writer = csv.DictWriter(file_, list(content[0]))
            writer.writeheader()
            writer.writerows(content)
    with table.open("w", newline="") as file_:
        csv.writer(file_).writerows([COLUMNS, *poses])
    return people, scenes, table


def test_joints_that_cannot_be_right_are_not_learned(packs: tuple[Path, Path, Path]) -> None:
    people, scenes, table = packs
    pictures = PosedPictures([read_pack(people, "train"), read_pack(scenes, "train")], read_poses(table))
    examples = {
        pictures.entries[n].name.split("_")[-1].split(".")[0]: pictures.example(n) for n in range(len(pictures))
    }
    assert {name for name, example in examples.items() if example.pose is None} == WRONG | {"train"}
    assert {name: example.people for name, example in examples.items()} == dict.fromkeys(
        ("front", "back", *WRONG), 1
    ) | {"train": 0}
    assert examples["back"].pose is not None
    assert examples["back"].pose.facing == "back"
    assert len(examples["back"].pose.points) == len(NAMES)


@pytest.mark.usefixtures("no_curves")
def test_what_was_trained_is_measured_and_can_be_exported_opened_and_gone_on_with(
    packs: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    people, scenes, table = packs
    out = tmp_path / "run"
    plan = Plan(
        [people, scenes], out, minutes=None, steps=2, batch=4, device="cpu", processes=0, poses=[table], config=CONFIG
    )
    trained = run(plan)
    figures = json.loads((out / "measured.json").read_text())["test"]
    assert {"facing", "people"} <= figures.keys()
    export.main([str(out), str(tmp_path / "weights"), "--kind", "pose", "--version", "1"])
    pipeline = load("pose", tmp_path / "weights", device="cpu", dtype="float32")
    torch.testing.assert_close(
        pipeline.network.state_dict()["maps.weight"],
        trained.generator.state_dict()["maps.weight"],
        atol=1e-3,
        rtol=1e-3,
    )
    again = run(replace(plan, out=tmp_path / "again", start=out, steps=1, rate=1e-9))
    before = checkpoint.read(out / "checkpoint.pt", "steady")["maps.weight"]
    torch.testing.assert_close(again.generator.state_dict()["maps.weight"], before, atol=1e-5, rtol=1e-4)
