"""The measurement of the enhancer's memory, on small pictures."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks import _enhance_memory as memory
from shop_genai.generation import weights
from shop_genai.generation.enhance.network import Generator, GeneratorConfig

TINY = GeneratorConfig(channels=8, depth=2)
_drawn = memory.drawn


@pytest.mark.parametrize("case", list(memory.CASES))
def test_a_case_reports_its_own_process(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = {"kind": "enhance", "version": "untrained", "promoted": True, "network": asdict(TINY)}
    weights.write(tmp_path, content, {"pixel": Generator(TINY).state_dict()})
    monkeypatch.setattr(memory, "SIZE", (64, 40))
    monkeypatch.setattr(memory, "drawn", lambda mode: _drawn(mode, (64, 40)))
    assert memory.main([case, "--weights", str(tmp_path), "--device", "cpu"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["case"] == case
    assert 0.05 < row["peak_gib"] <= memory.peak_gib()
    assert row["seconds"] > 0


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_photos_have_the_mode_of_their_case(mode: str) -> None:
    photo = _drawn(mode, (64, 40))
    assert (photo.mode, photo.size) == (mode, (64, 40))
    assert mode != "RGBA" or photo.getchannel("A").getextrema() == (0, 255)


def test_the_table_has_a_row_for_each_case() -> None:
    rows = [
        {"case": "x1 RGB", "peak_gib": 0.5, "seconds": 60.2},
        {"case": "x2 RGB", "peak_gib": 1.75, "seconds": 200.0},
    ]
    assert memory.memory_lines(rows)[-2:] == ["| x1 RGB | 0.50 | 60 |", "| x2 RGB | 1.75 | 200 |"]
