"""Which part of a picture is looked at: the whole of it first, then closer round the joints that are in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .keypoints import NAMES, SEEN

Values = NDArray[np.float64]
Box = tuple[float, float, float, float]  # left, upper, right, lower; may reach beyond the picture

ROOM = 0.3  # of the trunk's length, around the joints that are in the picture, in a closer look
HEAD = 0.45  # of the trunk's length: room above the eyes and the nose, for the rest of the head
FEW = 4  # joints below which there is nothing to look closer at
SMALLEST = 8.0  # pixels: shorter side of a box that can be looked at
SHOULDERS, HIPS = ([NAMES.index(f"{side}_{joint}") for side in ("left", "right")] for joint in ("shoulder", "hip"))
FACE = slice(0, 5)


def closer(points: Values, inside: Values, limits: Box) -> Box | None:
    """What to look at more closely: the joints that are in the picture, with room; None where there are too few.

    Args:
        points: (17, 2), pixels of the picture.
        inside: (17,): probability of lying in it.
        limits: of the picture.
    """
    least, most = np.array(limits[:2]), np.array(limits[2:])
    within = (inside >= SEEN) & (points >= least).all(axis=1) & (points <= most).all(axis=1)
    if within.sum() < FEW:
        return None
    unit = trunk(points)
    left, upper = points[within].min(axis=0) - ROOM * unit
    right, lower = points[within].max(axis=0) + ROOM * unit
    if within[FACE].any():
        upper = min(upper, float(points[FACE][within[FACE], 1].min()) - HEAD * unit)
    box = (max(limits[0], left), max(limits[1], upper), min(limits[2], right), min(limits[3], lower))
    return box if min(box[2] - box[0], box[3] - box[1]) >= SMALLEST else None


def trunk(points: Values) -> float:
    """From the shoulders to the hips, or the shoulders' distance where that is longer, in pixels; at least 1."""
    shoulders, hips = points[SHOULDERS], points[HIPS]
    long = float(np.linalg.norm(shoulders.mean(axis=0) - hips.mean(axis=0)))
    return max(long, float(np.linalg.norm(shoulders[0] - shoulders[1])), 1.0)
