"""The teacher's table, with a fake in MediaPipe's place that finds everybody at the same place."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from shop_genai.errors import ExtraMissing
from shop_genai.generation.pose.keypoints import NAMES
from shop_genai.generation.pose.mediapipe_pose import OF_COCO
from shop_genai.training import teacher
from shop_genai.training.tryon import read_poses

SHOULDERS = {"left_shoulder": (0.75, 0.25), "right_shoulder": (0.25, 0.25)}


class Finder:
    """Finds shoulders in every picture that is not black."""

    def __init__(self, **options: Any) -> None:
        assert options["static_image_mode"]

    def process(self, pixels: np.ndarray) -> Any:
        if pixels.max() == 0:
            return SimpleNamespace(pose_landmarks=None)
        marks = [SimpleNamespace(x=0.5, y=1.5, visibility=0.2)] * 33
        for name, (x, y) in SHOULDERS.items():
            marks[OF_COCO[NAMES.index(name)]] = SimpleNamespace(x=x, y=y, visibility=1.0)
        return SimpleNamespace(pose_landmarks=SimpleNamespace(landmark=marks))


@pytest.fixture
def _mediapipe(monkeypatch: pytest.MonkeyPatch) -> None:
    solutions = ModuleType("mediapipe.python.solutions")
    solutions.pose = SimpleNamespace(Pose=Finder)  # type: ignore[attr-defined]  # a module is filled
    monkeypatch.setitem(sys.modules, "mediapipe", ModuleType("mediapipe"))
    monkeypatch.setitem(sys.modules, "mediapipe.python", ModuleType("mediapipe.python"))
    monkeypatch.setitem(sys.modules, "mediapipe.python.solutions", solutions)


def pictures(folder: Path) -> Path:
    """One of somebody, 80 x 40, and one that is black."""
    folder.mkdir()
    Image.new("RGB", (80, 40), (200, 100, 50)).save(folder / "somebody.png")
    Image.new("RGB", (80, 40)).save(folder / "nobody.png")
    return folder


@pytest.mark.usefixtures("_mediapipe")
def test_a_folder_is_labelled_and_the_table_is_what_the_training_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "poses.csv"
    teacher.main([str(pictures(tmp_path / "folder")), str(table)])
    assert "1 of 2 pictures" in capsys.readouterr().out
    poses = read_poses(table, {"somebody.png": (80, 40)})
    assert poses.keys() == {"somebody.png"}
    pose = poses["somebody.png"]
    assert pose.point("left_shoulder") == (60, 10)
    assert pose.point("left_hip") is None  # below the picture
    assert pose.facing == "front"  # told by the shoulders, for a folder says nothing


@pytest.mark.usefixtures("_mediapipe")
def test_a_pack_says_the_view_and_the_splits(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "pack")
    Image.new("RGB", (80, 40), (200, 100, 50)).save(folder / "other.png")
    (folder / "manifest.csv").write_text(
        "file,split,view\nsomebody.png,test,back\nnobody.png,train,main\nother.png,heldout,main\n"
    )
    table = tmp_path / "poses.csv"
    assert teacher.label(folder, table) == (1, 2)
    with table.open() as lines:
        (row,) = csv.DictReader(lines)
    assert (row["file"], row["view"], row["split"]) == ("somebody.png", "back", "test")
    with pytest.raises(FileNotFoundError):
        teacher.label(folder, table, ["val"])


def test_without_mediapipe_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe.python.solutions", None)
    with pytest.raises(ExtraMissing, match="pip install"):
        teacher.label(pictures(tmp_path / "folder"), tmp_path / "poses.csv")
    with pytest.raises(SystemExit):
        teacher.main([str(tmp_path / "folder"), str(tmp_path / "poses.csv")])
