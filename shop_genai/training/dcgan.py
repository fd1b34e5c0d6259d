"""Training the DCGAN, the first of the article's two examples, on product photos."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass, field

from shop_genai.generation.dcgan.network import DiscriminatorConfig, GeneratorConfig
from shop_genai.generation.dcgan.task import SHOWN, DcganConfig, DcganTask

from .kinds import Kind, Trained, above_zero, count, shared
from .plan import InventingPlan, carry_out, write_measured
from .squares import Squares, held_out


@dataclass(frozen=True)
class Plan(InventingPlan):
    """A whole training of the DCGAN."""

    minutes: float | None = 20.0
    batch: int = 16
    rate_G: float = 4e-4  # Adam's learning rates; D's is twice G's (TTUR)
    rate_D: float = 8e-4
    config: DcganConfig = field(default_factory=DcganConfig)


def run(plan: Plan) -> Trained:
    """Train on the train split; measure against the test split where there is one and write `measured.json`.

    Raises:
        FileNotFoundError, FileExistsError, WeightsMissing: see `plan.carry_out`.
    """
    side = plan.config.generator.side

    def read(split: str) -> Squares:
        return Squares(plan.entries(split), side, white=plan.white)

    settings = plan.settings(
        rate_G=plan.rate_G,
        rate_D=plan.rate_D,
        final_rate=0.1,
        betas_G=(0.5, 0.99),
        betas_D=(0.5, 0.99),
        clip=10.0,  # R1 comes in bursts, which a smaller limit would cut off
        ema=0.995,
        show_seconds=180.0,
    )
    trained = carry_out(plan, plan.config, settings, read, lambda device: DcganTask(plan.config, device), SHOWN)
    task = trained.task
    if (test := held_out(plan.data, side, white=plan.white)) and isinstance(task, DcganTask):
        write_measured(plan.out, {"test": {**task.measure(trained.generator, test), "pictures": float(len(test))}})
    return trained


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
