"""Where a face's points are. They live in memory while one picture is made; nothing writes or returns them.

The points are those of MediaPipe's face mesh, an optional extra. Points and picture are all that comes in or out: no
measure by which somebody could be recognised is computed.

Source: Kartynnik et al. 2019, "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs" (the numbering).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shop_genai.errors import ExtraMissing

Points = NDArray[np.float64]
Box = tuple[int, int, int, int]  # left, upper, right, lower

COUNT = 468  # points of the mesh; those of the irises, which may follow, are not used
LEAST_SURE = 0.3  # of the detector; a wrong face is thrown out by its shape


@dataclass(frozen=True, repr=False)
class Face:
    """One face: (468, 3), x and y in pixels of the picture, z away from the camera in the same unit."""

    points: Points

    def __getitem__(self, number: int) -> Points:
        return np.asarray(self.points[number])

    def mean(self, *numbers: int) -> Points:
        """The middle of some points."""
        return np.asarray(self.points[list(numbers)].mean(axis=0))

    @property
    def width(self) -> float:
        """Pixels from one temple to the other, in space."""
        return float(np.linalg.norm(self.points[454] - self.points[234]))


class FaceFinder(Protocol):
    """What finds faces."""

    def look(self, picture: Image.Image, near: Iterable[Box] = ()) -> list[Face]:
        """The faces in an RGB picture, and, if none is seen, those in parts of it."""


class MediapipeFaces:
    """MediaPipe's face mesh, its models inside the package.

    Raises:
        ExtraMissing: it is not installed.
    """

    def __init__(self) -> None:
        try:
            from mediapipe.python.solutions import face_mesh
        except ImportError as error:
            raise ExtraMissing(
                "Accessories need MediaPipe's face mesh. Install it with: pip install 'shop-genai[mediapipe]' "
                "(Python 3.12 or older).",
                extra="mediapipe",
            ) from error
        self._mesh: Any = face_mesh.FaceMesh(
            static_image_mode=True, max_num_faces=3, refine_landmarks=True, min_detection_confidence=LEAST_SURE
        )

    def look(self, picture: Image.Image, near: Iterable[Box] = ()) -> list[Face]:
        """See `FaceFinder`."""
        whole = (0, 0, picture.width, picture.height)
        for box in (whole, *near):
            found = self._in(picture, box)
            if found:
                return found
        return []

    def _in(self, picture: Image.Image, box: Box) -> list[Face]:
        part = picture if box == (0, 0, *picture.size) else picture.crop(box)
        answer = self._mesh.process(np.ascontiguousarray(part))
        faces = []
        for found in answer.multi_face_landmarks or ():
            points = np.array([(point.x, point.y, point.z) for point in found.landmark[:COUNT]])
            # Depth is in the unit of x.
            points *= (part.width, part.height, part.width)
            points[:, :2] += box[:2]
            faces.append(Face(points))
        return [face for face in faces if _is_one(face, picture.size)]


def _is_one(face: Face, size: tuple[int, int]) -> bool:
    """Whether the points lie as those of a face do: eyes over mouth over chin, mostly inside the picture."""
    down = face[152] - face[10]
    height = float(np.linalg.norm(down))
    if height < 1 or face.width < 1 or not 0.4 < face.width / height < 1.8:
        return False
    along = [float((face[number] - face[10]) @ down) / height**2 for number in (168, 1, 13, 152)]
    inside = np.all((face.points[:, :2] >= 0) & (face.points[:, :2] < size), axis=1).mean()
    return along == sorted(along) and bool(inside > 0.8)
