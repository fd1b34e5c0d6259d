"""`manage.py genai_train` is the training command, with Django's manners."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, ManagementUtility, call_command

from shop_genai.training import command, enhance
from shop_genai.training.enhance import Plan


def test_it_passes_its_arguments_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Plan] = []
    monkeypatch.setattr(enhance, "run", asked.append)
    call_command("genai_train", "enhance", "--data", "photos", "--out", "run", "--minutes", "5")
    assert asked == [Plan((Path("photos"),), Path("run"), minutes=5.0)]


def test_it_knows_the_kinds_that_the_other_door_knows(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        ManagementUtility(["manage.py", "genai_train", "--help"]).execute()
    listed = capsys.readouterr().out
    assert all(kind in listed for kind in command.KINDS)
    with pytest.raises(SystemExit):
        ManagementUtility(["manage.py", "genai_train", "enhance", "--help"]).execute()
    assert "--stage {pixel,gan,all}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["enhance", "--data", "/nowhere/at/all", "--out", "o"], "there is no folder"),
        (["enhance", "--data", "d", "--out", "o", "--minutes", "0"], "must be a number above zero"),
        (["enhance", "--data", "d", "--out", "/nowhere/at/all", "--resume"], "holds no run to resume"),
        (["paint", "--data", "d", "--out", "o"], "invalid choice"),
    ],
)
def test_what_goes_wrong_is_one_sentence(arguments: list[str], reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        call_command("genai_train", *arguments)


def test_without_pytorch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("shop_genai.training")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("shop_genai.training.command")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(CommandError, match=r"shop-genai\[worker\]"):
        call_command("genai_train", "enhance", "--data", "photos", "--out", "run")
