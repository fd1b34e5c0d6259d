"""Training the VAE, the second of the article's two examples, on product photos."""

from __future__ import annotations

import json
from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from shop_genai.generation.devices import pick_device
from shop_genai.generation.vae.network import VaeConfig
from shop_genai.generation.vae.task import VaeTask, VaeTaskConfig

from .features import MEASURED
from .kinds import Kind, Trained, above_zero, count, entries, shared, spread
from .loop import Settings, train
from .record import record
from .squares import Squares, held_out
from .watch import open_watch

SHOWN = 8  # pictures in the grids


@dataclass(frozen=True)
class Plan:
    """A whole training of the VAE."""

    data: Sequence[Path]  # packs, or folders of pictures
    out: Path
    minutes: float | None = 15.0  # wall clock; None: count steps
    steps: int | None = None
    batch: int = 32
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"  # as the loop's
    resume: bool = False
    processes: int = 1  # that make batches
    rate: float = 1e-3  # Adam's learning rate
    white: bool = False  # cut products out by the packs' masks, and put them on white
    watch: str = "none"  # the extractor by which the diversity of samples is watched
    stop_on_collapse: bool = False
    config: VaeTaskConfig = field(default_factory=VaeTaskConfig)


def run(plan: Plan) -> Trained:
    """Train on the train split; measure on the test split where there is one and write `measured.json`.

    Raises:
        FileNotFoundError: no pictures.
        FileExistsError: the folder holds a run and `resume` was not asked for.
        WeightsMissing: there are none for the extractor of the watch.
    """
    side = plan.config.network.side

    def read(split: str) -> Squares:
        return Squares(entries(plan.data, split), side, white=plan.white)

    pictures = read("train")
    settings = Settings(
        plan.minutes,
        plan.steps,
        plan.batch,
        rate_G=plan.rate,
        ema=0.998,
        seed=plan.seed,
        processes=plan.processes,
        precision=plan.precision,
        show_seconds=180.0,
    )
    torch.manual_seed(plan.seed)
    task = VaeTask(plan.config, pick_device(plan.device))
    watch = None
    if plan.watch != "none":
        watch = open_watch(plan.watch, task.samples, pictures, plan.out, plan.device, plan.stop_on_collapse)
    shown = [pictures[i] for i in spread(len(pictures), SHOWN)]
    if plan.resume or not (plan.out / "checkpoint.pt").exists():
        record(plan.out, plan.config, settings, task.device.type)
    steady = train(task, pictures, plan.out, settings, shown, plan.resume, watch)
    if test := held_out(plan.data, side, white=plan.white):
        figures = {**task.measure(steady, test, pictures.examples()), "pictures": float(len(test))}
        (plan.out / MEASURED).write_text(json.dumps({"test": figures}, indent=1) + "\n", encoding="utf-8")
        print("test split:", "  ".join(f"{key} {value:.3f}" for key, value in figures.items()), flush=True)
    return Trained(task, steady, read)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.set_defaults(watch="none", augment=None)
    shape, task = VaeConfig(), VaeTaskConfig()
    parser.add_argument("--side", type=count, default=shape.side, help="of the pictures, pixels: 64, 128 (%(default)s)")
    parser.add_argument("--latent", type=count, default=shape.latent, help="numbers per picture, to 512 (%(default)s)")
    parser.add_argument("--channels", type=count, default=shape.channels, help="at the finest level (%(default)s)")
    parser.add_argument("--beta", type=float, default=task.beta, help="weight of the KL term (%(default)s)")
    parser.add_argument("--warmup", type=float, default=task.warmup, help="share in which beta rises (%(default)s)")
    parser.add_argument("--free-bits", type=float, default=task.free_bits, help="nats per dimension (%(default)s)")
    parser.add_argument("--scale", type=above_zero, default=shape.scale, help="of a pixel's Gaussian (%(default)s)")
    parser.add_argument(
        "--learn-scale", action=BooleanOptionalAction, default=True, help="start there, then learn it (yes)"
    )
    parser.add_argument(
        "--rate", "--rate-G", type=above_zero, default=Plan.rate, help="Adam's learning rate (%(default)s)"
    )
    parser.add_argument("--white", action="store_true", help="cut products out by the packs' masks, on white")


def _run(options: Namespace) -> Trained:
    shape = VaeConfig(
        options.side,
        options.latent,
        options.channels,
        scale=options.scale,
        learned_scale=options.learn_scale,
    )
    config = VaeTaskConfig(shape, options.beta, options.warmup, options.free_bits, options.augment)
    return run(
        Plan(
            **shared(options),
            rate=options.rate,
            white=options.white,
            watch=options.watch,
            stop_on_collapse=options.stop_on_collapse,
            config=config,
        )
    )


KIND = Kind(
    "vae",
    "a plain VAE: reconstruct, sample, interpolate product pictures",
    _add_arguments,
    _run,
    augments=True,
    invents=True,
)
