"""The curves of a run."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shop_genai.training import curves


def write(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def log(steps: int = 20) -> list[dict[str, object]]:
    return [
        {
            "step": n,
            "elapsed_s": 2 * n,
            "rate_G": 1e-3 / (n + 1),
            "rate_D": 2e-3 / (n + 1),
            "d": 1.4 - n / 100,
            "d_real": n / 10,
            "d_fake": -n / 10,
            "r1": "" if n % 2 else 0.01,
            "norm_D": 0.5,
            "charbonnier": 1 / (n + 1),
            "gan": 0.01,
            "norm_G": 0.1,
        }
        for n in range(steps)
    ]


def test_what_belongs_together_shares_a_panel(tmp_path: Path) -> None:
    write(tmp_path / "log.csv", log())
    write(tmp_path / "diagnostics.csv", [{"step": 5, "coverage": 0.9, "collapsed": 0}])
    columns = curves.read(tmp_path / "log.csv")
    panels = curves.panels_of(columns, curves.read(tmp_path / "diagnostics.csv"))
    assert {panel.title: list(panel.columns) for panel in panels} == {
        "Generator": ["charbonnier", "gan"],
        "Discriminator: scores": ["d_real", "d_fake"],
        "Discriminator: losses": ["d", "r1"],
        "Gradient norms": ["norm_D", "norm_G"],
        "Learning rate": ["rate_G", "rate_D"],
        "Diversity of samples, against real pictures": ["coverage", "collapsed"],
    }
    logarithmic = {panel.title for panel in panels if panel.logarithmic}
    assert logarithmic == {"Generator", "Discriminator: losses", "Learning rate"}  # all above zero, far apart
    assert panels[0].steps == list(range(20))
    assert math.isnan(columns["r1"][1])
    assert panels[-1].steps == [5]


def test_a_picture_is_drawn_with_a_curve_in_it(tmp_path: Path) -> None:
    write(tmp_path / "log.csv", log())
    write(tmp_path / "diagnostics.csv", [{"step": n, "coverage": n / 20, "collapsed": 0} for n in (5, 10, 15)])
    assert curves.draw(tmp_path) == tmp_path / "curves.png"
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.size == (1200, 960)  # six panels in three rows
        pixels = np.asarray(picture.convert("RGB"), dtype=int)
    for part in (pixels[:320, :600], pixels[:320, 600:], pixels[640:, 600:]):
        assert (np.ptp(part, axis=2) > 60).sum() > 200  # coloured pixels: curves
    assert not list(tmp_path.glob("*.tmp"))


def test_one_row_is_no_curve(tmp_path: Path) -> None:
    assert curves.draw(tmp_path) is None
    write(tmp_path / "log.csv", log(1))
    assert curves.draw(tmp_path) is None
    assert not (tmp_path / "curves.png").exists()


def test_without_matplotlib_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    assert curves.available()
    monkeypatch.setattr(curves, "find_spec", lambda name: None)
    assert not curves.available()


def test_long_curves_are_smoothed_over_nine_rows() -> None:
    values = [float(n) for n in range(20)]
    values[10] = math.nan
    means = curves.smoothed(values)
    assert means[0] == sum(range(5)) / 5
    assert means[8] == (sum(range(4, 13)) - 10) / 8
    assert means[15] == 15
    assert math.isnan(curves.smoothed([math.nan])[0])
