"""Training the enhancer: a pixel stage, then a GAN stage that starts from its weights."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from shop_genai.generation import weights
from shop_genai.generation.enhance.growing import grown
from shop_genai.generation.enhance.network import GeneratorConfig
from shop_genai.generation.enhance.task import EnhanceConfig, EnhanceTask
from shop_genai.generation.features import load_classifier

from . import checkpoint
from . import plan as plans
from .kinds import Kind, Trained, above_zero, count, shared
from .loop import Settings
from .packs import Pictures
from .record import SETTINGS

STAGES = ("pixel", "gan")
SHOWN = 4  # pictures in the grids, at each scale


@dataclass(frozen=True)
class Plan(plans.Plan):
    """A whole training of the enhancer; its folder receives pixel/ and gan/. `steps` are those of each stage."""

    minutes: float | None = 80.0  # for the stages that are asked for
    batch: int = 8
    stages: tuple[str, ...] = STAGES
    pixel_share: float = 0.75  # of the minutes, when both stages run
    rate_G: float | None = None  # Adam's learning rates; None: the stage's own
    rate_D: float | None = None
    start: Path | None = None  # weights whose pixel network the pixel stage starts from; may be smaller than `config`'s
    config: EnhanceConfig = field(default_factory=EnhanceConfig)


def run(plan: Plan) -> Trained:
    """Train the stages of the plan. The GAN stage needs the pixel stage's checkpoint in the same folder.

    Raises:
        FileNotFoundError: no pictures, or the GAN stage was asked for without a pixel checkpoint.
        FileExistsError: the folder holds a run and `resume` was not asked for.
        WeightsMissing: there are no weights to start from, or none of the classifier for the perceptual loss.
    """

    def read(split: str) -> Pictures:
        return Pictures(plan.entries(split), plan.config.sampler.side)

    for stage in plan.stages:
        config = replace(plan.config, stage=stage)
        make = partial(_task, plan, config)
        trained = plans.carry_out(
            replace(plan, out=plan.out / stage), config, _settings(plan, stage), read, make, SHOWN
        )
    return trained


def _task(plan: Plan, config: EnhanceConfig, device: torch.device) -> EnhanceTask:
    """The task of one stage, with the weights that the stage starts from."""
    if config.stage == "pixel":
        task = EnhanceTask(config, device)
        if plan.start is not None:
            task.generator.load_state_dict(_start(plan.start, config.generator))
        return task
    classifier = load_classifier(device=str(device)) if config.perceptual_weight else None
    task = EnhanceTask(config, device, classifier)
    task.generator.load_state_dict(_pixel_weights(plan.out))
    return task


def _start(folder: Path, shape: GeneratorConfig) -> dict[str, Tensor]:
    """The pixel weights of a folder, grown to a shape."""
    source = weights.manifest("enhance", folder)
    small = GeneratorConfig(**source.content["network"])
    return grown(weights.tensors(source, "pixel"), small, shape).state_dict()


def _pixel_weights(out: Path) -> dict[str, Tensor]:
    path = out / "pixel" / "checkpoint.pt"
    if not path.exists():
        raise FileNotFoundError(f"the GAN stage starts from the pixel stage, but there is no {path}")
    return checkpoint.read(path, "steady")


def _settings(plan: Plan, stage: str) -> Settings:
    """The pixel stage learns fast when it starts from scratch; in the GAN stage G moves little per step."""
    minutes = plan.minutes
    if minutes is not None and len(plan.stages) > 1:
        minutes *= plan.pixel_share if stage == "pixel" else 1 - plan.pixel_share
    if stage == "gan":
        rates, warmup, seed = (1e-4, 4e-4), 0.01, plan.seed + 1
    elif plan.start is None:
        rates, warmup, seed = (8e-4, 1e-3), 0.01, plan.seed
    else:
        # Trained weights are near their goal: the rate that suits fresh ones would throw them far off first.
        rates, warmup, seed = (2.5e-4, 1e-3), 0.03, plan.seed
    return plan.settings(
        minutes=minutes, rate_G=plan.rate_G or rates[0], rate_D=plan.rate_D or rates[1], warmup=warmup, seed=seed
    )


def _add_arguments(parser: ArgumentParser) -> None:
    parser.set_defaults(minutes=80.0, batch=8)
    parser.add_argument("--stage", choices=[*STAGES, "all"], default="all", help="which to train (%(default)s)")
    parser.add_argument(
        "--start",
        type=_folder,
        metavar="FOLDER",
        help="weights that the pixel stage starts from, or “packaged”; they may be of a smaller network",
    )
    shape = GeneratorConfig()
    other = "that of --start, else"
    parser.add_argument("--channels", type=count, help=f"width of the network; default: {other} {shape.channels}")
    parser.add_argument("--depth", type=count, help=f"its convolutions; default: {other} {shape.depth}")
    parser.add_argument(
        "--rate-G",
        type=above_zero,
        help="Adam's learning rate of G, else 8e-4 (pixel; 2.5e-4 with --start) and 1e-4 (gan)",
    )
    parser.add_argument("--rate-D", type=above_zero, help="and of D, else 4e-4")


def _folder(text: str) -> Path:
    return weights.PACKAGED if text == "packaged" else Path(text)


def _shape(options: Namespace) -> GeneratorConfig:
    """What is asked for; else what the run in the folder has, else what it starts from, else the default."""
    asked = {name: value for name in ("channels", "depth") if (value := getattr(options, name))}
    recorded = options.out / "pixel" / SETTINGS
    if recorded.is_file():
        shape = json.loads(recorded.read_text(encoding="utf-8"))["config"]["generator"]
    elif options.start is not None:
        shape = weights.manifest("enhance", options.start).content["network"]
    else:
        shape = {}
    return GeneratorConfig(**{**shape, **asked})


def _run(options: Namespace) -> Trained:
    return run(
        Plan(
            **shared(options),
            stages=STAGES if options.stage == "all" else (options.stage,),
            start=options.start,
            rate_G=options.rate_G,
            rate_D=options.rate_D,
            config=EnhanceConfig(generator=_shape(options)),
        )
    )


KIND = Kind("enhance", "the enhancer: sharper, cleaner, larger photos", _add_arguments, _run)
