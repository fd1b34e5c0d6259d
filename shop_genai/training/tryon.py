"""Training the composer of try-on: on photos of people whose masks, joints and parts are known."""

from __future__ import annotations

import csv
import hashlib
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from shop_genai.generation import load
from shop_genai.generation.pose.keypoints import NAMES, Pose
from shop_genai.generation.tryon.composer import Composer, fitting
from shop_genai.generation.tryon.composer_task import ComposerTask, ComposerTaskConfig
from shop_genai.generation.tryon.example import TryOnExample
from shop_genai.generation.tryon.frame import HEIGHT, WIDTH, framed
from shop_genai.generation.tryon.landmarks import Kind as Garment
from shop_genai.generation.tryon.skeleton import of_pose

from . import checkpoint
from . import plan as plans
from .kinds import Kind, Trained, above_zero, entries, shared
from .packs import MANIFEST, Entry, Pictures, open_rgb

RATE = 6e-4  # Adam's learning rate at the start
SHOWN = 6  # examples in the grids
BACK = "back"  # the view of pictures that are left out
LOOKED_AT = "looked_at"  # in the run's folder: what the segmenter and the pose network said of each picture
OFTEN = {"upper": 2, "dress": 3}  # times that a shot comes in each epoch: tops matter most, dresses are few
LEAST = 0.1  # below this visibility the teacher only guesses that a joint is in the picture
COVERED = 0.5  # score, at least, of a joint that lies in the picture
FRAMED = 0.7  # share of a garment, at least, that lies where the joints say
WHITE = 255
KIND_OF: dict[str, Garment] = {"upper": "upper", "lower": "lower", "dress": "dress"}  # by the pack's region


@dataclass(frozen=True)
class Plan(plans.Plan):
    """A whole training of the composer."""

    minutes: float | None = 90.0
    batch: int = 4
    rate: float = RATE
    poses: Path | None = None  # a table of joints, as a teacher wrote it; None: the packaged network finds them
    start: Path | None = None  # a run whose averaged weights are begun with
    config: ComposerTaskConfig = field(default_factory=ComposerTaskConfig)


class FittedShots(Pictures):
    """Photos from the front, by index, with what the composer's sampler needs; what is looked up is kept on disk.

    Pictures of one pack with equal `source`, `style` and `view` and a `garment_mask` are one shot's colourways; without
    that mask each picture is a shot. Left out are those without a `person_mask`, those of whose wearer no shoulders are
    seen, and those whose garment lies elsewhere than the joints say.

    Args:
        entries: of packs of people.
        folder: where what the networks say is kept.
        poses: file name in the pack → joints; where it is None the packaged network is asked.
        often: kind → how many times its shots come in each epoch; else once.

    Raises:
        FileNotFoundError: none is left.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        folder: Path,
        poses: Mapping[str, Pose] | None = None,
        often: Mapping[str, int] | None = None,
    ) -> None:
        shots = grouped(entries)
        known = {place: _look(shot[0], folder, poses) for place, shot in shots.items()}
        repeated = often or {}
        chosen = [
            shot
            for place, shot in shots.items()
            for _ in range(repeated.get(kind_of(shot[0]), 1))
            if _fits(shot[0], known[place][0])
        ]
        super().__init__([shot[0] for shot in chosen])
        self.colourways = chosen
        self._known = known
        self._opened: dict[tuple[str, ...], tuple[tuple[Image.Image, ...], Image.Image, Image.Image | None]] = {}

    def __getitem__(self, index: int) -> Image.Image:
        return self.example(index).picture

    def example(self, index: int) -> TryOnExample:
        """A shot; its pictures are read once and then kept."""
        shot = self.colourways[index]
        first, place = shot[0], _shot(shot[0])
        if place not in self._opened:
            pictures = tuple(open_rgb(entry.path) for entry in shot)
            worn = open_mask(first, "garment_mask") if first.facts.get("garment_mask") else None
            self._opened[place] = pictures, open_mask(first, "person_mask"), worn
        pictures, person, worn = self._opened[place]
        pose, classes = self._known[place]
        planes = [Image.fromarray(plane).resize(person.size, Image.Resampling.BILINEAR) for plane in classes]
        return TryOnExample(
            pictures[0],
            first.label,
            first.facts,
            pictures=pictures,
            person=person,
            worn=worn,
            kind=kind_of(first),
            pose=pose,
            classes=np.stack([np.asarray(plane) for plane in planes]),
        )

    def distinct(self) -> list[TryOnExample]:
        """Every shot once."""
        known = {_shot(shot[0]): index for index, shot in enumerate(self.colourways)}
        return [self.example(index) for index in known.values()]


def grouped(entries: Sequence[Entry]) -> dict[tuple[str, ...], list[Entry]]:
    """Shots from the front that show a person: what names each, and its colourways."""
    shots: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        if entry.facts.get("person_mask") and entry.facts.get("view") != BACK:
            shots.setdefault(_shot(entry), []).append(entry)
    return shots


def open_mask(entry: Entry, column: str) -> Image.Image:
    """A mask that a pack's manifest names, mode L."""
    with Image.open(_pack(entry) / entry.facts[column]) as image:
        return image.convert("L")


