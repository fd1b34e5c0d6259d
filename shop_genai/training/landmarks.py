"""Training the landmarks of garments: on drawn garments, and on photos of packs that say what they show."""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from shop_genai.errors import ProductNotFound
from shop_genai.generation import load
from shop_genai.generation.tryon import landmarks
from shop_genai.generation.tryon.landmark_network import OTHER, Box, LandmarkConfig, square
from shop_genai.generation.tryon.landmark_task import (
    ROOM,
    LandmarkSampler,
    LandmarkTask,
    LandmarkTaskConfig,
    Shown,
)
from shop_genai.generation.tryon.landmarks import SLEEVES

from . import checkpoint
from . import plan as plans
from .kinds import Kind, Trained, above_zero, shared, spread
from .packs import MANIFEST, Entry, Pictures, open_rgb, read_pack

KEPT = 192  # pixels a side at which garments are kept
MASKS = "masks"  # in the run's folder: masks that the segmentation made, for packs that have none
WHOLE, NECK = "whole", "neck"
SHARE = {WHOLE: 0.6, NECK: 0.4}  # of the time
LEAST = 0.004  # share of its picture that a garment takes up at least
SHOWN = 12  # drawn garments in the grids
MOST = 260  # things of one pack
DRAWN = 400

# What a pack's label or category says: kind, sleeves ("": it does not say), whether it opens in front (None: likewise).
TOLD: dict[str, tuple[str, str, bool | None]] = {
    "t-shirt": ("upper", "short", False),
    "longsleeve": ("upper", "long", False),
    "polo": ("upper", "", False),
    "undershirt": ("upper", "none", False),
    "shirt": ("upper", "", None),
    "blouse": ("upper", "", None),
    "top": ("upper", "", False),
    "hoodie": ("upper", "long", None),
    "outwear": ("upper", "", True),
    "blazer": ("upper", "long", True),
    "dress": ("dress", "", None),
    "skirt": ("skirt", "", None),
    "pants": ("lower", "", None),
    "shorts": ("lower", "", None),
    "shoes": (OTHER, "", None),
    "hat": (OTHER, "", None),
    "body": (OTHER, "", None),  # a baby's: nobody who looks into a shop's mirror wears it
    "bags & gear": (OTHER, "", None),
    "household": (OTHER, "", None),
    "fashion accessories": (OTHER, "", None),
    "general": (OTHER, "", None),
}


CLOSER = LandmarkConfig(names=landmarks.NECK, widths=(16, 28, 44, 64, 80))


def neck_config(network: LandmarkConfig = CLOSER) -> LandmarkTaskConfig:
    """How the closer look is learned."""
    return LandmarkTaskConfig(network, LandmarkSampler(network, closer=True), inside_weight=4.0)


@dataclass(frozen=True)
class Plan(plans.Plan):
    """A whole training of the landmark network."""

    minutes: float | None = 30.0
    batch: int = 24
    rate: float = 2e-3  # Adam's learning rate at the start
    things: Sequence[Path] = ()  # packs of which only what is no garment is taken
    start: Path | None = None  # a finished run whose averaged weights are begun with
    stages: Sequence[str] = (WHOLE, NECK)
    drawn: int = DRAWN  # garments that are measured on
    whole: LandmarkTaskConfig = field(default_factory=LandmarkTaskConfig)
    neck: LandmarkTaskConfig = field(default_factory=neck_config)


class ShownPictures(Pictures):
    """Photos of things shown alone, each cut out once and kept. Those of which nothing is said are left out.

    Args:
        masks: a folder for the masks of pictures whose pack has none; the packaged segmentation makes them.

    Raises:
        FileNotFoundError: none is left.
    """

    def __init__(self, entries: Sequence[Entry], masks: Path) -> None:
        super().__init__([entry for entry in entries if told(entry)[0] and (cut_out(entry, masks) is not None)])
        self.masks = masks
        self._shown: dict[int, Shown] = {}

    def __getitem__(self, index: int) -> Image.Image:
        return self.example(index).picture.convert("RGB")

    def example(self, index: int) -> Shown:
        """A garment, or a thing, in its square."""
        if index not in self._shown:
            self._shown[index] = shown(self.entries[index], self.masks)
        return self._shown[index]


def told(entry: Entry) -> tuple[str, str, bool | None]:
    """Kind, sleeves and opening, as far as the pack says them. A pack may also have the columns themselves.

    Source of `TOLD`: labels of the clothing-dataset and categories of shop packs.
    """
    kind, sleeves, opens = TOLD.get(entry.label.lower(), TOLD.get(entry.kind.lower(), ("", "", None)))
    given = entry.facts.get("sleeves", "")
    return kind, given if given in SLEEVES else sleeves, opens


def cut_out(entry: Entry, masks: Path) -> Path | None:
    """The file of a picture's mask: the pack's, or one that the segmentation makes; None where it sees no product."""
    if entry.facts.get("mask"):
        root = entry.path
        while not (root / MANIFEST).is_file():
            root = root.parent
        return root / entry.facts["mask"]
    path = masks / f"{hashlib.sha256(str(entry.path).encode()).hexdigest()[:20]}.png"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = open_rgb(entry.path)
        try:
            found = _segmentation().product_mask(picture)
            mask = found.mask if found.kind == "product" else Image.new("L", picture.size)
        except ProductNotFound:
            mask = Image.new("L", picture.size)
        mask.save(path)
    with Image.open(path) as image:
        return path if np.asarray(image.convert("L")).mean() > 255 * LEAST else None


