"""A head in space: the directions of a face, and where points around it are seen in the picture.

Coordinates of the head: the unit is the face's width between the temples; the origin lies between the eyes; x goes to
the wearer's left, y down to the chin, z from the face to the back of the head.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .faces import Face

Points = NDArray[np.float64]

ACROSS = ((33, 263), (133, 362), (234, 454), (61, 291), (127, 356))  # the same place on the right and on the left
FOCAL = 0.9  # of the picture's longer side, of a usual camera
FACE = 15.0  # cm between the temples of a grown person's mesh


@dataclass(frozen=True, repr=False)
class Head:
    """A face's place, size and directions."""

    origin: Points  # (3,) in the picture's pixels
    axes: Points  # (3, 3): columns are the head's x, y and z
    unit: float  # pixels
    distance: float  # from the camera, in units

    @property
    def yaw(self) -> float:
        """Degrees that the face is turned to the wearer's left; 0 looks into the camera."""
        return float(np.degrees(np.arctan2(self.axes[2, 0], self.axes[0, 0])))

    @property
    def pitch(self) -> float:
        """Degrees that the face is bowed or raised."""
        return float(np.degrees(np.arcsin(np.clip(self.axes[1, 2], -1, 1))))

    def seen(self, points: Points) -> Points:
        """Places around the head (..., 3) → where they are seen, (..., 2) in pixels. What is nearer is larger."""
        away = points @ self.axes.T
        return np.asarray(self.origin[:2] + away[..., :2] * self.unit * self.nearness(away[..., 2])[..., None])

    def nearness(self, depth: Points) -> Points:
        """How much larger things are seen at that depth behind the eyes, in units along the line of sight."""
        return np.asarray(self.distance / np.maximum(self.distance + depth, 0.2 * self.distance))

    def turned(self, directions: Points) -> Points:
        """Directions of the head (..., 3) → of the picture: x right, y down, z away from the camera."""
        return np.asarray(directions @ self.axes.T)

    def of(self, points: Points) -> Points:
        """Points of the mesh (..., 3), as they are seen → places around the head; the inverse of `seen`."""
        away = (points - self.origin) / self.unit
        away[..., :2] /= self.nearness(away[..., 2])[..., None]
        return np.asarray(away @ self.axes)

    def hanging(self, length: float) -> Points:
        """(3,): what that many units straight down in the picture are in the head's coordinates."""
        return np.asarray(self.axes.T @ np.array([0.0, length, 0.0]))


def head_of(face: Face, size: tuple[int, int]) -> Head:
    """The head that a face belongs to.

    Args:
        face: the mesh.
        size: of the picture, (width, height).
    """
    across = np.sum([face[left] - face[right] for right, left in ACROSS], axis=0)
    x = across / np.linalg.norm(across)
    down = face[152] - face[10]
    y = down - (down @ x) * x
    y = y / np.linalg.norm(y)
    z = np.cross(x, y)
    eyes = face.mean(33, 133, 263, 362)
    distance = FOCAL * max(size) / max(face.width, 1.0)
    return Head(eyes, np.stack([x, y, z], axis=1), face.width, float(distance))