def kind_of(entry: Entry) -> Garment:
    """What a picture sells, by its pack's `category` and `region`.

    Raises:
        ValueError: it is nothing that the composer is trained for.
    """
    if entry.facts.get("category") == "skirt":
        return "skirt"
    region = entry.facts.get("region", "")
    if region not in KIND_OF:
        raise ValueError(f"{entry.name} sells something for the region {region!r}; there are {', '.join(KIND_OF)}")
    return KIND_OF[region]


def read_poses(table: Path, sizes: Mapping[str, tuple[int, int]] | None = None) -> dict[str, Pose]:
    """A teacher's table: file name in the pack → joints.

    Args:
        table: a CSV with the columns `file`, `view` and x, y, v (visibility, 0..1) of the 17 joints.
        sizes: file name → (width, height), where known: joints beyond them are not in the picture.
    """
    found = {}
    with table.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            width, height = (sizes or {}).get(row["file"], (np.inf, np.inf))
            points = tuple((float(row[f"x{n}"]), float(row[f"y{n}"])) for n in range(len(NAMES)))
            scores = []
            for number, (x, y) in enumerate(points):
                visibility = float(row[f"v{number}"])
                inside = 0 <= x < width and 0 <= y < height and visibility >= LEAST
                scores.append(max(visibility, COVERED) if inside else 0.0)
            found[row["file"]] = Pose(points, tuple(scores), "back" if row.get("view") == BACK else "front")
    return found


