"""`manage.py genai_evaluate` is the measuring command, with Django's manners."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.generation.goods import goods


def test_it_measures_two_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder, seed in (("real", 0), ("made", 1)):
        (tmp_path / folder).mkdir()
        for number, example in enumerate(goods(13, 40, seed)):
            example.picture.save(tmp_path / folder / f"{number}.png")
    real, made, file = (str(tmp_path / name) for name in ("real", "made", "found.json"))
    call_command("genai_evaluate", "--real", real, "--fake", made, "--json", file, "--device", "cpu")
    assert "KID (shop features)" in capsys.readouterr().out
    assert json.loads(Path(file).read_text())["pictures"] == 13


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["vae"], "--data is needed"),
        (["--real", "gone", "--fake", "gone"], "no folder"),
        (["--real", "gone", "--fake", "gone", "--extractor", "vgg"], "no extractor"),
    ],
)
def test_what_goes_wrong_is_one_sentence(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("genai_evaluate", *arguments)
