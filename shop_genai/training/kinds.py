"""What can be trained: a `Kind` for each generator, and the options that all of them share.

A kind's module declares its own options, and its own defaults of the shared ones, in `add_arguments`; its `run` takes
the parsed options. `shop_genai.training.command` lists the kinds.
"""

from __future__ import annotations

import math
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from . import augmentation
from .loop import Task
from .packs import Entry, Pictures, read_pack


@dataclass(frozen=True)
class Trained:
    """What a run ends with: the task, its averaged generator, and how the run's pictures of another split are read."""

    task: Task
    generator: nn.Module
    read: Callable[[str], Pictures]


@dataclass(frozen=True)
class Kind:
    """One kind of training."""

    name: str
    help: str
    add_arguments: Callable[[ArgumentParser], None]  # its own options; `set_defaults` for the shared ones
    run: Callable[[Namespace], Trained]
    augments: bool = False  # takes --augment
    invents: bool = False  # makes pictures from noise, so that their diversity can be watched: takes --watch

    def add_all_arguments(self, parser: ArgumentParser) -> None:
        """The shared options, then the kind's own."""
        parser.add_argument(
            "--data",
            type=Path,
            action="append",
            default=[],
            metavar="DIR",
            help="a data pack, or any folder of pictures; given several times, all are joined",
        )
        parser.add_argument(
            "--out", type=Path, required=True, metavar="DIR", help="receives checkpoint, log and curves"
        )
        parser.add_argument(
            "--minutes", type=above_zero, default=15.0, help="wall clock for the whole training (%(default)s)"
        )
        parser.add_argument("--steps", type=count, help="batches, instead of --minutes: repeatable to the bit")
        parser.add_argument("--batch", type=count, default=32, help="pictures per batch (%(default)s)")
        parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
        parser.add_argument("--seed", type=int, default=0, help="of weights, order and changes (%(default)s)")
        parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, ... (%(default)s)")
        parser.add_argument(
            "--precision",
            choices=["auto", "float32", "bfloat16"],
            default="auto",
            help="auto: bfloat16, where it is safe, on hardware that computes in it (%(default)s)",
        )
        parser.add_argument("--threads", type=count, help="CPU threads; default: PyTorch's choice")
        parser.add_argument(
            "--processes", type=_count_or_none, default=1, help="that make batches; 0: this one does (%(default)s)"
        )
        if self.augments:
            parser.add_argument(
                "--augment",
                type=_augmentation,
                metavar="PRESET",
                help=f"{', '.join(augmentation.PRESETS)}, or changes: strong,zoom=1.2,hue=0.1; else the kind's own",
            )
        if self.invents:
            parser.add_argument(
                "--watch",
                default="shop",
                metavar="EXTRACTOR",
                help="features that show a mode collapse: shop, inception:FILE, none (%(default)s)",
            )
            parser.add_argument("--stop-on-collapse", action="store_true", help="end the run when its modes collapse")
        self.add_arguments(parser)


def shared(options: Namespace) -> dict[str, Any]:
    """The shared options, as the fields that every kind's plan has."""
    return {
        "data": tuple(options.data),
        "out": options.out,
        "minutes": None if options.steps else options.minutes,
        "steps": options.steps,
        "batch": options.batch,
        "seed": options.seed,
        "device": options.device,
        "precision": options.precision,
        "resume": options.resume,
        "processes": options.processes,
    }


def entries(folders: Sequence[Path], split: str) -> list[Entry]:
    """The pictures of one split of several packs or folders, joined.

    Raises:
        FileNotFoundError: no folder is named, one is missing, or one has no picture in that split.
    """
    if not folders:
        raise FileNotFoundError("there is nothing to learn from: name a folder with --data")
    return [entry for folder in folders for entry in read_pack(folder, split)]


def spread(length: int, most: int) -> range:
    """Up to `most` numbers below `length`, evenly spread: which pictures the grids of samples show."""
    return range(0, length, -(-length // most))


def above_zero(text: str) -> float:
    """For argparse: a finite number above zero."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise ArgumentTypeError(f"must be a number above zero, not {text!r}")
    return number


def count(text: str) -> int:
    """For argparse: a whole number above zero."""
    if not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(f"must be a whole number above zero, not {text!r}")
    return int(text)


def _count_or_none(text: str) -> int:
    return 0 if text == "0" else count(text)


def _augmentation(text: str) -> augmentation.Augmentation:
    try:
        return augmentation.named(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