def run(plan: Plan) -> Trained:
    """Train on the train split; measure on the test split where there is one and write `measured.json`.

    Raises:
        FileNotFoundError, FileExistsError: see `plan.carry_out`.
        WeightsMissing: the networks that look at the pictures are not there.
    """
    known = _poses(plan, plan.entries("train")) if plan.poses else None

    def read(split: str) -> FittedShots:
        return FittedShots(plan.entries(split), plan.out / LOOKED_AT, known, OFTEN if split == "train" else None)

    settings = plan.settings(rate_G=plan.rate, rate_D=2e-4, ema=0.998, warmup=0.02, show_seconds=300.0)

    def make(device: torch.device) -> ComposerTask:
        task = ComposerTask(plan.config, device)
        if plan.start is not None and not (plan.out / "checkpoint.pt").exists():
            begun = checkpoint.read(plan.start / "checkpoint.pt", "steady")
            task.generator.load_state_dict(fitting(begun, Composer(plan.config.network)))
        shots = read("train").distinct()
        some = shots[:: -(-len(shots) // SHOWN)]
        task.begin(task.sampler(some, np.random.default_rng(plan.seed)))
        return task

    trained = plans.carry_out(plan, plan.config, settings, read, make, SHOWN)
    if not isinstance(trained.task, ComposerTask):
        raise TypeError(f"the plan made a task for {trained.task.name}")
    packs = [folder for folder in plan.data if (folder / MANIFEST).is_file()]
    if packs:
        held_out = FittedShots(entries(packs, "test"), plan.out / LOOKED_AT, known).distinct()
        plans.write_measured(plan.out, {"test": trained.task.measure(trained.generator, held_out)})
    return trained


def _poses(plan: Plan, known: Sequence[Entry]) -> dict[str, Pose]:
    """The table's joints; packs of people hold pictures of one size."""
    if plan.poses is None:
        raise ValueError("the plan names no table of joints")
    with Image.open(known[0].path) as image:
        size = image.size
    with plan.poses.open(newline="", encoding="utf-8") as lines:
        names = [row["file"] for row in csv.DictReader(lines)]
    return read_poses(plan.poses, dict.fromkeys(names, size))


def _fits(entry: Entry, pose: Pose) -> bool:
    """Whether the joints may be right: the shoulders are seen, and most of the garment is where they put it."""
    if min(pose.score(f"{side}_shoulder") for side in ("left", "right")) < COVERED:
        return False
    if not entry.facts.get("garment_mask"):
        return True
    worn = open_mask(entry, "garment_mask")
    frame = framed(of_pose(pose), kind_of(entry), pose.point("nose"), worn.size)
    seen = np.asarray(frame.cut(worn, None)) > WHITE // 2
    return bool(seen.sum() >= FRAMED * (np.asarray(worn) > WHITE // 2).sum())


def _look(entry: Entry, folder: Path, poses: Mapping[str, Pose] | None) -> tuple[Pose, NDArray[np.uint8]]:
    """Joints, and the segmenter's probabilities (K, h, w), of a picture."""
    name = hashlib.sha256(str(entry.path.resolve()).encode()).hexdigest()[:20]
    path = folder / f"{name}.npz"
    if path.exists():
        with np.load(path) as kept:
            classes, joints = kept["classes"], kept["joints"]
    else:
        picture = open_rgb(entry.path)
        seen = _segmenter().look(picture).classes
        classes = np.rint(seen * 255).clip(0, 255).astype(np.uint8)
        pose = _finder().look(picture) if poses is None else poses.get(entry.facts["file"])
        joints = _table(pose)
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, classes=classes, joints=joints)
    points = tuple((float(x), float(y)) for x, y, _ in joints)
    return Pose(points, tuple(float(score) for _, _, score in joints)), classes


def _table(pose: Pose | None) -> NDArray[np.float64]:
    """(17, 3): x, y, score; no scores where nobody was found."""
    if pose is None:
        return np.zeros((len(NAMES), 3))
    return np.array([(*point, score) for point, score in zip(pose.points, pose.scores, strict=True)])


@lru_cache(maxsize=1)
def _segmenter() -> Any:
    return load("segment", device="cpu")


@lru_cache(maxsize=1)
def _finder() -> Any:
    return load("pose", device="cpu")


def _pack(entry: Entry) -> Path:
    return entry.path.parents[len(Path(entry.facts["file"]).parts) - 1]


def _shot(entry: Entry) -> tuple[str, ...]:
    facts = entry.facts
    if facts.get("style") and facts.get("view") and facts.get("garment_mask"):
        return str(_pack(entry)), facts.get("source", ""), facts["style"], facts["view"]
    return (str(entry.path),)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.set_defaults(minutes=Plan.minutes, batch=Plan.batch)
    task = ComposerTaskConfig()
    parser.add_argument(
        "--poses", type=Path, metavar="FILE", help="joints that a teacher wrote; else the packaged ones"
    )
    parser.add_argument("--rate", "--rate-G", type=above_zero, default=RATE, help="Adam's learning rate (%(default)s)")
    parser.add_argument(
        "--coarse", type=float, default=task.coarse, help="share of the run at half the resolution (%(default)s)"
    )
    parser.add_argument("--gan-start", type=float, default=task.gan_start, help="share of the run (%(default)s)")
    parser.add_argument("--gan-weight", type=float, default=task.gan_weight, help="of G's hinge loss (%(default)s)")
    parser.add_argument("--start", type=Path, metavar="RUN", help="begin with the averaged weights of this run")
    parser.add_argument("--small", action="store_true", help="every picture at half the size: four times as many")
    parser.add_argument("--no-gan", action="store_true", help="without the discriminator")


def _run(options: Namespace) -> Trained:
    config = ComposerTaskConfig(coarse=options.coarse, gan_start=options.gan_start, gan_weight=options.gan_weight)
    if options.no_gan:
        config = replace(config, discriminator=None)
    if options.small:
        # The network looks at as many pixels as it will of larger pictures.
        half = replace(config.sampler, size=(WIDTH // 2, HEIGHT // 2))
        config = replace(config, sampler=half, network=replace(config.network, reduction=1), coarse=0.0)
    return run(Plan(**shared(options), rate=options.rate, poses=options.poses, start=options.start, config=config))


KIND = Kind("tryon", "the composer of try-on, from photos of people with their masks", _add_arguments, _run)
