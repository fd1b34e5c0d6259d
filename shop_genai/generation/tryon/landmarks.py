"""The points by which a garment is known: their names, kind by kind. Torch-free.

“left” and “right” are the wearer's, as in COCO: of a garment that lies with its front up, left is on the right of the
picture.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, get_args

Kind = Literal["upper", "lower", "skirt", "dress"]
Sleeves = Literal["none", "short", "long"]
Point = tuple[float, float]  # x to the right, y down, in pixels of the picture

KINDS: tuple[Kind, ...] = get_args(Kind)
SLEEVES: tuple[Sleeves, ...] = get_args(Sleeves)

UPPER = (
    "neck_left",  # where the neck opening meets the shoulder
    "neck_right",
    "neck_front",  # the lowest point of the front neck line
    "shoulder_left",  # the top of the sleeve's seam; of a sleeveless garment the outer end of its strap
    "shoulder_right",
    "cuff_outer_left",  # the sleeve's end, the corner far from the body; sleeveless: as the shoulder
    "cuff_outer_right",
    "cuff_inner_left",  # and the corner towards the body; sleeveless: as the armpit
    "cuff_inner_right",
    "armpit_left",
    "armpit_right",
    "hem_left",
    "hem_right",
)
LOWER = (
    "waist_left",
    "waist_right",
    "hip_left",  # the widest above the crotch, on the outline
    "hip_right",
    "crotch",
    "hem_outer_left",
    "hem_outer_right",
    "hem_inner_left",
    "hem_inner_right",
)
SKIRT = ("waist_left", "waist_right", "hip_left", "hip_right", "hem_left", "hem_right")
DRESS = (*UPPER, "waist_left", "waist_right")  # the waist: on the outline, where it is narrowest

NECK = UPPER[:3]

OF_KIND: dict[Kind, tuple[str, ...]] = {"upper": UPPER, "lower": LOWER, "skirt": SKIRT, "dress": DRESS}
NAMES = tuple(dict.fromkeys((*DRESS, *LOWER, *SKIRT)))  # every name once

LINES: dict[Kind, tuple[tuple[str, ...], ...]] = {  # what is drawn to show them; closed where the ends are the same
    "upper": (
        ("neck_left", "neck_front", "neck_right"),
        *(
            (
                f"neck_{side}",
                f"shoulder_{side}",
                f"cuff_outer_{side}",
                f"cuff_inner_{side}",
                f"armpit_{side}",
                f"hem_{side}",
            )
            for side in ("left", "right")
        ),
        ("hem_left", "hem_right"),
    ),
    "lower": (
        ("waist_left", "waist_right"),
        *(
            (f"waist_{side}", f"hip_{side}", f"hem_outer_{side}", f"hem_inner_{side}", "crotch")
            for side in ("left", "right")
        ),
    ),
    "skirt": (("waist_left", "hip_left", "hem_left", "hem_right", "hip_right", "waist_right", "waist_left"),),
    "dress": (
        ("neck_left", "neck_front", "neck_right"),
        *(
            (
                f"neck_{side}",
                f"shoulder_{side}",
                f"cuff_outer_{side}",
                f"cuff_inner_{side}",
                f"armpit_{side}",
                f"waist_{side}",
                f"hem_{side}",
            )
            for side in ("left", "right")
        ),
        ("hem_left", "hem_right"),
    ),
}


def around_neck(landmarks: Mapping[str, Point]) -> tuple[float, float, float]:
    """The square in which the opening for the neck is looked at closely: its middle, x and y, and half its side."""
    (lx, ly), (rx, ry), (fx, fy) = (landmarks[name] for name in NECK)
    deep = math.hypot(fx - (lx + rx) / 2, fy - (ly + ry) / 2)
    half = 1.05 * max(math.hypot(lx - rx, ly - ry), deep, 1.0)
    return (lx + rx + fx) / 3, (ly + ry + fy) / 3, half


def mirrored(name: str) -> str:
    """The name of the same point on the other side of the body; its own in the middle."""
    if name.endswith("_left"):
        return name.removesuffix("left") + "right"
    if name.endswith("_right"):
        return name.removesuffix("right") + "left"
    return name
