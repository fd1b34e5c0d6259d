"""MediaPipe's pose in the place of our own network: stronger, and an optional extra.

It finds one person. Whether there are several is told from faces, and the side that somebody shows from the order of
the shoulders.

Source: Bazarevsky et al. 2020, "BlazePose: On-device Real-time Body Pose Tracking" (the numbering of its points).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from shop_genai.errors import ExtraMissing

from .keypoints import NAMES, Facing, Pose

OF_COCO = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)  # its numbers of our points
LEAST_SURE = 0.3  # of its detector
MARGIN = 0.01  # of the picture: so far beyond its edge a joint still counts as in it
MUCH_SMALLER = 0.55  # of the largest face: people in the background are not counted
ALIKE = 0.2  # of the trunk's length: shoulders that are nearer to each other are seen from the side


class MediapipePose:
    """Looks at people as `PosePipeline` does.

    Raises:
        ExtraMissing: MediaPipe is not installed.
    """

    digest, version = "", "mediapipe 0.10.21"

    def __init__(self) -> None:
        try:
            from mediapipe.python.solutions import face_detection, pose
        except ImportError as error:
            raise ExtraMissing(
                "This pose needs MediaPipe. Install it with: pip install 'shop-genai[mediapipe]' "
                "(Python 3.12 or older).",
                extra="mediapipe",
            ) from error
        self._pose: Any = pose.Pose(static_image_mode=True, model_complexity=1, min_detection_confidence=LEAST_SURE)
        self._faces: Any = face_detection.FaceDetection(model_selection=1, min_detection_confidence=0.5)

    def look(self, picture: Image.Image) -> Pose:
        """The pose of the person in an RGB picture."""
        pixels = np.ascontiguousarray(picture)
        found = self._pose.process(pixels).pose_landmarks
        faces = [
            (face.location_data.relative_bounding_box.width * picture.width, float(face.score[0]))
            for face in self._faces.process(pixels).detections or ()
        ]
        if found is None:
            return Pose(((0.0, 0.0),) * len(NAMES), (0.0,) * len(NAMES), people=0, people_confidence=0.8)
        landmarks = [found.landmark[number] for number in OF_COCO]
        points = tuple((point.x * picture.width, point.y * picture.height) for point in landmarks)
        scores = tuple(_inside(point.x, point.y) for point in landmarks)
        facing, sure = _facing(dict(zip(NAMES, points, strict=True)))
        several = _several(faces)
        return Pose(points, scores, facing, sure, 2 if several else 1, min((score for _, score in faces), default=0.7))


def _inside(x: float, y: float) -> float:
    """Whether a joint lies in the picture; its visibility says whether something covers it, which does not matter."""
    return 0.95 if -MARGIN <= x <= 1 + MARGIN and -MARGIN <= y <= 1 + MARGIN else 0.05


def _facing(at: dict[str, tuple[float, float]]) -> tuple[Facing, float]:
    """The side that somebody shows: from the front, the left shoulder is on the right of the picture."""
    left, right = np.array(at["left_shoulder"]), np.array(at["right_shoulder"])
    hips = (np.array(at["left_hip"]) + np.array(at["right_hip"])) / 2
    trunk = hips - (left + right) / 2
    long = max(float(np.linalg.norm(trunk)), 1e-6)
    # Across the trunk, so that a tilted camera changes nothing.
    across = float((left - right) @ np.array([trunk[1], -trunk[0]])) / long**2
    if abs(across) < ALIKE:
        return "side", float(np.clip(1 - abs(across) / ALIKE, 0.5, 1))
    return ("front" if across > 0 else "back"), float(np.clip(abs(across) / 0.4, 0.5, 1))


def _several(faces: list[tuple[float, float]]) -> bool:
    widths = sorted((width for width, _ in faces), reverse=True)
    return len(widths) > 1 and widths[1] > MUCH_SMALLER * widths[0]
