"""Photos that cannot be dressed, each with its own code: a refusal that says what to do beats a bad picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from shop_genai.errors import ImageTooSmall, MultiplePeople, NoPerson, NotFrontFacing, TorsoCutOff
from shop_genai.generation.pose.keypoints import Pose
from shop_genai.generation.segment.classes import PERSON, number

SMALLEST = 256  # pixels, the shorter side of a photo
NARROWEST = 48  # pixels between the shoulders
CERTAIN = 0.6  # probability from which somebody else in the photo, or somebody's back, is believed
SHOWN = 0.6  # share of the trunk, from the shoulders to the hips, that has to be in the photo for a top
PERSONLIKE = 0.01  # share of the photo that skin, hair and clothes take up at least


def check_person(picture: Image.Image, pose: Pose, seen: Any, *, kind: str) -> None:
    """Refuse a photo that cannot be dressed.

    Args:
        picture: RGB.
        pose: of the person in it, in its pixels.
        seen: what the segmenter says of it: `classes` (K, h, w).
        kind: of the garment: "upper", "lower", "skirt" or "dress".

    Raises:
        ImageTooSmall: the photo, or the person in it.
        NoPerson: nobody is seen.
        MultiplePeople: several are.
        NotFrontFacing: the person is seen from behind or from the side.
        TorsoCutOff: the part of the body that the garment goes on is not in the photo.
    """
    if min(picture.size) < SMALLEST:
        raise ImageTooSmall(f"The photo needs at least {SMALLEST} pixels on each side.", field="person")
    few = _joints(pose) < 3
    if few and pose.people > 0 and pose.people_confidence >= CERTAIN:  # a face that fills the photo, or legs
        raise TorsoCutOff("Too little of the body is in this photo.", field="person", kind=kind)
    if pose.people == 0 or few or _share(seen.classes) < PERSONLIKE:
        raise NoPerson("Nobody is seen in this photo.", field="person")
    if pose.people > 1 and pose.people_confidence >= CERTAIN:
        raise MultiplePeople("More than one person is seen in this photo.", field="person")
    if pose.facing != "front" and pose.facing_confidence >= CERTAIN:
        raise NotFrontFacing("The person in this photo does not face the camera.", field="person")
    left, right = pose.point("left_shoulder"), pose.point("right_shoulder")
    if left is None or right is None or not _enough(picture, pose, kind):
        raise TorsoCutOff("Too little of the body is in this photo.", field="person", kind=kind)
    if float(np.hypot(left[0] - right[0], left[1] - right[1])) < NARROWEST:
        raise ImageTooSmall("The person in this photo is too small.", field="person")


def _share(classes: Any) -> float:
    """How much of the photo a person takes up."""
    return float(classes[[number(name) for name in PERSON]].sum(axis=0).mean())


def _joints(pose: Pose) -> int:
    """How many joints from head to hips are seen."""
    return sum(score >= 0.4 for score in pose.scores[:13])


def _enough(picture: Image.Image, pose: Pose, kind: str) -> bool:
    """Whether what the garment covers is in the photo."""
    hips = [pose.point(f"{side}_hip") for side in ("left", "right")]
    knees = [pose.point(f"{side}_knee") for side in ("left", "right")]
    if kind in ("lower", "skirt"):
        return None not in hips and any(knee is not None for knee in knees)
    if kind == "dress":
        return None not in hips
    if None not in hips:
        return True
    # Of a portrait that ends above the hips: how far down it goes, by the width of the shoulders.
    left, right = pose.points[5], pose.points[6]
    width = float(np.hypot(left[0] - right[0], left[1] - right[1]))
    level = (left[1] + right[1]) / 2
    return picture.height - level >= SHOWN * 1.45 * width
