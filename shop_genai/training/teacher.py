"""The teacher of the pose network: MediaPipe labels the people of a pack, `python -m shop_genai.training.teacher`.

It is needed once, to make the table that `genai_train pose --poses TABLE` learns from; neither training nor the trained
network needs it. Every pack, or any folder of pictures, can be labelled.

Source: Bazarevsky et al. 2020, "BlazePose: On-device Real-time Body Pose Tracking".
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from shop_genai.errors import ExtraMissing
from shop_genai.generation.pose.keypoints import NAMES
from shop_genai.generation.pose.mediapipe_pose import OF_COCO

from .packs import MANIFEST, Entry, open_rgb, read_pack

SPLITS = ("train", "val", "test")
BACK, FRONT = "back", "main"  # views, by their names in packs of people
LEAST_SURE = 0.3  # of its detector, for a person to be labelled
COLUMNS = ("file", "view", "split", *(f"{what}{number}" for number in range(len(NAMES)) for what in "xyv"))


def label(folder: Path, table: Path, splits: Sequence[str] = SPLITS) -> tuple[int, int]:
    """Write a table: a row for each picture that somebody is found in.

    Args:
        folder: a pack, or any folder of pictures, of which all are then of the split "train".
        table: the file that is written: `COLUMNS`; places in pixels, visibility 0..1.
        splits: of the pack, to label.

    Returns:
        How many pictures are labelled, and how many there are.

    Raises:
        ExtraMissing: MediaPipe is not installed.
        FileNotFoundError: there are no pictures.
    """
    finder, labelled, total = _finder(), 0, 0
    with table.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for name, split, entry in _pictures(folder, splits):
            total += 1
            picture = open_rgb(entry.path)
            found = finder.process(np.asarray(picture)).pose_landmarks
            if found is None:
                continue
            landmarks = [found.landmark[number] for number in OF_COCO]
            places = [(mark.x * picture.width, mark.y * picture.height, mark.visibility) for mark in landmarks]
            view = entry.facts.get("view") or _view([(x, y) for x, y, _ in places])
            rows.writerow([name, view, split, *(f"{value:.3f}" for place in places for value in place)])
            labelled += 1
    return labelled, total


def _pictures(folder: Path, splits: Sequence[str]) -> Iterator[tuple[str, str, Entry]]:
    """Each picture's name in its pack, its split, and itself."""
    if not (folder / MANIFEST).is_file():
        for entry in read_pack(folder, SPLITS[0]):
            yield str(entry.path.relative_to(folder)), SPLITS[0], entry
        return
    found = False
    for split in splits:
        try:
            entries = read_pack(folder, split)
        except FileNotFoundError:
            continue  # not every pack has every split
        for entry in entries:
            found = True
            yield entry.facts["file"], split, entry
    if not found:
        raise FileNotFoundError(f"{folder} has no pictures in the splits {', '.join(splits)}")


def _view(points: Sequence[tuple[float, float]]) -> str:
    """From the front the left shoulder is on the right of the picture."""
    left, right = points[NAMES.index("left_shoulder")], points[NAMES.index("right_shoulder")]
    return FRONT if left[0] > right[0] else BACK


def _finder() -> Any:
    try:
        from mediapipe.python.solutions import pose
    except ImportError as error:
        raise ExtraMissing(
            "The teacher is MediaPipe. Install it with: pip install 'shop-genai[mediapipe]' (Python 3.12 or older).",
            extra="mediapipe",
        ) from error
    return pose.Pose(static_image_mode=True, model_complexity=1, min_detection_confidence=LEAST_SURE)


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse and label."""
    parser = argparse.ArgumentParser(
        prog="python -m shop_genai.training.teacher", description="Label the joints of people, for the pose network."
    )
    parser.add_argument("folder", type=Path, help="a pack, or any folder of pictures")
    parser.add_argument("table", type=Path, help="the CSV file that is written")
    options: Any = parser.parse_args(arguments)
    try:
        labelled, total = label(options.folder, options.table)
    except (ExtraMissing, FileNotFoundError) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    print(f"{labelled} of {total} pictures are labelled in {options.table}")


if __name__ == "__main__":
    main()