def shown(entry: Entry, masks: Path) -> Shown:
    """The picture's luma and mask in a square around the garment, large enough to turn it in."""
    path = cut_out(entry, masks)
    if path is None:
        raise FileNotFoundError(f"{entry.path} has no mask")
    picture = open_rgb(entry.path).convert("L")
    with Image.open(path) as image:
        mask = image.convert("L")
    if mask.size != picture.size:
        mask = mask.resize(picture.size, Image.Resampling.BILINEAR)
    box = _wider(square(mask))
    kind, sleeves, opens = told(entry)
    planes = [_square_of(plane, box) for plane in (picture, mask)]
    return Shown(planes[0], entry.label, entry.facts, mask=planes[1], kind=kind, sleeves=sleeves, opens=opens)


def run(plan: Plan) -> Trained:
    """Train on the train split; measure on drawn garments and on the packs' test splits, and write `measured.json`.

    Stage by stage, each in a folder of its own: the network that sees a whole garment, and the one that looks closely
    at the opening for the neck.

    Raises:
        FileNotFoundError, FileExistsError: see `plan.carry_out`.
    """
    masks = plan.out / MASKS
    measured: dict[str, dict[str, float]] = {}
    trained: Trained | None = None
    for stage in plan.stages:
        minutes = plan.minutes and plan.minutes * (SHARE[stage] if len(plan.stages) > 1 else 1)
        part = replace(plan, out=plan.out / stage, minutes=minutes, start=plan.start and plan.start / stage)
        trained = _trained(part, plan.whole if stage == WHOLE else plan.neck, masks)
        task = trained.task
        if isinstance(task, LandmarkTask):
            figures = task.measure_drawn(trained.generator, plan.drawn, seed=plan.seed + 1_000_003)
            measured[f"drawn garments, {stage}"] = figures
            if stage == WHOLE:
                measured |= _measured(plan, task, trained, masks)
    if trained is None:
        raise ValueError("no stage is to be trained")
    plans.write_measured(plan.out, measured)
    return trained


def _trained(plan: Plan, config: LandmarkTaskConfig, masks: Path) -> Trained:
    """One stage."""

    def read(split: str) -> Pictures:
        return ShownPictures([*plan.entries(split), *things(plan.things, split)], masks)

    def make(device: torch.device) -> LandmarkTask:
        task = LandmarkTask(config, device)
        if plan.start is not None and not (plan.out / "checkpoint.pt").exists():
            task.generator.load_state_dict(checkpoint.read(plan.start / "checkpoint.pt", "steady"))
        return task

    settings = plan.settings(rate_G=plan.rate, clip=5.0, ema=0.998, show_seconds=240.0)
    return plans.carry_out(plan, config, settings, read, make, SHOWN)


def _measured(plan: Plan, task: LandmarkTask, trained: Trained, masks: Path) -> dict[str, dict[str, float]]:
    """Figures on photos, pack by pack."""
    measured = {}
    tests = {folder.name: read_pack(folder, "test") for folder in plan.data if (folder / MANIFEST).is_file()}
    if plan.things:
        tests["things"] = things(plan.things, "test")
    for name, entries in tests.items():
        pictures = ShownPictures(entries, masks)
        examples = [pictures.example(number) for number in range(len(pictures))]
        figures = task.measure(trained.generator, examples)
        measured[f"{name}, test"] = {**figures, "pictures": float(len(examples))}
    return measured


def things(folders: Sequence[Path], split: str) -> list[Entry]:
    """What is no garment in these packs, up to `MOST` of each, evenly spread.

    Raises:
        FileNotFoundError: see `packs.read_pack`.
    """
    found: list[Entry] = []
    for folder in folders:
        others = [entry for entry in read_pack(folder, split) if told(entry)[0] == OTHER]
        found += [others[number] for number in spread(len(others), MOST)] if others else []
    return found


@lru_cache(maxsize=1)
def _segmentation() -> Any:
    return load("segment", device="cpu")


def _wider(box: Box) -> Box:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    half = (box[2] - box[0]) / 2 * ROOM
    return x - half, y - half, x + half, y + half


def _square_of(plane: Image.Image, box: Box) -> Image.Image:
    """A square of a plane, `KEPT` pixels a side; 0 beyond the picture."""
    left, upper, right, lower = (round(value) for value in box)
    side = max(right - left, lower - upper)
    whole = plane.crop((left, upper, left + side, upper + side))
    return whole.resize((KEPT, KEPT), Image.Resampling.BOX if side > KEPT else Image.Resampling.BICUBIC)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.set_defaults(minutes=Plan.minutes, batch=Plan.batch)
    parser.add_argument("--rate", type=above_zero, default=Plan.rate, help="Adam's learning rate (%(default)s)")
    parser.add_argument("--start", type=Path, metavar="RUN", help="begin with the averaged weights of this run")
    parser.add_argument(
        "--stage",
        choices=[WHOLE, NECK],
        help="only the whole garment, or only the closer look; else one after the other",
    )
    parser.add_argument(
        "--things",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="a pack of which only what is no garment is taken, to be refused; may be given several times",
    )


def _run(options: Namespace) -> Trained:
    stages = (options.stage,) if options.stage else Plan.stages
    return run(
        Plan(**shared(options), rate=options.rate, things=tuple(options.things), start=options.start, stages=stages)
    )


KIND = Kind("landmarks", "the landmarks of garments, for the try-on", _add_arguments, _run)
