"""The training command: its options, and how it refuses."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from shop_genai.generation import weights
from shop_genai.generation.enhance.network import Generator, GeneratorConfig
from shop_genai.generation.enhance.task import EnhanceConfig
from shop_genai.generation.weights import PACKAGED
from shop_genai.training import command, enhance
from shop_genai.training.enhance import Plan
from shop_genai.training.loop import Settings
from shop_genai.training.record import record


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    asked: list[Plan] = []
    monkeypatch.setattr(enhance, "run", asked.append)
    return asked


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What the command says when it refuses, with exit status 2."""
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_the_documented_arguments_make_a_plan(plans: list[Plan], tmp_path: Path) -> None:
    (tmp_path / "pixel").mkdir()
    (tmp_path / "pixel" / "checkpoint.pt").touch()
    out = ["--out", str(tmp_path), "--minutes", "20", "--resume", "--device", "cuda:1", "--precision", "float32"]
    command.main(["enhance", "--data", "photos", "--data", "more", *out])
    data = (Path("photos"), Path("more"))
    assert plans == [Plan(data, tmp_path, minutes=20.0, resume=True, device="cuda:1", precision="float32")]


def test_steps_replace_minutes_and_one_stage_can_be_asked_for(plans: list[Plan]) -> None:
    command.main(["enhance", "--data", "d", "--out", "o", "--steps", "7", "--stage", "gan", "--batch", "4"])
    assert plans == [Plan((Path("d"),), Path("o"), minutes=None, steps=7, stages=("gan",), batch=4)]


def test_the_enhancers_shape_start_and_rates_can_be_asked_for(plans: list[Plan]) -> None:
    shape = ["--channels", "48", "--depth", "16", "--start", "packaged", "--rate-G", "1e-4", "--rate-D", "2e-4"]
    command.main(["enhance", "--data", "d", "--out", "o", *shape])
    config = EnhanceConfig(generator=GeneratorConfig(48, 16))
    assert plans == [Plan((Path("d"),), Path("o"), start=PACKAGED, rate_G=1e-4, rate_D=2e-4, config=config)]


def test_without_being_asked_the_enhancer_keeps_the_shape_of_its_start_and_of_its_run(
    plans: list[Plan], tmp_path: Path
) -> None:
    small, run = GeneratorConfig(channels=8, depth=2), tmp_path / "run"
    content = {"kind": "enhance", "version": "1", "network": asdict(small)}
    weights.write(tmp_path / "start", content, {"pixel": Generator(small).state_dict()})
    arguments = ["enhance", "--data", "d", "--out", str(run), "--start", str(tmp_path / "start")]
    command.main(arguments)
    command.main([*arguments, "--depth", "4"])
    record(run / "pixel", EnhanceConfig(generator=GeneratorConfig(12, 6)), Settings(steps=1), "cpu")
    command.main([*arguments, "--stage", "gan"])
    shapes = [plan.config.generator for plan in plans]
    assert shapes == [small, GeneratorConfig(8, 4), GeneratorConfig(12, 6)]


def test_threads_are_set(plans: list[Plan]) -> None:
    before = torch.get_num_threads()
    try:
        command.main(["enhance", "--data", "d", "--out", "o", "--threads", "2"])
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("kind", command.KINDS)
def test_every_kind_describes_its_options(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main([kind, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for option in ("--data DIR", "--out DIR", "--minutes", "--steps", "--batch", "--resume", "--seed", "--device"):
        assert option in said
    assert ("--augment" in said) == command.KINDS[kind].augments
    assert ("--stop-on-collapse" in said) == command.KINDS[kind].invents


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["paint", "--data", "d", "--out", "o"], "invalid choice: 'paint'"),
        ([], "required: KIND"),
        (["enhance", "--data", "d"], "required: --out"),
        (["enhance", "--data", "d", "--out", "o", "--minutes", "0"], "--minutes: must be a number above zero"),
        (["enhance", "--data", "d", "--out", "o", "--minutes", "nan"], "--minutes: must be a number above zero"),
        (["enhance", "--data", "d", "--out", "o", "--steps", "-3"], "--steps: must be a whole number above zero"),
        (["enhance", "--data", "d", "--out", "o", "--batch", "1.5"], "--batch: must be a whole number above zero"),
        (["enhance", "--data", "d", "--out", "o", "--processes", "x"], "--processes: must be a whole number"),
        (["enhance", "--data", "/nowhere/at/all", "--out", "o"], "there is no folder /nowhere/at/all"),
        (["enhance", "--out", "o"], "name a folder with --data"),
    ],
)
def test_nonsense_is_refused_in_one_sentence(
    arguments: list[str],
    reason: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert reason in refused(arguments, capsys)
    assert not list(tmp_path.iterdir())


def test_folders_without_pictures_and_runs_that_are_not_there_are_refused(
    tmp_path: Path, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    out = ["--out", str(tmp_path / "run"), "--steps", "1", "--processes", "0"]
    assert "has no pictures" in refused(["enhance", "--data", str(tmp_path / "empty"), *out], capsys)
    assert "sides of at least 160 pixels" in refused(["enhance", "--data", str(pictures), *out], capsys)
    assert "holds no run to resume" in refused(["enhance", "--data", str(pictures), *out, "--resume"], capsys)
