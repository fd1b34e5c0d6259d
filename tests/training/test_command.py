"""The arguments of the training command."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from shop_genai.training import command
from shop_genai.training.enhance import Plan


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    asked: list[Plan] = []
    monkeypatch.setitem(command.KINDS, "enhance", asked.append)
    return asked


def test_the_documented_arguments_make_a_plan(plans: list[Plan]) -> None:
    command.main(["enhance", "--data", "photos", "--out", "run", "--minutes", "20", "--resume", "--device", "cuda:1"])
    assert plans == [Plan(Path("photos"), Path("run"), minutes=20.0, resume=True, device="cuda:1")]


def test_steps_replace_minutes_and_one_stage_can_be_asked_for(plans: list[Plan]) -> None:
    command.main(["enhance", "--data", "d", "--out", "o", "--steps", "7", "--stage", "gan", "--batch", "4"])
    assert plans == [Plan(Path("d"), Path("o"), minutes=None, steps=7, stages=("gan",), batch=4)]


def test_threads_are_set(plans: list[Plan]) -> None:
    before = torch.get_num_threads()
    try:
        command.main(["enhance", "--data", "d", "--out", "o", "--threads", "2"])
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("arguments", [["paint"], ["enhance"], ["enhance", "--data", "d"]])
def test_what_is_unknown_or_missing_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(arguments)
    assert "usage: python -m shop_genai.training" in capsys.readouterr().err
