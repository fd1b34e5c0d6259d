"""What a run was asked to do, on disk."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shop_genai.training.loop import Settings
from shop_genai.training.record import record


@dataclass(frozen=True)
class Shape:
    widths: tuple[int, ...] = (4, 8)


@dataclass(frozen=True)
class Config:
    network: Shape = field(default_factory=Shape)
    weight: float = 1.0


def test_everything_that_was_asked_is_written(tmp_path: Path) -> None:
    record(tmp_path / "run", Config(), Settings(steps=7, batch=3), "cpu")
    content = json.loads((tmp_path / "run" / "settings.json").read_text())
    assert content["device"] == "cpu"
    assert content["config"] == {"network": {"widths": [4, 8]}, "weight": 1.0}
    assert (content["settings"]["steps"], content["settings"]["batch"]) == (7, 3)


def test_a_run_that_goes_on_keeps_its_networks_but_not_its_weights_of_losses(tmp_path: Path) -> None:
    record(tmp_path, Config(), Settings(steps=7), "cpu")
    (tmp_path / "checkpoint.pt").touch()
    record(tmp_path, Config(weight=2.0), Settings(steps=9), "cpu")
    with pytest.raises(ValueError, match=r"began with another network: \{'widths': \[4, 8\]\}"):
        record(tmp_path, Config(Shape((4, 9))), Settings(steps=9), "cpu")
    kept = json.loads((tmp_path / "settings.json").read_text())
    assert (kept["config"]["weight"], kept["config"]["network"]["widths"]) == (2.0, [4, 8])


def test_what_never_reached_a_checkpoint_may_begin_anew(tmp_path: Path) -> None:
    record(tmp_path, Config(), Settings(steps=7), "cpu")
    record(tmp_path, Config(Shape((5,))), Settings(steps=7), "cpu")
    assert json.loads((tmp_path / "settings.json").read_text())["config"]["network"]["widths"] == [5]
