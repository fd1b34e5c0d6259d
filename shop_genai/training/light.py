"""Training the light network, which mends exposure and colour cast, on photos whose light is right."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from shop_genai.generation.devices import pick_device
from shop_genai.generation.enhance.light_task import LightTask, LightTaskConfig

from .kinds import Kind, Trained, entries, shared, spread
from .loop import Settings, train
from .packs import Pictures
from .record import record

RATE = 1e-3  # Adam's learning rate


@dataclass(frozen=True)
class Plan:
    """A whole training of the light network."""

    data: Sequence[Path]  # packs, or folders of pictures; their light is taken for right
    out: Path
    minutes: float | None = 6.0  # wall clock; None: count steps
    steps: int | None = None  # batches, when minutes is None
    batch: int = 32
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"  # as the loop's
    resume: bool = False
    processes: int = 1  # that make batches
    config: LightTaskConfig = field(default_factory=LightTaskConfig)


def run(plan: Plan) -> Trained:
    """Train on the train split.

    Raises:
        FileNotFoundError: no pictures.
        FileExistsError: the folder holds a run and `resume` was not asked for.
    """

    def read(split: str) -> Pictures:
        return Pictures(entries(plan.data, split), plan.config.network.side)

    pictures = read("train")
    settings = Settings(
        plan.minutes,
        plan.steps,
        plan.batch,
        RATE,
        seed=plan.seed,
        processes=plan.processes,
        precision=plan.precision,
    )
    torch.manual_seed(plan.seed)
    task = LightTask(plan.config, pick_device(plan.device))
    shown = [pictures[i] for i in spread(len(pictures), 6)]
    if plan.resume or not (plan.out / "checkpoint.pt").exists():
        record(plan.out, plan.config, settings, task.device.type)
    steady = train(task, pictures, plan.out, settings, shown, plan.resume)
    return Trained(task, steady, read)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.set_defaults(minutes=Plan.minutes, batch=Plan.batch)


def _run(options: Namespace) -> Trained:
    return run(Plan(**shared(options)))


KIND = Kind("light", "the repair of exposure and colour cast, from photos whose light is right", _add_arguments, _run)
