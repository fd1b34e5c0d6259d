"""Training the enhancer: a pixel stage, then a GAN stage that starts from its weights."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from shop_genai.generation import weights
from shop_genai.generation.devices import pick_device
from shop_genai.generation.enhance.growing import grown
from shop_genai.generation.enhance.network import GeneratorConfig
from shop_genai.generation.enhance.task import EnhanceConfig, EnhanceTask
from shop_genai.generation.features import load_classifier

from . import checkpoint
from .kinds import Kind, Trained, above_zero, count, entries, shared, spread
from .loop import Settings, train
from .packs import Pictures
from .record import SETTINGS, record

STAGES = ("pixel", "gan")


@dataclass(frozen=True)
class Plan:
    """A whole training of the enhancer."""

    data: Sequence[Path]  # packs, or folders of pictures
    out: Path  # receives pixel/ and gan/
    minutes: float | None = 80.0  # wall clock for the stages that are asked for; None: count steps
    steps: int | None = None  # batches per stage, when minutes is None
    stages: tuple[str, ...] = STAGES
    pixel_share: float = 0.75  # of the minutes, when both stages run
    batch: int = 8
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"  # as the loop's
    resume: bool = False
    processes: int = 1  # that make batches
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
    device = pick_device(plan.device)

    def read(split: str) -> Pictures:
        return Pictures(entries(plan.data, split), plan.config.sampler.side)

    pictures = read("train")
    shown = [pictures[i] for i in spread(len(pictures), 4)]
    for stage in plan.stages:
        torch.manual_seed(plan.seed)
        config, settings = replace(plan.config, stage=stage), _settings(plan, stage)
        classifier = load_classifier(device=str(device)) if stage == "gan" and config.perceptual_weight else None
        task = EnhanceTask(config, device, classifier)
        out = plan.out / stage
        if stage == "pixel" and plan.start is not None:
            task.generator.load_state_dict(_start(plan.start, config.generator))
        if stage == "gan":
            task.generator.load_state_dict(_pixel_weights(plan.out))
        if plan.resume or not (out / "checkpoint.pt").exists():
            record(out, config, settings, device.type)
        steady = train(task, pictures, out, settings, shown, plan.resume)
    return Trained(task, steady, read)


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
    """The pixel stage learns from scratch, fast; in the GAN stage G moves little per step."""
    minutes = plan.minutes
    if minutes is not None and len(plan.stages) > 1:
        minutes *= plan.pixel_share if stage == "pixel" else 1 - plan.pixel_share
    rate_G, rate_D, seed = (8e-4, 1e-3, plan.seed) if stage == "pixel" else (1e-4, 4e-4, plan.seed + 1)
    return Settings(
        minutes,
        plan.steps,
        batch=plan.batch,
        rate_G=plan.rate_G or rate_G,
        rate_D=plan.rate_D or rate_D,
        seed=seed,
        processes=plan.processes,
        precision=plan.precision,
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
    parser.add_argument("--rate-G", type=above_zero, help="Adam's learning rate of G, else 8e-4 (pixel) and 1e-4 (gan)")
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
