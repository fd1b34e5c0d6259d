"""What a training run tells."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import torch
from PIL import Image

from shop_genai.training.report import Report, grid


def test_lines_hold_the_means_since_the_last_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(tmp_path, "enhance 5 steps")
    for value in (1.0, 3.0):
        report.collect({"charbonnier": torch.tensor(value)})
    report.line(2, 60.0, 0.25, 0.5, {"rate_G": 1e-3})
    report.collect({"charbonnier": torch.tensor(7.0)})
    report.line(3, 90.0, 1.0, 0.5, {"rate_G": 1e-4})
    with (tmp_path / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["charbonnier"] for row in rows] == ["2.0", "7.0"]
    assert [row["step"] for row in rows] == ["2", "3"]
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("enhance 5 steps")
    assert "25.0 %" in first
    assert "left 3.0 min" in first
    assert "charbonnier 2.0000" in first
    assert "left 0.0 min" in second


def test_a_grid_has_a_cell_for_every_picture() -> None:
    red, small = Image.new("RGB", (10, 8), "red"), Image.new("L", (4, 4), 0)
    sheet = grid([[red, small], [small]], gap=2)
    assert sheet.size == (22, 18)
    assert sheet.getpixel((0, 0)) == (255, 0, 0)
    assert sheet.getpixel((12, 0)) == (0, 0, 0)
    assert sheet.getpixel((0, 10)) == (0, 0, 0)
    assert sheet.getpixel((20, 16)) == (255, 255, 255)


def test_a_loss_that_is_not_told_in_every_step_is_averaged_over_those_that_tell_it(tmp_path: Path) -> None:
    report = Report(tmp_path, "dcgan 5 steps")
    report.collect({"d": torch.tensor(1.0)})
    report.line(1, 1.0, 0.2, 1.0, {"rate_G": 1e-3})
    report.collect({"d": torch.tensor(1.0), "r1": torch.tensor(4.0)})
    report.collect({"d": torch.tensor(2.0)})
    report.line(3, 2.0, 0.6, 1.0, {"rate_G": 1e-3})
    report.collect({"d": torch.tensor(3.0)})
    report.line(4, 3.0, 0.8, 1.0, {"rate_G": 1e-3})
    with (tmp_path / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["step"], row["d"], row["r1"]) for row in rows] == [
        ("1", "1.0", ""),
        ("3", "1.5", "4.0"),
        ("4", "3.0", ""),
    ]
    assert not (tmp_path / "log.tmp").exists()


def test_a_run_that_goes_on_takes_back_later_rows(tmp_path: Path) -> None:
    report = Report(tmp_path, "dcgan 5 steps")
    for step in (1, 2, 3):
        report.collect({"d": torch.tensor(float(step))})
        report.line(step, step, 0.1 * step, 1.0, {"rate_G": 1e-3})
    Report(tmp_path, "dcgan 5 steps", start=2)
    assert [line.split(",")[0] for line in (tmp_path / "log.csv").read_text().splitlines()] == ["step", "1", "2"]
    Report(tmp_path, "dcgan 5 steps", start=0)  # a log without rows is still a log
    report.collect({"d": torch.tensor(5.0)})
    report.line(1, 1.0, 0.1, 1.0, {"rate_G": 1e-3})
    assert (tmp_path / "log.csv").read_text().splitlines() == ["step,elapsed_s,rate_G,d", "1,1.0,0.001,5.0"]
