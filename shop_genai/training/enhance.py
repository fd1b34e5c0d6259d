"""Training the enhancer: a pixel stage, then a GAN stage that starts from its weights."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from shop_genai.generation import weights
from shop_genai.generation.devices import pick_device, pick_dtype
from shop_genai.generation.enhance.growing import grown
from shop_genai.generation.enhance.network import GeneratorConfig
from shop_genai.generation.enhance.task import EnhanceConfig, EnhanceTask
from shop_genai.generation.features import load_classifier

from . import checkpoint
from .loop import Settings, train
from .packs import Pictures, read_pack
from .record import SETTINGS, record

STAGES = ("pixel", "gan")


@dataclass(frozen=True)
class Plan:
    """A whole training of the enhancer."""

    data: Path  # a pack, or any folder of pictures
    out: Path  # receives pixel/ and gan/
    minutes: float | None = 80.0  # wall clock for the stages that are asked for; None: count steps
    steps: int | None = None  # batches per stage, when minutes is None
    stages: tuple[str, ...] = STAGES
    pixel_share: float = 0.75  # of the minutes, when both stages run
    batch: int = 8
    seed: int = 0
    device: str = "auto"
    resume: bool = False
    processes: int = 1  # that make batches
    start: Path | None = None  # weights whose pixel network the pixel stage starts from; may be smaller than `config`'s
    config: EnhanceConfig = field(default_factory=EnhanceConfig)


def run(plan: Plan) -> None:
    """Train the stages of the plan. The GAN stage needs the pixel stage's checkpoint in the same folder.

    Raises:
        FileNotFoundError: no pictures, or the GAN stage was asked for without a pixel checkpoint.
        FileExistsError: the folder holds a run and `resume` was not asked for.
        WeightsMissing: there are no weights to start from, or none of the classifier for the perceptual loss.
    """
    device = pick_device(plan.device)
    pictures = Pictures(read_pack(plan.data, "train"), plan.config.sampler.side)
    shown = [pictures[i] for i in range(0, len(pictures), max(1, len(pictures) // 4))][:4]
    for stage in plan.stages:
        torch.manual_seed(plan.seed)
        config, settings = replace(plan.config, stage=stage), _settings(plan, stage)
        classifier = load_classifier(device=str(device)) if stage == "gan" and config.perceptual_weight else None
        task = EnhanceTask(config, device, classifier)
        out = plan.out / stage
        if stage == "pixel" and plan.start is not None:
            task.generator.load_state_dict(_start(plan.start, config.generator))
        if stage == "gan":
            task.generator.load_state_dict(checkpoint.read(plan.out / "pixel" / "checkpoint.pt", "steady"))
        if plan.resume or not (out / SETTINGS).exists():
            record(out, config, settings, device.type)
        train(task, pictures, out, settings, shown, plan.resume)


def _start(folder: Path, shape: GeneratorConfig) -> dict[str, Tensor]:
    """The pixel weights of a folder, grown to a shape."""
    source = weights.manifest("enhance", folder)
    small = GeneratorConfig(**source.content["network"])
    return grown(weights.tensors(source, "pixel"), small, shape).state_dict()


def _settings(plan: Plan, stage: str) -> Settings:
    minutes = plan.minutes
    if minutes is not None and len(plan.stages) > 1:
        minutes *= plan.pixel_share if stage == "pixel" else 1 - plan.pixel_share
    settings = Settings(minutes, plan.steps, batch=plan.batch, seed=plan.seed, processes=plan.processes)
    device = pick_device(plan.device)
    settings = replace(settings, bf16=device.type == "cuda" and pick_dtype("auto", device) == torch.bfloat16)
    if stage == "gan":
        # Fine-tuning: G moves little per step.
        return replace(settings, rate_G=1e-4, rate_D=4e-4, seed=plan.seed + 1)
    return settings
