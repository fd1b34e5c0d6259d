"""The curves of a run: `curves.png`, drawn from `log.csv` and `diagnostics.csv`.

Drawing needs Matplotlib (`shop-genai[train]`); training does not.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FILE = "curves.png"
LOG, DIAGNOSTICS = "log.csv", "diagnostics.csv"
UNPLOTTED = {"step", "elapsed_s"}
WINDOW = 9  # rows of the log in the running mean of a long curve

Columns = dict[str, list[float]]


@dataclass(frozen=True)
class Panel:
    """One of the small plots."""

    title: str
    steps: list[float]
    columns: Columns
    logarithmic: bool = False


def available() -> bool:
    """Whether Matplotlib is installed."""
    return find_spec("matplotlib") is not None


def draw(out: Path) -> Path | None:
    """Draw the curves of the run in `out`; None, and no file, while its log has fewer than two rows.

    Raises:
        ModuleNotFoundError: Matplotlib is not installed.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = panels_of(read(out / LOG), read(out / DIAGNOSTICS))
    if not panels:
        return None
    rows = math.ceil(len(panels) / 2)
    figure = Figure(figsize=(12, 3.2 * rows), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    for axes, panel in zip(figure.subplots(rows, 2, squeeze=False).flat, panels, strict=False):
        _plot(axes, panel)
    for axes in figure.axes[len(panels) :]:
        axes.set_axis_off()
    unfinished = out / f"{FILE}.tmp"
    figure.savefig(unfinished, format="png")
    unfinished.replace(out / FILE)
    return out / FILE


def read(path: Path) -> Columns:
    """The columns of a log, by name; not a number where a row has no value. Empty without a file."""
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [_number(row[name]) for row in rows] for name in (rows[0] if rows else ())}


def panels_of(log: Columns, diagnostics: Columns) -> list[Panel]:
    """What is plotted together: G's parts, D's scores, D's losses, gradient norms, learning rates, diagnostics."""
    if len(log.get("step", ())) < 2:
        return []
    groups: dict[str, list[str]] = {}
    for name in log:
        if name not in UNPLOTTED:
            groups.setdefault(_group(name), []).append(name)
    order = ["Generator", "Discriminator: scores", "Discriminator: losses", "Gradient norms", "Learning rate"]
    panels = [
        Panel(title, log["step"], {name: log[name] for name in groups[title]}) for title in order if title in groups
    ]
    if diagnostics.get("step"):
        shown = {name: values for name, values in diagnostics.items() if name not in UNPLOTTED}
        panels.append(Panel("Diversity of samples, against real pictures", diagnostics["step"], shown))
    return [Panel(p.title, p.steps, p.columns, _spans_decades(p)) for p in panels]


def smoothed(values: Sequence[float]) -> list[float]:
    """The mean of each value and its neighbours, `WINDOW` in all, without those that are no numbers."""
    means = []
    for place in range(len(values)):
        near = [v for v in values[max(0, place - WINDOW // 2) : place + WINDOW // 2 + 1] if math.isfinite(v)]
        means.append(sum(near) / len(near) if near else math.nan)
    return means


def _group(name: str) -> str:
    if name in ("d_real", "d_fake"):
        return "Discriminator: scores"
    if name == "d" or name.startswith(("d_", "r1")):
        return "Discriminator: losses"
    if name.startswith("norm_"):
        return "Gradient norms"
    return "Learning rate" if name.startswith("rate") else "Generator"


def _spans_decades(panel: Panel) -> bool:
    """Whether a logarithmic axis shows more: all is above zero, and the extremes lie more than a factor of 20 apart."""
    if panel.title.startswith("Diversity"):
        return False
    values = [value for column in panel.columns.values() for value in column if math.isfinite(value)]
    return bool(values) and min(values) > 0 and max(values) > 20 * min(values)


def _plot(axes: Axes, panel: Panel) -> None:
    for number, (name, values) in enumerate(panel.columns.items()):
        colour, marker = f"C{number % 10}", "." if _sparse(values) else ""
        smooth = len(values) >= 4 * WINDOW
        axes.plot(panel.steps, values, colour, marker=marker, linewidth=1.0, alpha=0.3 if smooth else 1.0)
        axes.plot(panel.steps, smoothed(values) if smooth else values, colour, label=name, linewidth=1.4)
    axes.set_title(panel.title, fontsize=10)
    axes.set_xlabel("step", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.grid(visible=True, alpha=0.3)
    if panel.logarithmic:
        axes.set_yscale("log")
    axes.legend(fontsize=7, ncols=2)


def _sparse(values: Sequence[float]) -> bool:
    return sum(math.isfinite(value) for value in values) < 15


def _number(text: str | None) -> float:
    return float(text) if text else math.nan
