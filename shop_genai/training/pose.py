"""Training the pose network, on people whose joints a teacher labelled, and on pictures without anybody."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import nn

from shop_genai.generation.pose.keypoints import Pose
from shop_genai.generation.pose.sampler import Posed
from shop_genai.generation.pose.task import PoseTask, PoseTaskConfig

from . import checkpoint
from . import plan as plans
from .kinds import Kind, Trained, above_zero, shared
from .packs import MANIFEST, Entry, Pictures, open_rgb, read_pack
from .tryon import read_poses

SHOWN = 12  # pictures in the grids
LONGEST = 512  # pixels a side at which pictures are kept
NOBODY = 0.16  # share of the pictures of an epoch in which nobody is


@dataclass(frozen=True)
class Plan(plans.Plan):
    """A whole training of the pose network."""

    minutes: float | None = 45.0
    batch: int = 16
    rate: float = 1.5e-3  # Adam's learning rate at the start
    poses: Sequence[Path] = ()  # tables of joints, as a teacher wrote them (see `teacher`)
    start: Path | None = None  # a run whose averaged weights are begun with
    config: PoseTaskConfig = field(default_factory=PoseTaskConfig)


class PosedPictures(Pictures):
    """Pictures of one person, with joints where a table has them, and pictures of nobody.

    A pack that has `person_mask`s or that a table speaks of is one of people; every other is one of nobody.

    Raises:
        FileNotFoundError: none is left.
    """

    def __init__(self, packs: Sequence[Sequence[Entry]], poses: Mapping[str, Pose]) -> None:
        known = [(_of_people(pack, poses), pack) for pack in packs]
        people = [entry for shown, pack in known for entry in pack if shown]
        scenes = [entry for shown, pack in known for entry in pack if not shown]
        wanted = max(1, round(NOBODY * len(people) / (1 - NOBODY)))
        step = max(1, len(scenes) // wanted) if people else 1
        super().__init__([*people, *scenes[::step]])
        self._poses = poses
        self._people = {entry.path for entry in people}
        self._examples: dict[Path, Posed] = {}

    def __getitem__(self, index: int) -> Image.Image:
        return self.example(index).picture

    def example(self, index: int) -> Posed:
        """A picture with what is known of it, read once and then kept."""
        entry = self.entries[index]
        if entry.path not in self._examples:
            self._examples[entry.path] = self._read_posed(entry)
        return self._examples[entry.path]

    def _read_posed(self, entry: Entry) -> Posed:
        picture = open_rgb(entry.path)
        if entry.path not in self._people:
            picture.thumbnail((LONGEST, LONGEST))
            return Posed(picture, entry.label, entry.facts)
        pose = self._poses.get(_name(entry))
        person = None
        for column in ("person_mask", "labels"):  # in a map of labels 0 is the ground
            if entry.facts.get(column):
                with Image.open(_pack(entry) / entry.facts[column]) as image:
                    shown = Image.fromarray(np.where(np.asarray(image) > 0, 255, 0).astype(np.uint8))
                person = shown.filter(ImageFilter.MinFilter(3))  # without a rim of the old ground
                break
        if pose is not None:
            pose = _within(pose, picture.size)
            headless = entry.facts.get("region") == "lower"
            if not _stands(pose) or (headless and pose.point("nose") is not None):
                pose = None
        return Posed(picture, entry.label, entry.facts, pose=pose, person=person, people=1)


def run(plan: Plan) -> Trained:
    """Train on the train split; measure on the test split and write `measured.json`.

    Raises:
        FileNotFoundError, FileExistsError: see `plan.carry_out`.
    """
    poses: dict[str, Pose] = {}
    for table in plan.poses:
        poses |= read_poses(table)

    def read(split: str) -> PosedPictures:
        return PosedPictures([read_pack(folder, split) for folder in plan.data], poses)

    def make(device: torch.device) -> PoseTask:
        task = PoseTask(plan.config, device)
        if plan.start is not None and not (plan.out / "checkpoint.pt").exists():
            task.generator.load_state_dict(checkpoint.read(plan.start / "checkpoint.pt", "steady"))
        return task

    settings = plan.settings(rate_G=plan.rate, clip=5.0, ema=0.998, show_seconds=240.0)
    trained = plans.carry_out(plan, plan.config, settings, read, make, SHOWN)
    task = trained.task
    packs = [folder for folder in plan.data if (folder / MANIFEST).is_file()]
    if isinstance(task, PoseTask) and packs:
        plans.write_measured(plan.out, {"test": _measured(task, trained.generator, packs, poses)})
    return trained


def _measured(task: PoseTask, network: nn.Module, packs: Sequence[Path], poses: Mapping[str, Pose]) -> dict[str, float]:
    kept = []
    for folder in packs:
        try:
            kept.append(read_pack(folder, "test"))
        except FileNotFoundError:
            continue
    pictures = PosedPictures(kept, poses)
    return task.measure(network, [pictures.example(number) for number in range(len(pictures))])


def _of_people(pack: Sequence[Entry], poses: Mapping[str, Pose]) -> bool:
    return any(entry.facts.get("person_mask") or _name(entry) in poses for entry in pack)


def _within(pose: Pose, size: tuple[int, int]) -> Pose:
    """A teacher guesses joints that are out of the picture as well; those are not in it."""
    scores = tuple(
        score if 0 <= x < size[0] and 0 <= y < size[1] else 0.0
        for (x, y), score in zip(pose.points, pose.scores, strict=True)
    )
    return replace(pose, scores=scores)


def _stands(pose: Pose) -> bool:
    """Whether joints may be right: the head over the shoulders, those over the hips, the knees and the ankles, and the
    sides as the view says. Of people without a head in the picture a teacher often makes up others."""
    points = np.array(pose.points)
    levels = [points[0, 1], *(points[first : first + 2, 1].mean() for first in (5, 11, 13, 15))]
    turned = (points[5, 0] - points[6, 0]) * (-1 if pose.facing == "back" else 1)
    return bool(np.all(np.diff(levels) > 0)) and turned > 0


def _name(entry: Entry) -> str:
    return entry.facts.get("file") or entry.name


def _pack(entry: Entry) -> Path:
    return entry.path.parents[len(Path(entry.facts["file"]).parts) - 1]


def _add_arguments(parser: ArgumentParser) -> None:
    parser.set_defaults(minutes=Plan.minutes, batch=Plan.batch)
    parser.add_argument("--rate", type=above_zero, default=Plan.rate, help="Adam's learning rate (%(default)s)")
    parser.add_argument(
        "--poses",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="joints that a teacher wrote; repeatable",
    )
    parser.add_argument("--start", type=Path, metavar="RUN", help="begin with the averaged weights of this run")


def _run(options: Namespace) -> Trained:
    return run(Plan(**shared(options), rate=options.rate, poses=options.poses, start=options.start))


KIND = Kind("pose", "the joints of people, which way they face, and how many there are", _add_arguments, _run)
