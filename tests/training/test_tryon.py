"""Training the composer from the command line: reading people, and exporting what came out."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path

import numpy as np
import pytest

from shop_genai.generation import weights
from shop_genai.generation.tryon.composer import Composer, ComposerConfig
from shop_genai.generation.tryon.composer_task import ComposerTaskConfig
from shop_genai.training import export, tryon
from shop_genai.training.packs import Entry, read_pack
from tests.training.shoppers import HEIGHT, WIDTH, write_joints, write_people


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_people(tmp_path_factory.mktemp("packs") / "people")


@pytest.fixture(scope="module")
def table(pack: Path) -> Path:
    return write_joints(pack / "joints.csv")


@pytest.fixture(scope="module")
def finished(pack: Path, table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tryon")
    network = ComposerConfig(widths=(4, 6, 8, 8), blocks=(1, 1, 1, 1))
    config = ComposerTaskConfig(network, discriminator=None, coarse=0.5)
    shared = {"data": (pack,), "out": out, "minutes": None, "steps": 2, "batch": 1, "device": "cpu", "processes": 0}
    tryon.run(tryon.Plan(**shared, poses=table, config=config))
    return out


def test_the_options_reach_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[tryon.Plan] = []
    monkeypatch.setattr(tryon, "run", plans.append)
    parser = ArgumentParser()
    tryon.KIND.add_all_arguments(parser)
    words = ["--data", "people", "--poses", "joints.csv", "--out", "run", "--rate", "0.001", "--coarse", "0.4"]
    tryon.KIND.run(parser.parse_args([*words, "--gan-start", "0.5", "--gan-weight", "0.1"]))
    tryon.KIND.run(parser.parse_args([*words, "--no-gan"]))
    first, second = plans
    assert (first.rate, first.poses, first.minutes, first.batch) == (0.001, Path("joints.csv"), 90, 4)
    assert (first.config.coarse, first.config.gan_start, first.config.gan_weight) == (0.4, 0.5, 0.1)
    assert first.config.discriminator is not None
    assert second.config.discriminator is None


def test_a_teachers_table_is_read_with_what_lies_in_the_picture(table: Path) -> None:
    name = "images/a-red.png"
    pose = tryon.read_poses(table, {name: (WIDTH, HEIGHT)})[name]
    assert pose.point("left_shoulder") == (62, 42)
    assert pose.score("left_shoulder") == pytest.approx(0.9)
    assert pose.point("left_knee") is None
    assert pose.score("left_knee") == 0
    assert tryon.read_poses(table)[name].score("left_knee") == 0.5


def test_shots_are_colourways_from_the_front_with_all_that_is_known(pack: Path, table: Path, tmp_path: Path) -> None:
    poses = tryon.read_poses(table, {"images/a-red.png": (WIDTH, HEIGHT)})
    shots = tryon.FittedShots(read_pack(pack, "train"), tmp_path, poses, {"upper": 2})
    assert len(shots) == 2 * 2 + 1
    assert len(shots.distinct()) == 3
    shot = shots.example(0)
    assert len(shot.pictures) == 2
    assert shot.kind == "upper"
    assert shot.classes.shape == (9, HEIGHT, WIDTH)
    assert shot.classes.dtype == np.uint8
    assert shot.worn is not None
    assert shot.person.size == shot.worn.size == shot.picture.size == (WIDTH, HEIGHT)
    assert shot.pose.point("left_hip") == (57, 90)
    skirt = shots.example(len(shots) - 1)
    assert skirt.kind == "skirt"
    assert skirt.worn is None
    assert len(skirt.pictures) == 1


def test_what_the_networks_said_is_kept(
    pack: Path, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = read_pack(pack, "test")
    first = tryon.FittedShots(entries, tmp_path, tryon.read_poses(table)).example(0)
    monkeypatch.setattr(tryon, "load", None)
    tryon._segmenter.cache_clear()
    again = tryon.FittedShots(entries, tmp_path).example(0)
    assert np.array_equal(first.classes, again.classes)
    assert again.pose.point("nose") == first.pose.point("nose")


def test_pictures_without_a_pose_or_masks_are_left_out(pack: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        tryon.FittedShots(read_pack(pack, "test"), tmp_path, {})
    bare = Entry(pack / "images/a-red.png", "tee", {"file": "images/a-red.png", "region": "upper"})
    with pytest.raises(FileNotFoundError):
        tryon.FittedShots([bare], tmp_path, {})
    with pytest.raises(ValueError, match="shoes"):
        tryon.kind_of(Entry(bare.path, "shoes", {"region": "shoes"}))


def test_the_test_split_is_measured_and_the_run_can_be_exported(finished: Path, tmp_path: Path) -> None:
    figures = json.loads((finished / "measured.json").read_text())["test"]
    assert set(figures) == {"psnr", "ssim", "plain psnr", "plain ssim", "iou", "pictures"}
    assert 3 < figures["psnr"] < 60
    assert any(finished.glob("samples_*.png"))

    export.main([str(finished), str(tmp_path), "--kind", "tryon", "--version", "1", "--data", "drawn=CC0"])
    manifest = weights.manifest("tryon", tmp_path)
    network = Composer(ComposerConfig(**manifest.content["network"]))
    network.load_state_dict(weights.tensors(manifest, "tryon"))
