"""What a training run tells: a progress line with the time left, a CSV log, grids of sample pictures."""

from __future__ import annotations

import csv
from pathlib import Path

from PIL import Image
from torch import Tensor


class Report:
    """Averages the losses between two lines; prints each line and appends it to log.csv."""

    def __init__(self, out: Path, title: str) -> None:
        self.log = out / "log.csv"
        self.title = title
        self._sums: dict[str, Tensor] = {}
        self._count = 0

    def collect(self, losses: dict[str, Tensor]) -> None:
        """Take in one step's losses; they stay on the device until a line is due."""
        for name, value in losses.items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value
        self._count += 1

    def line(self, step: int, elapsed: float, progress: float, pace: float, rate: float) -> None:
        """Write one line: seconds elapsed, progress 0..1, pace in steps per second, G's learning rate."""
        means = {name: float(total) / self._count for name, total in self._sums.items()}
        left = elapsed / progress * (1 - progress) if progress else float("nan")
        shown = "  ".join(f"{name} {value:.4f}" for name, value in means.items())
        print(
            f"{self.title}  {100 * progress:5.1f} %  step {step}  {pace:.2f} steps/s  left {left / 60:.1f} min",
            shown,
            sep="  ",
            flush=True,
        )
        row = {"step": step, "elapsed_s": round(elapsed, 1), "rate": rate, **means}
        new = not self.log.exists()
        with self.log.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(row))
            if new:
                writer.writeheader()
            writer.writerow(row)
        self._sums.clear()
        self._count = 0


def grid(rows: list[list[Image.Image]], gap: int = 4) -> Image.Image:
    """Pictures in rows and columns on white; every cell is as large as the largest picture."""
    width = max(picture.width for row in rows for picture in row) + gap
    height = max(picture.height for row in rows for picture in row) + gap
    sheet = Image.new("RGB", (width * max(len(row) for row in rows) - gap, height * len(rows) - gap), "white")
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            sheet.paste(picture.convert("RGB"), (x * width, y * height))
    return sheet
