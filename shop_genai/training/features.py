"""Training the product classifier on labelled photos: the labels are a manifest's `label` column, or the folders."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from torch import nn

from shop_genai.generation.features.network import ClassifierConfig
from shop_genai.generation.features.task import FeaturesConfig, FeaturesTask, ViewSampler

from . import plan as plans
from .kinds import Kind, Trained, shared
from .packs import MANIFEST, Entry, Pictures, read_pack

SMALLEST_SIDE = 32  # pixels; the classifier halves four times
SMALLEST_CLASS = 10  # pictures; rarer labels are left out
RATE = 2e-3  # Adam's learning rate
SHOWN = 12  # pictures in the grids


@dataclass(frozen=True)
class Plan(plans.Plan):
    """A whole training of the classifier."""

    classifier: ClassifierConfig = field(default_factory=ClassifierConfig)


def run(plan: Plan) -> Trained:
    """Train on the train split; measure on the test splits, pack by pack, and write `measured.json`.

    Raises:
        FileNotFoundError, FileExistsError: see `plan.carry_out`.
        ValueError: fewer than two labels have enough pictures.
    """
    classes = common_labels(plan.entries("train"))
    classifier = replace(plan.classifier, classes=classes)
    config = FeaturesConfig(classifier, ViewSampler(classes, classifier.side))

    def read(split: str) -> Pictures:
        return Pictures([entry for entry in plan.entries(split) if entry.label in classes], SMALLEST_SIDE)

    settings = plan.settings(rate_G=RATE, clip=5.0)
    trained = plans.carry_out(plan, config, settings, read, lambda device: FeaturesTask(config, device), SHOWN)
    task = trained.task
    if isinstance(task, FeaturesTask):
        tests = {f"{folder.name}, test": folder for folder in plan.data if (folder / MANIFEST).is_file()}
        plans.write_measured(
            plan.out, {name: _measured(task, trained.generator, folder) for name, folder in tests.items()}
        )
    return trained


def _measured(task: FeaturesTask, network: nn.Module, folder: Path) -> dict[str, float]:
    """Figures on a pack's test split. A folder without splits has none: all its pictures were trained on."""
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
