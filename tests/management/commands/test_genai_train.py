"""`manage.py genai_train` is the training command, with Django's manners."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from shop_genai.training import command
from shop_genai.training.enhance import Plan


def test_it_passes_its_arguments_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Plan] = []
    monkeypatch.setitem(command.KINDS, "enhance", asked.append)
    call_command("genai_train", "enhance", "--data", "photos", "--out", "run", "--minutes", "5")
    assert asked == [Plan(Path("photos"), Path("run"), minutes=5.0)]


def test_what_goes_wrong_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no folder"):
        call_command("genai_train", "enhance", "--data", str(tmp_path / "gone"), "--out", str(tmp_path))


def test_without_pytorch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("shop_genai.training")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("shop_genai.training.command")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(CommandError, match=r"shop-genai\[worker\]"):
        call_command("genai_train", "enhance", "--data", "photos", "--out", "run")
