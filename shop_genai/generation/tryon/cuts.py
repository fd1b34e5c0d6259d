"""What garments are drawn from: pieces of cloth and lines, landmarks, curves.

Lengths are centimetres, x to the right of the middle, y down from where the neck meets the shoulders (of trousers and
skirts: from the waist). The wearer's left is on the right, as in a picture of the front.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .landmarks import Kind, Sleeves

Points = NDArray[np.float64]  # (N, 2)
Rng = np.random.Generator

SIDES = (("left", 1.0), ("right", -1.0))


@dataclass(frozen=True)
class Patch:
    """A piece of cloth, or a line on one."""

    points: Points  # a closed outline; of a line its points in order
    tone: float = 1.0  # brightness against the cloth's
    role: str = "cloth"  # "cloth", "inside" (the far inner side), "ground" (a hole), "line", "mark" (label, button)
    width: float = 0.0  # cm, of a line


@dataclass
class Pattern:
    """A garment drawn up."""

    kind: Kind | Literal["other"]  # other: no garment, and no landmarks
    sleeves: Sleeves
    patches: list[Patch] = field(default_factory=list)
    landmarks: dict[str, Points] = field(default_factory=dict)  # name: (2,)
    open_front: bool | None = None  # None: it could be taken for either


def bowed(start: Points, end: Points, bow: float, count: int = 13, power: float = 0.5) -> Points:
    """A curve whose middle (`power` of the way) lies `bow` cm to the right of the straight way, as y points down."""
    way = end - start
    normal = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-6)
    control = start + way * power + 2 * bow * normal
    t = np.linspace(0, 1, count)[:, None]
    curve: Points = (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end
    return curve


def smooth(points: Sequence[Points], bow: float = 0.0) -> Points:
    """A curve through three points: two bows that meet without a corner as far as their places allow."""
    first, middle, last = points
    one = (middle - first) / max(float(np.hypot(*(middle - first))), 1e-6)
    two = (last - middle) / max(float(np.hypot(*(last - middle))), 1e-6)
    turn = float(one[0] * two[1] - one[1] * two[0])
    reach = min(float(np.hypot(*(middle - first))), float(np.hypot(*(last - middle))))
    bulge = -0.08 * turn * reach
    return np.concatenate([bowed(first, middle, bulge), bowed(middle, last, bulge + bow)[1:]])
