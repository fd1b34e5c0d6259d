"""The page benchmark runs in a process of its own, and its peers answer the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.pages import LABELS, QUERIES, table

ROOT = Path(__file__).parents[2]


def test_it_measures_and_writes_what_it_measured(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SHOP_DATA")}
    environment["DJANGO_SETTINGS_MODULE"] = "example_project.settings"
    file = tmp_path / "figures" / "pages.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "pages", "--rounds", "3", "--json", str(file)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(file.read_text(encoding="utf-8"))
    pages = report["pages"]
    assert pages.keys() == LABELS.keys()
    assert pages["api"]["queries"] <= QUERIES
    assert len({pages[name]["bytes"] for name in ("api", "canned", "by-hand")}) == 1
    assert report["pictures_extra_queries"] == 1
    assert file.with_suffix(".md").read_text(encoding="utf-8").strip() == table(report) == done.stdout.strip()
