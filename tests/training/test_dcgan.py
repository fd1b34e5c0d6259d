"""Training the DCGAN from the command line, and exporting what came out."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path

import pytest
import torch

from shop_genai.errors import InvalidParams, WeightsMissing
from shop_genai.generation import load, weights
from shop_genai.generation.dcgan.network import DiscriminatorConfig, GeneratorConfig
from shop_genai.generation.dcgan.task import DcganConfig, DcganTask
from shop_genai.training import checkpoint, dcgan, export
from shop_genai.training.kinds import Trained
from shop_genai.training.loop import Settings, train
from shop_genai.training.packs import read_pack
from shop_genai.training.squares import Squares

TINY = DcganConfig(GeneratorConfig(side=16, latent=8, channels=8), DiscriminatorConfig(side=16, channels=8), interval=2)


def plan(pictures: Path, out: Path, **changes: object) -> dcgan.Plan:
    values = {"minutes": None, "steps": 4, "batch": 2, "device": "cpu", "processes": 0, "config": TINY}
    return dcgan.Plan([pictures], out, **{**values, **changes})  # type: ignore[arg-type]  # a test's shorthand


@pytest.fixture(scope="module")
def finished(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dcgan")
    dcgan.run(plan(pictures, out))
    return out


def test_a_run_ends_with_its_task_and_can_read_its_pictures(pictures: Path, tmp_path: Path) -> None:
    trained = dcgan.run(plan(pictures, tmp_path / "run", steps=1))
    assert isinstance(trained, Trained)
    assert isinstance(trained.task, DcganTask)
    read = trained.read("train")
    assert isinstance(read, Squares)
    assert read[0].size == (16, 16)
    assert not (tmp_path / "run" / "measured.json").exists()  # a folder without splits holds nothing back


def test_a_killed_run_goes_on_to_the_same_weights(pictures: Path, tmp_path: Path) -> None:
    """Noise, R1's rhythm and the fading of instance noise all continue where they were."""
    squares = Squares(read_pack(pictures, "train"), 16)
    settings = Settings(steps=6, batch=2, processes=0, save_seconds=0.0)

    def trained(out: Path, dies_after: int | None = None, resume: bool = False) -> dict[str, torch.Tensor]:
        calls = 0

        def clock() -> float:
            nonlocal calls
            calls += 1
            if dies_after is not None and calls > dies_after:
                raise KeyboardInterrupt
            return float(calls)

        torch.manual_seed(0)
        task = DcganTask(TINY, torch.device("cpu"))
        return train(task, squares, out, settings, resume=resume, clock=clock).state_dict()

    whole = trained(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "killed", dies_after=4)
    assert 0 < checkpoint.read(tmp_path / "killed" / "checkpoint.pt", "state")["step"] < 6
    torch.manual_seed(99)
    for name, value in trained(tmp_path / "killed", resume=True).items():
        assert torch.equal(value, whole[name]), name


def test_the_options_reach_the_plan(pictures: Path, tmp_path: Path) -> None:
    parser = ArgumentParser()
    dcgan.KIND.add_all_arguments(parser)
    words = ["--data", str(pictures), "--out", str(tmp_path), "--steps", "1", "--batch", "2", "--side", "16"]
    words += ["--channels", "8", "--latent", "6", "--balance", "spectral", "--processes", "0", "--watch", "none"]
    trained = dcgan.KIND.run(parser.parse_args([*words, "--device", "cpu"]))
    task = trained.task
    assert isinstance(task, DcganTask)
    assert task.config.discriminator.spectral
    assert task.config.gamma == 0
    assert task.config.generator == GeneratorConfig(16, 6, 8)
    asked = json.loads((tmp_path / "settings.json").read_text())
    assert (asked["settings"]["rate_G"], asked["settings"]["rate_D"]) == (4e-4, 8e-4)


def test_what_is_exported_draws_what_the_run_drew(finished: Path, tmp_path: Path) -> None:
    arguments = [str(finished), str(tmp_path), "--kind", "dcgan", "--version", "1", "--data", "drawn=CC0", "--report"]
    export.main(arguments)
    manifest = weights.manifest("dcgan", tmp_path)
    assert manifest.content["training"]["generator"]["steps"] == 4
    assert {path.name for path in (tmp_path / "report").iterdir()} >= {"log.csv", "samples_0000004.png"}
    pipeline = load("dcgan", tmp_path, "cpu", "float32")
    task = DcganTask(TINY, torch.device("cpu"))
    task.generator.load_state_dict(checkpoint.read(finished / "checkpoint.pt", "steady"))
    for ours, theirs in zip(pipeline.sample(3, 5), task.samples(task.generator, 3, 5), strict=True):
        assert max(abs(a - b) for a, b in zip(ours.tobytes(), theirs.tobytes(), strict=True)) <= 1  # fp16 weights
    assert pipeline.sample(1, 5)[0].size == (16, 16)
    assert pipeline.digest == manifest.digest


@pytest.mark.parametrize("count", [0, 10_001])
def test_a_count_out_of_range_is_refused(count: int, finished: Path, tmp_path: Path) -> None:
    export.main([str(finished), str(tmp_path), "--kind", "dcgan", "--version", "1"])
    with pytest.raises(InvalidParams):
        load("dcgan", tmp_path, "cpu").sample(count)


def test_without_weights_there_is_a_coded_refusal(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing) as refusal:
        load("dcgan", tmp_path)
    assert refusal.value.code == "weights_missing"
