"""The light that falls on a face, so that what is put on it is lit in the same way.

Skin is taken for a matt surface of one colour: its brightness is an ambient part and one that grows with how far a
place is turned to the light (Lambert). The directions of the face's surface are those of an ellipsoid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from .faces import Face
from .head import Head

Values = NDArray[np.float64]

RADII = np.array([0.52, 0.78, 0.62])  # of a head, in units
CENTRE = np.array([0.0, 0.12, 0.46])
SKIN = (
    *(10, 67, 297, 109, 338, 50, 280, 101, 330, 205, 425, 36, 266, 187, 411, 117, 346, 123),
    *(352, 147, 376, 213, 433, 199, 200, 208, 428, 151, 9, 108, 337, 69, 299, 104, 333, 5),
    *(4, 195, 48, 278, 207, 427, 192, 416),
)  # of the mesh: forehead, cheeks, nose, chin
USUAL = np.array([-0.25, -0.65, -0.72])  # the way to the light where a face says nothing: above, before it
FAITH = 0.3  # how much the usual light counts beside what is seen
SHINE = 40.0  # exponent of highlights


@dataclass(frozen=True)
class Light:
    """Where the light comes from, and how much there is."""

    towards: Values  # (3,), unit length: x right, y down, z away from the camera
    ambient: float  # 0..1, of the light that a surface turned to it gets
    exposure: float  # how bright the picture's whites are, 0..1

    def shaded(self, colour: Values, normals: Values, gloss: float = 0.0) -> Values:
        """Surfaces of that sRGB colour (3,) or (n, 3), 0..255, turned to (n, 3) → (n, 3) in sRGB, 0..255.

        Source: Blinn 1977, "Models of Light Reflection for Computer Synthesized Pictures" (highlights).
        """
        facing = np.clip(normals @ self.towards, 0, 1)
        level = self.ambient + (1 - self.ambient) * facing
        half = self.towards + np.array([0.0, 0.0, -1.0])
        half = half / np.linalg.norm(half)
        glint = gloss * np.clip(normals @ half, 0, 1) ** SHINE
        linear = (colour / 255) ** 2.2 * level[:, None] + glint[:, None]
        return np.asarray(255 * np.clip(linear * self.exposure**2.2, 0, 1) ** (1 / 2.2))


def light_on(picture: Image.Image, face: Face, head: Head) -> Light:
    """The light on a face in an RGB picture."""
    soft = np.asarray(picture.convert("L").filter(ImageFilter.GaussianBlur(max(1.0, 0.03 * head.unit))), np.float64)
    places = face.points[list(SKIN)]
    column = np.clip(places[:, 0].round().astype(int), 0, picture.width - 1)
    row = np.clip(places[:, 1].round().astype(int), 0, picture.height - 1)
    bright = (soft[row, column] / 255) ** 2.2
    normals = (head.of(places) - CENTRE) / RADII**2
    normals = head.turned(normals / np.linalg.norm(normals, axis=1, keepdims=True))
    relative = bright / max(float(bright.mean()), 1e-4)
    # Ridge regression: the normals of one side of a head say little of light from behind it.
    equations = np.concatenate([np.ones((len(normals), 1)), normals], axis=1)
    penalty = np.diag([0.0, 1.0, 1.0, 1.0]) * 0.12 * len(normals)
    answer = np.linalg.solve(equations.T @ equations + penalty, equations.T @ np.clip(relative, 0, 3))
    way = answer[1:] + FAITH * USUAL / np.linalg.norm(USUAL)
    way[2] = min(way[2], -0.3 * float(np.linalg.norm(way)))  # what lights a face comes from its side
    strength = float(np.linalg.norm(way))
    exposure = float(np.percentile(soft, 97)) / 245
    return Light(
        towards=way / max(strength, 1e-6),
        ambient=float(np.clip(1 - 0.8 * strength, 0.45, 0.75)),
        exposure=float(np.clip(exposure, 0.5, 1.0)),
    )
