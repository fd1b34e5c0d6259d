"""A whole training of the segmentation, in a few steps."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from shop_genai.generation import load, weights
from shop_genai.generation.segment.sampler import SegmentSampler
from shop_genai.generation.segment.task import SegmentTaskConfig
from shop_genai.training import checkpoint, export
from shop_genai.training.packs import read_pack
from shop_genai.training.segment import LabelledPictures, Plan, run, shares
from tests.generation.segment.tiny import TINY
from tests.training.people import write_pack

SMALL = SegmentTaskConfig(TINY, SegmentSampler(shapes=((32, 32),)))


def plan(data: Path, out: Path, **more: object) -> Plan:
    whole = Plan([data], out, minutes=None, steps=2, batch=4, device="cpu", processes=0, config=SMALL)
    return replace(whole, **more)  # type: ignore[arg-type]  # any field


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("pack"), "both")


@pytest.mark.usefixtures("no_curves")
def test_what_was_trained_is_measured_and_can_be_exported_and_opened(pack: Path, tmp_path: Path) -> None:
    trained = run(plan(pack, tmp_path / "run"))
    (figures,) = json.loads((tmp_path / "run" / "measured.json").read_text()).values()
    assert figures.keys() == {"product", "garment", "person", "pictures"}
    assert figures["pictures"] == 5
    export.main([str(tmp_path / "run"), str(tmp_path / "weights"), "--kind", "segment", "--version", "1"])
    manifest = weights.manifest("segment", tmp_path / "weights")
    assert manifest.content["network"]["side"] == 32
    pipeline = load("segment", tmp_path / "weights", "cpu", "float32")
    torch.testing.assert_close(
        pipeline.network.state_dict()["last.weight"],
        trained.generator.state_dict()["last.weight"],
        atol=1e-3,
        rtol=1e-3,
    )


@pytest.mark.usefixtures("no_curves")
def test_another_runs_weights_can_be_begun_with(pack: Path, tmp_path: Path) -> None:
    run(plan(pack, tmp_path / "first"))
    again = run(plan(pack, tmp_path / "second", start=tmp_path / "first", rate=1e-12))
    first = checkpoint.read(tmp_path / "first" / "checkpoint.pt", "steady")
    torch.testing.assert_close(again.generator.state_dict()["last.weight"], first["last.weight"])


def test_a_small_pack_comes_several_times(pack: Path) -> None:
    entries = read_pack(pack, "train")
    mixed = shares([entries * 40, entries[:2]])
    assert 2 * 8 <= sum(entry in entries[:2] for entry in mixed) - 80 <= 2 * 16
    assert all(entry.path.stem != "meadow" for entry in mixed)


def test_pictures_of_which_nothing_is_known_are_left_out(pack: Path) -> None:
    entries = read_pack(pack, "train")
    assert len(LabelledPictures(entries)) == len(entries) - 1
    with pytest.raises(FileNotFoundError):
        LabelledPictures([entry for entry in entries if entry.path.stem == "meadow"])


def test_without_packs_there_is_nothing_to_learn(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="--data"):
        run(replace(plan(tmp_path, tmp_path / "run"), data=[]))
