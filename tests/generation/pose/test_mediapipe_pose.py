"""MediaPipe's pose, played by a fake, and, where it is installed, for real."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from shop_genai.errors import ExtraMissing
from shop_genai.generation.pose.keypoints import NAMES
from shop_genai.generation.pose.mediapipe_pose import OF_COCO, MediapipePose
from tests.generation.tryon.person import joints

SAMPLES = Path(__file__).parents[3] / "example_project" / "shop" / "samples"
SIZE = (384, 512)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What the fake finds: `points` by name in pixels, or None; `faces`, widths in shares of the picture."""
    found = SimpleNamespace(points=joints(), faces=[0.1])

    class Pose:
        def __init__(self, **options: Any) -> None:
            assert options["static_image_mode"]

        def process(self, pixels: np.ndarray) -> Any:
            assert pixels.shape == (SIZE[1], SIZE[0], 3)
            if found.points is None:
                return SimpleNamespace(pose_landmarks=None)
            landmarks = [SimpleNamespace(x=0.0, y=0.0)] * 33
            for name, place in zip(NAMES, OF_COCO, strict=True):
                x, y = found.points[name]
                landmarks[place] = SimpleNamespace(x=x / SIZE[0], y=y / SIZE[1])
            return SimpleNamespace(pose_landmarks=SimpleNamespace(landmark=landmarks))

    class FaceDetection:
        def __init__(self, **options: Any) -> None:
            pass

        def process(self, pixels: np.ndarray) -> Any:
            def face(width: float) -> Any:
                box = SimpleNamespace(relative_bounding_box=SimpleNamespace(width=width))
                return SimpleNamespace(location_data=box, score=[0.9])

            return SimpleNamespace(detections=[face(width) for width in found.faces] or None)

    solutions = ModuleType("mediapipe.python.solutions")
    solutions.pose = SimpleNamespace(Pose=Pose)  # type: ignore[attr-defined]  # a module is filled
    solutions.face_detection = SimpleNamespace(FaceDetection=FaceDetection)  # type: ignore[attr-defined]  # the same
    for name, module in (
        ("mediapipe", ModuleType("mediapipe")),
        ("mediapipe.python", ModuleType("mediapipe.python")),
        ("mediapipe.python.solutions", solutions),
    ):
        monkeypatch.setitem(sys.modules, name, module)
    return found


def look() -> Any:
    return MediapipePose().look(Image.new("RGB", SIZE))


def test_joints_are_in_pixels_and_below_the_picture_they_are_not_seen(answers: SimpleNamespace) -> None:
    pose = look()
    assert pose.point("left_shoulder") == pytest.approx((248, 170))
    assert pose.point("left_ankle") is None
    assert (pose.people, pose.facing) == (1, "front")


def test_who_shows_the_back_has_the_left_shoulder_on_the_left(answers: SimpleNamespace) -> None:
    answers.points = {name: (SIZE[0] - x, y) for name, (x, y) in joints().items()}
    assert look().facing == "back"


@pytest.mark.parametrize("tilt", [0.0, 0.4])
def test_narrow_shoulders_are_seen_from_the_side(answers: SimpleNamespace, tilt: float) -> None:
    flat = {name: (192 + 0.1 * (x - 192), y) for name, (x, y) in joints().items()}
    answers.points = {name: (x - tilt * (y - 250), y + tilt * (x - 192)) for name, (x, y) in flat.items()}
    assert look().facing == "side"


def test_nobody_and_several(answers: SimpleNamespace) -> None:
    answers.faces = [0.1, 0.08]
    assert look().people == 2
    answers.faces = [0.1, 0.03]
    assert look().people == 1
    answers.faces = []
    assert look().people == 1
    answers.points = None
    pose = look()
    assert pose.people == 0
    assert pose.point("nose") is None


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("mediapipe", "mediapipe.python", "mediapipe.python.solutions"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ExtraMissing, match=r"shop-genai\[mediapipe\]"):
        MediapipePose()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", sorted((SAMPLES / "fitting").glob("*.jpg")), ids=lambda path: path.stem)
def test_for_real(path: Path) -> None:
    pytest.importorskip("mediapipe", reason="the extra shop-genai[mediapipe] is not installed")
    with Image.open(path) as photo:
        pose = MediapipePose().look(photo.convert("RGB"))
    assert (pose.people, pose.facing) == (1, "front")
    left, right = pose.point("left_shoulder"), pose.point("right_shoulder")
    assert left is not None
    assert right is not None
    assert left[0] > right[0]
    hip = pose.point("left_hip")
    assert hip is not None
    assert hip[1] > left[1]
