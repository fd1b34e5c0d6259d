"""Training the VAE, the second of the article's two examples, on product photos."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from dataclasses import dataclass, field

from shop_genai.generation.vae.network import VaeConfig
from shop_genai.generation.vae.task import VaeTask, VaeTaskConfig

from .kinds import Kind, Trained, above_zero, count, shared
from .plan import InventingPlan, carry_out, write_measured
from .squares import Squares, held_out

SHOWN = 8  # pictures in the grids


@dataclass(frozen=True)
class Plan(InventingPlan):
    """A whole training of the VAE."""

    rate: float = 1e-3  # Adam's learning rate
    config: VaeTaskConfig = field(default_factory=VaeTaskConfig)


def run(plan: Plan) -> Trained:
    """Train on the train split; measure on the test split where there is one and write `measured.json`.

    Raises:
        FileNotFoundError, FileExistsError, WeightsMissing: see `plan.carry_out`.
    """
    side = plan.config.network.side

    def read(split: str) -> Squares:
        return Squares(plan.entries(split), side, white=plan.white)

    settings = plan.settings(rate_G=plan.rate, ema=0.998, show_seconds=180.0)
    trained = carry_out(plan, plan.config, settings, read, lambda device: VaeTask(plan.config, device), SHOWN)
    task = trained.task
    if (test := held_out(plan.data, side, white=plan.white)) and isinstance(task, VaeTask):
        figures = task.measure(trained.generator, test, read("train").examples())
        write_measured(plan.out, {"test": {**figures, "pictures": float(len(test))}})
    return trained


def _add_arguments(parser: ArgumentParser) -> None:
    parser.set_defaults(watch="none", augment=None)
    shape, task = VaeConfig(), VaeTaskConfig()
    parser.add_argument("--side", type=count, default=shape.side, help="of the pictures, pixels: 64, 128 (%(default)s)")
    parser.add_argument("--latent", type=count, default=shape.latent, help="numbers per picture, to 512 (%(default)s)")
    parser.add_argument("--spatial", action="store_true", help="z is a map of 8x8 cells; needs 64 numbers or more")
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
        spatial=options.spatial,
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
