"""Training the DCGAN, the first of the article's two examples, on product photos."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from shop_genai.generation.dcgan.network import DiscriminatorConfig, GeneratorConfig
from shop_genai.generation.dcgan.task import SHOWN, DcganConfig, DcganTask
from shop_genai.generation.devices import pick_device

from .features import MEASURED
from .kinds import Kind, Trained, above_zero, count, entries, shared, spread
from .loop import Settings, train
from .record import record
from .squares import Squares, held_out
from .watch import open_watch


@dataclass(frozen=True)
class Plan:
    """A whole training of the DCGAN."""

    data: Sequence[Path]  # packs, or folders of pictures
    out: Path
    minutes: float | None = 20.0  # wall clock; None: count steps
    steps: int | None = None
    batch: int = 16
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"  # as the loop's
    resume: bool = False
    processes: int = 1  # that make batches
    rate_G: float = 4e-4  # Adam's learning rates; D's is twice G's (TTUR)
    rate_D: float = 8e-4
    white: bool = False  # cut products out by the packs' masks, and put them on white
    watch: str = "none"  # the extractor by which the diversity of samples is watched
    stop_on_collapse: bool = False
    config: DcganConfig = field(default_factory=DcganConfig)


def run(plan: Plan) -> Trained:
    """Train on the train split; measure against the test split where there is one and write `measured.json`.

    Raises:
        FileNotFoundError: no pictures.
        FileExistsError: the folder holds a run and `resume` was not asked for.
        WeightsMissing: there are none for the extractor of the watch.
    """
    side = plan.config.generator.side

    def read(split: str) -> Squares:
        return Squares(entries(plan.data, split), side, white=plan.white)

    pictures = read("train")
    settings = Settings(
        plan.minutes,
        plan.steps,
        plan.batch,
        rate_G=plan.rate_G,
        rate_D=plan.rate_D,
        final_rate=0.1,
        betas_G=(0.5, 0.99),
        betas_D=(0.5, 0.99),
        clip=10.0,  # R1 comes in bursts, which a smaller limit would cut off
        ema=0.995,
        seed=plan.seed,
        processes=plan.processes,
        precision=plan.precision,
        show_seconds=180.0,
    )
    torch.manual_seed(plan.seed)
    task = DcganTask(plan.config, pick_device(plan.device))
    watch = None
    if plan.watch != "none":
        watch = open_watch(plan.watch, task.samples, pictures, plan.out, plan.device, plan.stop_on_collapse)
    shown = [pictures[i] for i in spread(len(pictures), SHOWN)]
    if plan.resume or not (plan.out / "checkpoint.pt").exists():
        record(plan.out, plan.config, settings, task.device.type)
    steady = train(task, pictures, plan.out, settings, shown, plan.resume, watch)
    if test := held_out(plan.data, side, white=plan.white):
        figures = {**task.measure(steady, test), "pictures": float(len(test))}
        (plan.out / MEASURED).write_text(json.dumps({"test": figures}, indent=1) + "\n", encoding="utf-8")
        print("test split:", "  ".join(f"{key} {value:.3f}" for key, value in figures.items()), flush=True)
    return Trained(task, steady, read)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.set_defaults(minutes=Plan.minutes, batch=Plan.batch, augment=None)
    shape, task = GeneratorConfig(), DcganConfig()
    parser.add_argument("--side", type=count, default=shape.side, help="of the pictures, pixels (%(default)s)")
    parser.add_argument("--latent", type=count, default=shape.latent, help="numbers of noise (%(default)s)")
    parser.add_argument("--channels", type=count, default=shape.channels, help="at the finest level (%(default)s)")
    parser.add_argument(
        "--balance",
        choices=["r1", "spectral", "both", "none"],
        default="r1",
        help="what keeps D from running away: R1, spectral normalisation (%(default)s)",
    )
    parser.add_argument("--gamma", type=above_zero, default=task.gamma, help="weight of R1 (%(default)s)")
    parser.add_argument("--noise", type=float, default=task.noise, help="instance noise at the start (%(default)s)")
    parser.add_argument("--rate-G", type=above_zero, default=Plan.rate_G, help="Adam's learning rate (%(default)s)")
    parser.add_argument("--rate-D", type=above_zero, default=Plan.rate_D, help="and of D (%(default)s)")
    parser.add_argument("--white", action="store_true", help="cut products out by the packs' masks, on white")


def _run(options: Namespace) -> Trained:
    config = DcganConfig(
        GeneratorConfig(options.side, options.latent, options.channels),
        DiscriminatorConfig(options.side, options.channels, options.balance in ("spectral", "both")),
        gamma=options.gamma if options.balance in ("r1", "both") else 0.0,
        noise=options.noise,
        augment=options.augment,
    )
    return run(
        Plan(
            **shared(options),
            rate_G=options.rate_G,
            rate_D=options.rate_D,
            white=options.white,
            watch=options.watch,
            stop_on_collapse=options.stop_on_collapse,
            config=config,
        )
    )


KIND = Kind("dcgan", "a plain DCGAN: product pictures from noise", _add_arguments, _run, augments=True, invents=True)
