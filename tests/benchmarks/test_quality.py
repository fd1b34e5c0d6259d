"""The benchmark of the quality estimate, on two small pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.__main__ import main, names
from tests.generation.enhance.test_quality import textured


def test_the_figures_are_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "photos").mkdir()
    for seed in range(2):
        Image.fromarray(np.asarray(textured(seed), np.uint8)).save(tmp_path / "photos" / f"{seed}.png")
    assert "quality" in names()
    assert main(["quality", "--data", str(tmp_path / "photos"), "--json", str(tmp_path / "quality.json")]) == 0
    report = json.loads((tmp_path / "quality.json").read_text())
    assert report["pictures"] == 2
    found = {(row["trial"], row["amount"]): row for row in report["rows"]}
    assert found["noise, sigma", 8]["median"] == pytest.approx(8, abs=1)
    assert found["noise, sigma", 8]["rank_correlation"] > 0.95
    assert found["JPEG, 100 - quality", 65]["low"] > found["JPEG, 100 - quality", 5]["high"]
    table = (tmp_path / "quality.md").read_text()
    assert "| noise, sigma | 8 |" in table
    assert table in capsys.readouterr().out
