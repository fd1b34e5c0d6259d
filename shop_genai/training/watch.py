"""A watch over a run's diversity: does the generator still make everything that the training pictures show?

At every interval it compares samples of the averaged generator with real pictures, through the features of an
extractor, appends what it finds to `diagnostics.csv` and warns when the modes have collapsed. What counts as a collapse
is decided in `alarm`; here it is only asked for at the right moments.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from PIL import Image
from torch import nn

from .alarm import SMALLEST, Diagnosis, diagnose
from .extractors import Extractor, Features, open_extractor
from .packs import Pictures

Samples = Callable[[nn.Module, int, int], list[Image.Image]]  # generator, how many, seed -> pictures
LOG = "diagnostics.csv"
LARGEST = 256  # pictures compared, real and made alike; the distances between all of them are needed
SEED = 1234  # of the samples: every look sees the same noise, so that the looks of a run can be compared


@runtime_checkable
class Inventor(Protocol):
    """A task whose generator makes pictures from noise."""

    def samples(self, generator: nn.Module, count: int, seed: int) -> list[Image.Image]: ...


@dataclass
class Watch:
    """Looks at a generator's samples during a run."""

    samples: Samples
    pictures: Pictures  # real ones; up to `LARGEST`, evenly spread, are looked at
    extractor: Extractor
    out: Path
    stop: bool = False  # whether a collapse that two looks in a row have seen ends the run
    _real: Features | None = field(default=None, init=False)
    _in_a_row: int = field(default=0, init=False)  # looks that saw a collapse, up to the last one

    @property
    def stops(self) -> bool:
        """Whether the run should end. One look is not enough: a young generator may still spread out."""
        return self.stop and self._in_a_row >= 2

    def look(self, generator: nn.Module, step: int) -> Diagnosis:
        """Compare, write a row of `diagnostics.csv`, and say so if the modes have collapsed."""
        if self._real is None:
            stride = -(-len(self.pictures) // LARGEST)
            self._real = self.extractor(self.pictures[i] for i in range(0, len(self.pictures), stride))
        made = self.samples(generator, len(self._real.vectors), SEED)
        diagnosis = diagnose(self._real, self.extractor(made))
        self._write(step, diagnosis)
        self._in_a_row = self._in_a_row + 1 if diagnosis.collapsed else 0
        if diagnosis.collapsed:
            print(f"WARNING  step {step}: mode collapse: {'; '.join(diagnosis.reasons)}", flush=True)
        return diagnosis

    def _write(self, step: int, diagnosis: Diagnosis) -> None:
        row = {"step": step, **diagnosis.as_row(), "collapsed": int(diagnosis.collapsed)}
        path = self.out / LOG
        new = not path.exists()
        with path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(row))
            if new:
                writer.writeheader()
            writer.writerow(row)


def open_watch(
    extractor: str, samples: Samples, pictures: Pictures, out: Path, device: str = "auto", stop: bool = False
) -> Watch:
    """A watch with an extractor by name, "shop" or "inception:FILE".

    Raises:
        ValueError: there are too few real pictures to compare with.
        InvalidParams, WeightsMissing, WeightsUnsupported: there is no such extractor.
    """
    if len(pictures) < SMALLEST:
        raise ValueError(
            f"a watch over diversity needs {SMALLEST} pictures, there are {len(pictures)}: use --watch none"
        )
    return Watch(samples, pictures, open_extractor(extractor, device), out, stop)
