"""What a training run tells: a progress line with the time left, a CSV log, curves, grids of sample pictures."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from . import curves


class Report:
    """Averages the losses between two lines; prints each line and appends it to log.csv."""

    def __init__(self, out: Path, title: str, start: int = 0) -> None:
        """`start` is the step from which a run goes on: rows of later steps are removed from its logs."""
        self.out = out
        self.log = out / curves.LOG
        self.title = title
        self._sums: dict[str, tuple[Tensor, int]] = {}
        self._draws = curves.available()
        for path in (self.log, out / curves.DIAGNOSTICS):
            if path.exists():
                _write(path, [row for row in _rows(path) if int(row["step"]) <= start])

    def opening(self, device: torch.device, bf16: bool, pictures: int, batch: int) -> None:
        """Say what the run computes with."""
        precision = "bfloat16 where it is safe (autocast)" if bf16 else "float32"
        print(f"{self.title}  {pictures} pictures, batches of {batch}, on {device} in {precision}", flush=True)
        if not self._draws:
            print("No curves will be drawn: they need Matplotlib, install shop-genai[train].", flush=True)

    def collect(self, losses: dict[str, Tensor]) -> None:
        """Take in one step's losses; they stay on the device until a line is due."""
        for name, value in losses.items():
            total, count = self._sums.get(name, (0, 0))
            self._sums[name] = (total + value, count + 1)

    def line(self, step: int, elapsed: float, progress: float, pace: float, rates: dict[str, float]) -> None:
        """Write one line: seconds elapsed, progress 0..1, pace in steps per second, the learning rates.

        A loss is averaged over the steps that reported it.
        """
        means = {name: float(total) / count for name, (total, count) in self._sums.items()}
        left = elapsed / progress * (1 - progress) if progress else float("nan")
        shown = "  ".join(f"{name} {value:.4f}" for name, value in means.items())
        print(
            f"{self.title}  {100 * progress:5.1f} %  step {step}  {pace:.2f} steps/s  left {left / 60:.1f} min",
            shown,
            sep="  ",
            flush=True,
        )
        row = {"step": step, "elapsed_s": round(elapsed, 1), **rates, **means}
        earlier: list[Mapping[str, object]] = [*_rows(self.log)] if self.log.exists() else []
        if earlier and list(earlier[0]) == list(row):
            with self.log.open("a", newline="", encoding="utf-8") as file:
                csv.DictWriter(file, list(row)).writerow(row)
        else:
            _write(self.log, [*earlier, row])
        self._sums.clear()

    def draw(self) -> None:
        """Draw the curves anew."""
        if self._draws:
            curves.draw(self.out)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write a whole log, with every column that any row has; a kill leaves the old file or the new one."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    unfinished = path.with_suffix(".tmp")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    unfinished.replace(path)


def grid(rows: list[list[Image.Image]], gap: int = 4) -> Image.Image:
    """Pictures in rows and columns on white; every cell is as large as the largest picture."""
    width = max(picture.width for row in rows for picture in row) + gap
    height = max(picture.height for row in rows for picture in row) + gap
    sheet = Image.new("RGB", (width * max(len(row) for row in rows) - gap, height * len(rows) - gap), "white")
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            sheet.paste(picture.convert("RGB"), (x * width, y * height))
    return sheet
