"""The taste benchmark runs in a process of its own and prints what it wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks._taste_ranking import METHODS, figures, place
from benchmarks.taste import PEER, table

ROOT = Path(__file__).parents[2]


def test_it_measures_and_writes_what_it_measured(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SHOP_DATA")}
    environment["DJANGO_SETTINGS_MODULE"] = "example_project.settings"
    file = tmp_path / "figures" / "taste.json"
    few = ["--shoppers", "5", "--products", "60", "--ranked", "500", "--rounds", "3"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "taste", *few, "--json", str(file)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(file.read_text(encoding="utf-8"))
    assert tuple(report["quality"]["a mixture"]) == METHODS
    assert report["milliseconds"].keys() == {PEER, "taste"}
    assert file.with_suffix(".md").read_text(encoding="utf-8").strip() == table(report) == done.stdout.strip()


def test_figures_by_hand() -> None:
    found = figures([1, 3, None, 20])
    assert found["hit_rate"] == 2 / 4
    assert found["mrr"] == pytest.approx((1 + 1 / 3 + 1 / 20) / 4)
    assert found["ndcg"] == pytest.approx((1 + 1 / 2) / 4)
    assert place([4, 2, 9], 9) == 3
    assert place([4], 9) is None
