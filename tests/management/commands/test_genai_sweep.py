"""`manage.py genai_sweep`, and its other name."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command, get_commands

from shop_genai.training import sweep


@pytest.mark.parametrize("name", ["genai_sweep", "genai_sweep_hparams"])
def test_it_passes_its_arguments_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Namespace] = []
    monkeypatch.setattr(sweep, "run", asked.append)
    call_command(name, "vae", "--data", "photos", "--out", "runs", "--grid", "latent=16,64", "--grid", "beta=1,4")
    assert asked[0].kind == "vae"
    assert asked[0].data == [Path("photos")]
    assert dict(asked[0].grid) == {"latent": ["16", "64"], "beta": ["1", "4"]}
    assert get_commands()[name] == "shop_genai"


def test_what_goes_wrong_is_one_sentence(tmp_path: Path) -> None:
    arguments = ["vae", "--data", str(tmp_path / "gone"), "--out", str(tmp_path)]
    with pytest.raises(CommandError, match="there is no folder"):
        call_command("genai_sweep", *arguments, "--grid", "latent=16")
    with pytest.raises(CommandError, match="must be NAME=V1,V2"):
        call_command("genai_sweep", *arguments, "--grid", "latent")
