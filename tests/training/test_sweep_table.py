"""The table of a sweep."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

from shop_genai.training.sweep_table import best, column, table, write

ROWS = [
    {"latent": "16", "state": "done", "steps": 100, "minutes": 1.0, "elbo": 2.5, "psnr": 20.123456, "error": ""},
    {"latent": "32", "state": "failed", "steps": 7, "minutes": 0.1, "error": "FloatingPointError: nan"},
    {"latent": "64", "state": "done", "steps": 90, "minutes": 1.0, "elbo": 3.0, "psnr": 21.0, "error": ""},
    {"latent": "99", "state": "done", "steps": 90, "minutes": 1.0, "elbo": math.nan, "psnr": 22.0, "error": ""},
]


def test_each_metric_knows_its_column_and_direction() -> None:
    assert column("elbo") == ("elbo", True)
    assert column("kid") == ("kid", False)
    assert column("reconstruction") == ("psnr", True)
    assert column("charbonnier") == ("log_charbonnier", False)


def test_the_best_comes_first_and_what_has_no_figure_last() -> None:
    assert best(ROWS, "elbo") == [2, 0, 1, 3]
    assert best(ROWS, "reconstruction") == [3, 2, 0, 1]
    assert best([{"kid": 0.3}, {"kid": 0.1}, {"kid": 0.2}], "kid") == [1, 2, 0]


def test_the_table_shows_settings_the_metric_first_and_why_a_run_failed() -> None:
    header, *lines, empty, error = table(ROWS, ["latent"], "elbo").splitlines()
    assert header.split() == ["latent", "elbo", "psnr", "steps", "minutes", "state"]
    assert lines[0].split() == ["16", "2.5", "20.12", "100", "1", "done"]
    assert lines[1].split() == ["32", "–", "–", "7", "0.1", "failed"]
    assert len({len(line) for line in (header, *lines)}) == 1  # columns stand under each other
    assert (empty, error) == ("", "latent 32: FloatingPointError: nan")


def test_it_is_written_as_csv_markdown_and_json(tmp_path: Path) -> None:
    write(tmp_path / "new", ROWS, [{"state": "done"}], ["latent"], "elbo")
    with (tmp_path / "new" / "sweep.csv").open(newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["elbo"] for row in read] == ["2.5", "", "3.0", "nan"]
    markdown = (tmp_path / "new" / "sweep.md").read_text().splitlines()
    assert [cell.strip() for cell in markdown[0].strip("|").split("|")][:2] == ["latent", "elbo"]
    assert set(markdown[1]) == {"|", "-", ":"}
    assert {line.count("|") for line in markdown[:6]} == {7}
    assert json.loads((tmp_path / "new" / "sweep.json").read_text()) == {"metric": "elbo", "runs": [{"state": "done"}]}
