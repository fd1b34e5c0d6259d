"""Training the segmentation, on packs that say where products and people are (see `labels`)."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from PIL import Image
from torch import nn

from shop_genai.generation.segment.labelled import Labelled
from shop_genai.generation.segment.task import SegmentTask, SegmentTaskConfig

from . import checkpoint
from . import plan as plans
from .kinds import Kind, Trained, above_zero, shared
from .labels import is_told, labelled
from .packs import MANIFEST, Entry, Pictures, read_pack

LONGEST = 256  # pixels a side at which pictures are kept: half as much again as the network sees
SHOWN = 12  # pictures in the grids
SHARE = 0.12  # of the pictures of an epoch that every pack makes up at least: those of a small one come several times


@dataclass(frozen=True)
class Plan(plans.Plan):
    """A whole training of the segmentation."""

    minutes: float | None = 45.0
    batch: int = 8
    rate: float = 2e-3  # Adam's learning rate at the start
    start: Path | None = None  # a run whose averaged weights are begun with
    config: SegmentTaskConfig = field(default_factory=SegmentTaskConfig)


class LabelledPictures(Pictures):
    """Pictures with what is known of their pixels, each read once and kept; those that say nothing are left out.

    Raises:
        FileNotFoundError: none is left.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__([entry for entry in entries if is_told(entry)])
        self._labelled: dict[Path, Labelled] = {}

    def __getitem__(self, index: int) -> Image.Image:
        return self.example(index).picture

    def example(self, index: int) -> Labelled:
        """A picture with its maps."""
        entry = self.entries[index]
        if entry.path not in self._labelled:
            self._labelled[entry.path] = labelled(entry, LONGEST)
        return self._labelled[entry.path]


def run(plan: Plan) -> Trained:
    """Train on the train split; measure on the test splits, pack by pack, and write `measured.json`.

    Raises:
        FileNotFoundError, FileExistsError: see `plan.carry_out`; also, no picture says anything of its pixels.
    """

    def read(split: str) -> Pictures:
        return LabelledPictures(shares([read_pack(folder, split) for folder in _named(plan.data)]))

    def make(device: torch.device) -> SegmentTask:
        task = SegmentTask(plan.config, device)
        if plan.start is not None and not (plan.out / "checkpoint.pt").exists():
            task.generator.load_state_dict(checkpoint.read(plan.start / "checkpoint.pt", "steady"))
        return task

    settings = plan.settings(rate_G=plan.rate, clip=5.0, ema=0.998, show_seconds=240.0)
    trained = plans.carry_out(plan, plan.config, settings, read, make, SHOWN)
    task = trained.task
    if isinstance(task, SegmentTask):
        tests = {f"{folder.name}, test": folder for folder in plan.data if (folder / MANIFEST).is_file()}
        found = {name: _measured(task, trained.generator, folder) for name, folder in tests.items()}
        plans.write_measured(plan.out, {name: figures for name, figures in found.items() if figures})
    return trained


def shares(packs: Sequence[Sequence[Entry]]) -> list[Entry]:
    """The pictures of all packs; those of a small one several times, so that it makes up at least `SHARE` of them."""
    told = [[entry for entry in pack if is_told(entry)] for pack in packs]
    total = sum(len(pack) for pack in told)
    return [entry for pack in told for entry in pack * max(1, round(SHARE * total / max(1, len(pack))))]


def _named(folders: Sequence[Path]) -> Sequence[Path]:
    if not folders:
        raise FileNotFoundError("there is nothing to learn from: name a pack with --data")
    return folders


def _measured(task: SegmentTask, network: nn.Module, folder: Path) -> dict[str, float]:
    """Figures on a pack's test split; none where it has no such pictures."""
    try:
        pictures = LabelledPictures(read_pack(folder, "test"))
    except FileNotFoundError:
        return {}
    figures = task.measure(network, [pictures.example(number) for number in range(len(pictures))])
    return {**figures, "pictures": float(len(pictures))}


def _add_arguments(parser: ArgumentParser) -> None:
    parser.set_defaults(minutes=Plan.minutes, batch=Plan.batch)
    parser.add_argument("--rate", type=above_zero, default=Plan.rate, help="Adam's learning rate (%(default)s)")
    parser.add_argument("--start", type=Path, metavar="RUN", help="begin with the averaged weights of this run")


def _run(options: Namespace) -> Trained:
    return run(Plan(**shared(options), rate=options.rate, start=options.start))


KIND = Kind("segment", "the segmentation: what is the product, what does a person wear", _add_arguments, _run)
