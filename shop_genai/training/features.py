"""Training the product classifier on labelled photos: the labels are a manifest's `label` column, or the folders."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import nn

from shop_genai.generation.devices import pick_device
from shop_genai.generation.features.network import ClassifierConfig
from shop_genai.generation.features.task import FeaturesConfig, FeaturesTask, ViewSampler

from .kinds import Kind, Trained, entries, shared, spread
from .loop import Settings, train
from .packs import MANIFEST, Entry, Pictures, read_pack
from .record import record

SMALLEST_SIDE = 32  # pixels; the classifier halves four times
SMALLEST_CLASS = 10  # pictures; rarer labels are left out
RATE = 2e-3  # Adam's learning rate
MEASURED = "measured.json"  # in the run's folder: figures of the test splits, by the name of the pack


@dataclass(frozen=True)
class Plan:
    """A whole training of the classifier."""

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
    classifier: ClassifierConfig = field(default_factory=ClassifierConfig)


def run(plan: Plan) -> Trained:
    """Train on the train split; measure on the test split where there is one and write `measured.json`.

    Raises:
        FileNotFoundError: no pictures.
        ValueError: fewer than two labels have enough pictures.
    """
    classes = common_labels(entries(plan.data, "train"))
    classifier = replace(plan.classifier, classes=classes)
    config = FeaturesConfig(classifier, ViewSampler(classes, classifier.side))

    def read(split: str) -> Pictures:
        return Pictures([entry for entry in entries(plan.data, split) if entry.label in classes], SMALLEST_SIDE)

    pictures = read("train")
    settings = Settings(
        plan.minutes,
        plan.steps,
        plan.batch,
        rate_G=RATE,
        clip=5.0,
        seed=plan.seed,
        processes=plan.processes,
        precision=plan.precision,
    )
    torch.manual_seed(plan.seed)
    task = FeaturesTask(config, pick_device(plan.device))
    shown = [pictures[i] for i in spread(len(pictures), 12)]
    if plan.resume or not (plan.out / "checkpoint.pt").exists():
        record(plan.out, config, settings, task.device.type)
    steady = train(task, pictures, plan.out, settings, shown, plan.resume)
    measured = {folder.name: figures for folder in plan.data if (figures := _measured(task, steady, folder))}
    (plan.out / MEASURED).write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    for name, figures in measured.items():
        print(f"{name}, test split:", "  ".join(f"{key} {value:.3f}" for key, value in figures.items()), flush=True)
    return Trained(task, steady, read)


def _measured(task: FeaturesTask, network: nn.Module, folder: Path) -> dict[str, float]:
    """Figures on a pack's test split; nothing for a folder without splits, whose pictures were all trained on."""
    if not (folder / MANIFEST).is_file():
        return {}
    pictures = Pictures(read_pack(folder, "test"), SMALLEST_SIDE)
    examples = [pictures.example(number) for number in range(len(pictures))]
    return {**task.measure(network, examples), "pictures": float(len(examples))}


def common_labels(found: Sequence[Entry]) -> tuple[str, ...]:
    """The labels with at least `SMALLEST_CLASS` pictures, in alphabetical order.

    Raises:
        ValueError: fewer than two.
    """
    counts = Counter(entry.label for entry in found)
    labels = tuple(sorted(label for label, count in counts.items() if count >= SMALLEST_CLASS))
    if len(labels) < 2:
        raise ValueError(f"a classifier needs two labels with {SMALLEST_CLASS} pictures each; found {dict(counts)}")
    return labels


def _add_arguments(parser: ArgumentParser) -> None:
    parser.set_defaults(minutes=Plan.minutes, batch=Plan.batch)


def _run(options: Namespace) -> Trained:
    return run(Plan(**shared(options)))


KIND = Kind("features", "the product classifier, whose features metrics and losses use", _add_arguments, _run)
