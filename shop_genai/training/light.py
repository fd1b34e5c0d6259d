"""Training the light network, which mends exposure and colour cast, on photos whose light is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from shop_genai.generation.devices import pick_device
from shop_genai.generation.enhance.light_task import LightTask, LightTaskConfig

from .loop import Settings, train
from .packs import Pictures, read_pack
from .record import record

RATE = 1e-3  # Adam's learning rate


@dataclass(frozen=True)
class Plan:
    """A whole training of the light network."""

    data: Sequence[Path]  # packs, or folders of pictures; their light is taken for right
    out: Path
    minutes: float | None = 6.0  # wall clock; None: count steps
    steps: int | None = None
    batch: int = 32
    seed: int = 0
    device: str = "auto"
    resume: bool = False
    processes: int = 1  # that make batches
    config: LightTaskConfig = field(default_factory=LightTaskConfig)


def run(plan: Plan) -> None:
    """Train on the train split.

    Raises:
        FileNotFoundError: no pictures.
        FileExistsError: the folder holds a run and `resume` was not asked for.
    """
    entries = [entry for folder in plan.data for entry in read_pack(folder, "train")]
    pictures = Pictures(entries, plan.config.network.side)
    settings = Settings(plan.minutes if plan.steps is None else None, plan.steps, plan.batch, RATE, seed=plan.seed)
    settings = replace(settings, processes=plan.processes)
    torch.manual_seed(plan.seed)
    task = LightTask(plan.config, pick_device(plan.device))
    shown = [pictures[i] for i in range(0, len(pictures), max(1, len(pictures) // 6))][:6]
    if plan.resume or not (plan.out / "checkpoint.pt").exists():
        record(plan.out, plan.config, settings, task.device.type)
    train(task, pictures, plan.out, settings, shown, plan.resume)
