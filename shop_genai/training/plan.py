"""What every training has in common around the loop: its plan, its record, its figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from shop_genai.generation.devices import pick_device

from .kinds import Trained, entries, spread
from .loop import Settings, Task, train
from .packs import Entry, Pictures
from .record import record
from .watch import Inventor, open_watch

MEASURED = "measured.json"  # in the run's folder: figures of the test splits, by the name of what was measured


@dataclass(frozen=True)
class Plan:
    """The shared options of the command; kinds add their own."""

    data: Sequence[Path]  # packs, or folders of pictures
    out: Path
    minutes: float | None = 15.0  # wall clock; None: count steps
    steps: int | None = None  # batches, when minutes is None
    batch: int = 32
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"  # as the loop's
    resume: bool = False
    processes: int = 1  # that make batches

    def entries(self, split: str) -> list[Entry]:
        """The pictures of a split."""
        return entries(self.data, split)

    def settings(self, **particular: Any) -> Settings:
        """The loop's settings: what the plan says, and what is particular to a kind."""
        shared = {name: getattr(self, name) for name in ("minutes", "steps", "batch", "seed", "processes", "precision")}
        return Settings(**shared | particular)


@dataclass(frozen=True)
class InventingPlan(Plan):
    """Of a kind that makes pictures from noise, whose diversity can be watched."""

    white: bool = False  # cut products out by the packs' masks, and put them on white
    watch: str = "none"  # the extractor by which the diversity of samples is watched
    stop_on_collapse: bool = False


def carry_out(
    plan: Plan,
    config: Any,
    settings: Settings,
    read: Callable[[str], Pictures],
    make: Callable[[torch.device], Task],
    shown: int,
) -> Trained:
    """Make the task, write down what was asked for, and train on the train split; grids show up to `shown` pictures.

    Raises:
        FileNotFoundError: no pictures.
        FileExistsError: the folder holds a run and `resume` was not asked for.
        WeightsMissing: there are none for the extractor of the watch.
    """
    pictures = read("train")
    torch.manual_seed(plan.seed)
    task = make(pick_device(plan.device))
    watch = None
    if isinstance(plan, InventingPlan) and plan.watch != "none":
        if not isinstance(task, Inventor):
            raise TypeError(f"{task.name} makes no samples that could be watched")
        watch = open_watch(plan.watch, task.samples, pictures, plan.out, plan.device, plan.stop_on_collapse)
    if plan.resume or not (plan.out / "checkpoint.pt").exists():
        record(plan.out, config, settings, task.device.type)
    grids = [pictures[i] for i in spread(len(pictures), shown)]
    return Trained(task, train(task, pictures, plan.out, settings, grids, plan.resume, watch), read)


def write_measured(out: Path, measured: Mapping[str, Mapping[str, float]]) -> None:
    """Print figures of test splits, and write them to `measured.json` for the manifest of the weights."""
    (out / MEASURED).write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    for name, figures in measured.items():
        print(f"{name}:", "  ".join(f"{key} {value:.3f}" for key, value in figures.items()), flush=True)
