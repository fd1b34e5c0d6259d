"""The table of a sweep: sorted by what matters, for the terminal and as CSV, Markdown and JSON."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# What a sweep can be sorted by: the column, and whether more is better.
METRICS: dict[str, tuple[str, bool]] = {
    "fid": ("fid", False),
    "kid": ("kid", False),
    "elbo": ("elbo", True),
    "reconstruction": ("psnr", True),
    "coverage": ("coverage", True),
    "accuracy": ("balanced_accuracy", True),
}
SHOWN = ("elbo", "psnr", "kl", "active", "kid", "fid", "recall", "coverage", "variety", "accuracy", "balanced_accuracy")

Rows = Sequence[Mapping[str, Any]]


def column(metric: str) -> tuple[str, bool]:
    """The column of a metric, and whether more is better. Any other name means the log's column of that name."""
    return METRICS.get(metric, (f"log_{metric}", False))


def best(rows: Rows, metric: str) -> list[int]:
    """The numbers of the rows, the best first; rows without the metric last, in their order."""
    name, more = column(metric)

    def place(number: int) -> tuple[bool, float]:
        value = rows[number].get(name)
        if not isinstance(value, int | float) or math.isnan(value):
            return (True, 0.0)
        return (False, -value if more else value)

    return sorted(range(len(rows)), key=place)


def table(rows: Rows, settings: Sequence[str], metric: str, markdown: bool = False) -> str:
    """Settings, the metric, other figures that any row has, how far each run came, and why one failed."""
    name, _ = column(metric)
    figures = [shown for shown in SHOWN if shown != name and any(shown in row for row in rows)]
    columns = [*settings, name, *figures, "steps", "minutes", "state"]
    lines = [columns, *([_text(row.get(key)) for key in columns] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    gap, ends = (" | ", ("| ", " |")) if markdown else ("  ", ("", ""))
    texts = [
        ends[0] + gap.join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) + ends[1]
        for line in lines
    ]
    if markdown:
        texts.insert(1, "|" + "|".join("-" * (width + 1) + ":" for width in widths) + "|")
    errors = [f"{_named(row, settings)}: {row['error']}" for row in rows if row.get("error")]
    return "\n".join([*texts, *([""] if errors else []), *errors])


def write(out: Path, rows: Rows, results: Sequence[Mapping[str, Any]], settings: Sequence[str], metric: str) -> None:
    """`sweep.csv` with every column, `sweep.md` with the table, `sweep.json` with everything."""
    out.mkdir(parents=True, exist_ok=True)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with (out / "sweep.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    (out / "sweep.md").write_text(table(rows, settings, metric, markdown=True) + "\n", encoding="utf-8")
    content = {"metric": metric, "runs": list(results)}
    (out / "sweep.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _text(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _named(row: Mapping[str, Any], settings: Sequence[str]) -> str:
    return ", ".join(f"{name} {row[name]}" for name in settings)
