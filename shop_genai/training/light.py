"""Training the light network, which mends exposure and colour cast, on photos whose light is right."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass, field

from shop_genai.generation.enhance.light_task import LightTask, LightTaskConfig

from . import plan as plans
from .kinds import Kind, Trained, shared
from .packs import Pictures

RATE = 1e-3  # Adam's learning rate
SHOWN = 6  # pictures in the grids


@dataclass(frozen=True)
class Plan(plans.Plan):
    """A whole training of the light network; the light of its pictures is taken for right."""

    minutes: float | None = 6.0
    config: LightTaskConfig = field(default_factory=LightTaskConfig)


def run(plan: Plan) -> Trained:
    """Train on the train split.

    Raises:
        FileNotFoundError, FileExistsError: see `plan.carry_out`.
    """

    def read(split: str) -> Pictures:
        return Pictures(plan.entries(split), plan.config.network.side)

    settings = plan.settings(rate_G=RATE)
    return plans.carry_out(plan, plan.config, settings, read, lambda device: LightTask(plan.config, device), SHOWN)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.set_defaults(minutes=Plan.minutes, batch=Plan.batch)


def _run(options: Namespace) -> Trained:
    return run(Plan(**shared(options)))


KIND = Kind("light", "the repair of exposure and colour cast, from photos whose light is right", _add_arguments, _run)
