"""Training the variant VAE on shots in several colours, and on single photos dyed at random."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from shop_genai.generation.variant import colours
from shop_genai.generation.variant.crop import framed
from shop_genai.generation.variant.network import VariantConfig
from shop_genai.generation.variant.prior import DIGITS, Prior
from shop_genai.generation.variant.regions import mean_lab
from shop_genai.generation.variant.sampler import FINER, Shot
from shop_genai.generation.variant.task import VariantTask, VariantTaskConfig

from . import plan as plans
from .batches import Batches
from .kinds import Kind, Trained, above_zero, count, entries, shared
from .packs import MANIFEST, Entry, Pictures, open_rgb

RATE = 6e-4  # Adam's learning rate
SHOWN = 6  # pictures in the grids
REPEATED = 6  # times that a shot with real colourways comes in each epoch: there are few, and they teach the most
LOOKS = "looks.json"  # in the run's folder: what looks the training pictures have
BEGUN = 1024  # pictures whose colours the looks begin with
FEWEST = 3  # pictures that a colour's name needs before their mean look stands for it


@dataclass(frozen=True)
class Plan(plans.Plan):
    """A whole training of the variant VAE."""

    minutes: float | None = 45.0
    batch: int = 16
    rate: float = RATE
    config: VariantTaskConfig = field(default_factory=VariantTaskConfig)


class Shots(Pictures):
    """Framed shots by index. Pictures of one pack with equal `source`, `style` and `view` are one shot's colourways.

    Masks come from the pack's column `garment_mask` or `mask`; pictures without one are left out.

    Raises:
        FileNotFoundError: none is left.
    """

    def __init__(self, entries: list[Entry], side: int, repeated: int = 1) -> None:
        shots: dict[tuple[str, ...], list[Entry]] = {}
        for entry in entries:
            if _mask_name(entry):
                shots.setdefault(_shot(entry), []).append(entry)
        chosen = [colourways for colourways in shots.values() for _ in range(repeated if len(colourways) > 1 else 1)]
        super().__init__([colourways[0] for colourways in chosen])
        self.colourways = chosen
        self.side = side
        self._shots: dict[tuple[str, ...], Shot] = {}

    def __getitem__(self, index: int) -> Image.Image:
        return self.example(index).picture

    def example(self, index: int) -> Shot:
        """A shot, read once and then kept."""
        first = self.colourways[index][0]
        place = _shot(first)
        if place not in self._shots:
            with Image.open(_pack(first) / _mask_name(first)) as image:
                mask = image.convert("L")
            opened = [open_rgb(entry.path) for entry in self.colourways[index]]
            squares = [framed(picture, mask, self.side) for picture in opened]
            fine = [framed(picture, mask, FINER * self.side) for picture in opened]
            pictures = tuple(square for square, _, _ in squares)
            self._shots[place] = Shot(
                pictures[0],
                first.label,
                first.facts,
                mask=squares[0][1],
                colourways=pictures,
                fine_mask=fine[0][1],
                fine=tuple(square for square, _, _ in fine),
            )
        return self._shots[place]

    def distinct(self) -> list[Shot]:
        """Every shot once."""
        known = {_shot(colourways[0]): index for index, colourways in enumerate(self.colourways)}
        return [self.example(index) for index in known.values()]


def run(plan: Plan) -> Trained:
    """Train on the train split; measure on the test split where there is one and write `measured.json`.

    Raises:
        FileNotFoundError, FileExistsError: see `plan.carry_out`.
    """
    side = plan.config.network.side

    def read(split: str) -> Shots:
        return Shots(plan.entries(split), side, REPEATED if split == "train" else 1)

    settings = plan.settings(rate_G=plan.rate, rate_D=2e-4, ema=0.999, warmup=0.02, show_seconds=300.0)

    def make(device: torch.device) -> VariantTask:
        task = VariantTask(plan.config, device)
        batches = Batches(read("train"), task.sampler, plan.batch, plan.seed)
        task.begin(batches[number] for number in range(BEGUN // plan.batch + 1))
        return task

    trained = plans.carry_out(plan, plan.config, settings, read, make, SHOWN)
    if not isinstance(trained.task, VariantTask):
        raise TypeError(f"the plan made a task for {trained.task.name}")
    write_looks(plan.out, trained.task, trained.generator, read("train").distinct())
    packs = [folder for folder in plan.data if (folder / MANIFEST).is_file()]
    held_out = Shots(entries(packs, "test"), side).distinct() if packs else []
    if tested := [shot for shot in held_out if len(shot.colourways) > 1]:
        plans.write_measured(plan.out, {"test": trained.task.measure(trained.generator, tested)})
    return trained


def write_looks(out: Path, task: VariantTask, generator: nn.Module, shots: Sequence[Shot]) -> None:
    """Encode every training picture, and write what looks there are to `looks.json` for the manifest of the weights.

    `prior`: the mixture that new looks are drawn from; `colours`: for each colour's name the mean look of the products
    that are called that by their mean colour.
    """
    looks, names = [], []
    for shot in shots:
        looks.append(task.looks(generator, shot))
        names += [colours.nearest(mean_lab(picture, shot.mask).tolist()) for picture in shot.colourways]
    known = torch.cat(looks).double().cpu().numpy()
    called = np.array(names)
    means = {name: known[called == name].mean(axis=0) for name in colours.NAMES if (called == name).sum() >= FEWEST}
    content = {
        "prior": Prior.fit(known).as_dict(),
        "colours": {name: np.round(mean, DIGITS).tolist() for name, mean in means.items()},
    }
    (out / LOOKS).write_text(json.dumps(content) + "\n", encoding="utf-8")


def _mask_name(entry: Entry) -> str:
    return entry.facts.get("garment_mask") or entry.facts.get("mask") or ""


def _pack(entry: Entry) -> Path:
    return entry.path.parents[len(Path(entry.facts["file"]).parts) - 1]


def _shot(entry: Entry) -> tuple[str, ...]:
    facts = entry.facts
    if facts.get("style") and facts.get("view"):
        return str(_pack(entry)), facts.get("source", ""), facts["style"], facts["view"]
    return (str(entry.path),)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.set_defaults(minutes=Plan.minutes, batch=Plan.batch)
    task, shape = VariantTaskConfig(), VariantConfig()
    parser.add_argument("--latent", type=count, default=shape.appearance, help="numbers in a look (%(default)s)")
    parser.add_argument("--beta", type=float, default=task.beta, help="weight of the KL term (%(default)s)")
    parser.add_argument("--free-bits", type=float, default=task.free_bits, help="nats per dimension (%(default)s)")
    parser.add_argument("--rate", "--rate-G", type=above_zero, default=RATE, help="Adam's learning rate (%(default)s)")
    parser.add_argument("--no-gan", action="store_true", help="a plain VAE, without its discriminator")


def _run(options: Namespace) -> Trained:
    config = VariantTaskConfig(VariantConfig(appearance=options.latent), beta=options.beta, free_bits=options.free_bits)
    if options.no_gan:
        config = replace(config, discriminator=None)
    return run(Plan(**shared(options), rate=options.rate, config=config))


KIND = Kind("variant", "the variant VAE, from shots in several colours and their masks", _add_arguments, _run)
