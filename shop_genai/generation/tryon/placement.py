"""Where a garment comes to lie on a person: for each of its parts, pairs of points in its picture and in the photo.

A garment that somebody wears in its picture hangs on that person's bones; one that lies flat gets the bones of the body
that it was cut for. Each point is carried from one skeleton to the other (`skeleton`). Cloth that lies flat is
half of what goes round a body: worn, it shows less width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .skeleton import (
    ARM,
    FOREARM,
    HIPS,
    LEG,
    SHANK,
    SIDES,
    THIGH,
    TRUNK,
    UPPER_ARM,
    Limb,
    Point,
    Skeleton,
    Vector,
    at_limb,
    carried_by_trunk,
    limb_of,
    on_limb,
)
from .warp import Points

Landmarks = Mapping[str, Point]

# Of the body's unit, the distance between the shoulder joints. Measures of shirts and bodies of size M.
SEAMS = 1.22  # between the shoulder seams of a garment that fits
CHEST = 1.40  # across the chest of a garment that fits, lying flat
IN, DOWN = 0.11, 0.10  # from the seam's top to the joint
WAIST = 0.95  # across the waistband of trousers that fit, lying flat
FLAT_TOP, FLAT_TRUNK, FLAT_LIMB = 0.95, 0.78, 0.76  # of a flat width is seen when it is worn: shoulders, trunk, limbs
WRIST = (1.85, 2.05)  # where along the arm a long sleeve ends at least, and at most
COVERED = 0.5  # half the width that hips take up at least
REACH = 0.24  # beside a bone: half of what a sleeve's or leg's points span
STEPS = (0.12, 0.45, 0.75, 1.0, 1.25, 1.6, 1.95)  # along a limb


@dataclass(frozen=True)
class Part:
    """A piece of the garment that is bent as one."""

    name: str  # "trunk", "left_arm", "right_arm", "left_leg", "right_leg"
    start: Points  # in the garment's picture
    end: Points  # in the photo


def flat_skeleton(landmarks: Landmarks, kind: str, sleeves: str) -> Skeleton:
    """The bones of the body that a garment which lies flat would fit, in the garment's picture."""
    at = {name: np.asarray(point, np.float64) for name, point in landmarks.items()}
    return _below(at) if kind in ("lower", "skirt") else _above(at, sleeves)


def _above(at: Mapping[str, Vector], sleeves: str) -> Skeleton:
    seams = at["shoulder_left"] - at["shoulder_right"]
    chest = at["armpit_left"] - at["armpit_right"]
    unit = float(np.linalg.norm(seams)) / SEAMS if sleeves != "none" else float(np.linalg.norm(chest)) / CHEST
    across = chest / max(float(np.linalg.norm(chest)), 1e-6)
    hem = (at["hem_left"] + at["hem_right"]) / 2
    top = (at["shoulder_left"] + at["shoulder_right"]) / 2
    down = (hem - top) / max(float(np.linalg.norm(hem - top)), 1e-6)
    neck = top + down * DOWN * unit
    pelvis = neck + down * TRUNK * unit
    joints: dict[str, Vector] = {}
    for side, sign in zip(SIDES, (0.5, -0.5), strict=True):
        joints[f"{side}_shoulder"] = shoulder = neck + across * sign * unit
        joints[f"{side}_hip"] = hip = pelvis + across * sign * HIPS * unit
        way, arm = down, unit * (UPPER_ARM + FOREARM)
        if sleeves != "none":
            cuff = (at[f"cuff_outer_{side}"] + at[f"cuff_inner_{side}"]) / 2
            root = (at[f"shoulder_{side}"] + at[f"armpit_{side}"]) / 2
            way = (cuff - root) / max(float(np.linalg.norm(cuff - root)), 1e-6)
            if sleeves == "long":  # whatever its measures are, it is made to end at the wrist
                length = float((cuff - shoulder) @ way)
                arm = length / float(np.clip(length / arm, WRIST[0] / 2, WRIST[1] / 2))
        upper = UPPER_ARM / (UPPER_ARM + FOREARM)
        joints[f"{side}_elbow"] = shoulder + way * arm * upper
        joints[f"{side}_wrist"] = shoulder + way * arm
        joints[f"{side}_knee"] = hip + down * THIGH * unit
        joints[f"{side}_ankle"] = hip + down * (THIGH + SHANK) * unit
    return _skeleton(joints)


def _below(at: Mapping[str, Vector]) -> Skeleton:
    across = at["waist_left"] - at["waist_right"]
    unit = float(np.linalg.norm(across)) / WAIST
    across = across / max(float(np.linalg.norm(across)), 1e-6)
    waist = (at["waist_left"] + at["waist_right"]) / 2
    ends = [name for name in ("hem_outer_left", "hem_outer_right", "hem_left", "hem_right") if name in at]
    end = np.mean([at[name] for name in ends], axis=0)
    down = (end - waist) / max(float(np.linalg.norm(end - waist)), 1e-6)
    pelvis = waist + down * 0.30 * unit  # hip joints lie under the waistband
    neck = pelvis - down * TRUNK * unit
    joints: dict[str, Vector] = {}
    for side, sign in zip(SIDES, (0.5, -0.5), strict=True):
        joints[f"{side}_shoulder"] = shoulder = neck + across * sign * unit
        joints[f"{side}_hip"] = hip = pelvis + across * sign * HIPS * unit
        way = down
        if f"hem_inner_{side}" in at:
            hem = (at[f"hem_outer_{side}"] + at[f"hem_inner_{side}"]) / 2
            way = (hem - hip) / max(float(np.linalg.norm(hem - hip)), 1e-6)
        joints[f"{side}_knee"], joints[f"{side}_ankle"] = hip + way * THIGH * unit, hip + way * (THIGH + SHANK) * unit
        joints[f"{side}_elbow"] = shoulder + down * UPPER_ARM * unit
        joints[f"{side}_wrist"] = shoulder + down * (UPPER_ARM + FOREARM) * unit
    return _skeleton(joints)


def _skeleton(joints: Mapping[str, Vector]) -> Skeleton:
    return Skeleton({name: (float(point[0]), float(point[1])) for name, point in joints.items()})


def parts(landmarks: Landmarks, kind: str, sleeves: str, old: Skeleton, new: Skeleton, *, flat: bool) -> list[Part]:
    """The parts of a garment, with what takes them from one skeleton to the other.

    Args:
        landmarks: of the garment, in its picture.
        kind: "upper", "lower", "skirt" or "dress".
        sleeves: "none", "short" or "long".
        old, new: the bones in the garment's picture, and those in the photo.
        flat: whether it lies flat in its picture.
    """
    start = {name: np.asarray(point, np.float64) for name, point in landmarks.items()}
    end = {name: _on_trunk(point, old, new, flat) for name, point in start.items() if not name.startswith("cuff")}
    if flat:
        _cover(end, new)
    names = [name for name in end if not (kind == "lower" and name.startswith("hem"))]
    # Between armpit and hem, or waist and hem, the sides stay as straight or as curved as they are.
    found = [Part("trunk", np.array([start[name] for name in names]), np.array([end[name] for name in names]))]
    for side in SIDES:
        if kind in ("upper", "dress") and sleeves != "none":
            found.append(_limb(f"{side}_arm", side, ARM, start, end, old, new, flat, ("shoulder", "armpit")))
        if kind == "lower":
            found.append(_limb(f"{side}_leg", side, LEG, start, end, old, new, flat, ()))
    return found


def carried(landmarks: Landmarks, old: Skeleton, new: Skeleton) -> dict[str, Point]:
    """Where the landmarks of a worn garment come to lie on other bones."""
    moved = {}
    for name, point in landmarks.items():
        place = np.asarray(point, np.float64)
        joints, side = (ARM if name.startswith("cuff") else LEG), name.rsplit("_", 1)[-1]
        if name.startswith(("cuff", "hem_outer", "hem_inner")):
            limb = limb_of(side, joints)
            end = at_limb(*on_limb(place, old, limb), new, limb)
        else:
            end = carried_by_trunk(place, old, new)
        moved[name] = (float(end[0]), float(end[1]))
    return moved


def _limb(
    name: str,
    side: str,
    joints: Limb,
    start: Mapping[str, Vector],
    end: Mapping[str, Vector],
    old: Skeleton,
    new: Skeleton,
    flat: bool,
    rooted: tuple[str, ...],
) -> Part:
    """A sleeve or a leg: points on both sides of its bones, and the landmarks by which it hangs on the trunk."""
    limb = limb_of(side, joints)
    narrow = FLAT_LIMB if flat else 1.0
    edges = ("cuff_outer", "cuff_inner") if joints is ARM else ("hem_outer", "hem_inner")
    ends = [on_limb(start[f"{edge}_{side}"], old, limb) for edge in edges]
    last = max(along for along, _ in ends)
    steps = [step for step in STEPS if step < last - 0.08] if last > STEPS[0] else []
    if joints is LEG:
        steps = [step for step in steps if step > 0.4]
    pairs = [(start[f"{root}_{side}"], end[f"{root}_{side}"]) for root in rooted]
    if joints is LEG:
        pairs += [(start[point], end[point]) for point in (f"hip_{side}", "crotch")]
    for along, beside in ends:
        place = at_limb(along, beside, old, limb)
        pairs.append((place, at_limb(along, beside * narrow, new, limb)))
    for along in steps:
        for beside in (REACH, -REACH):
            pairs.append((at_limb(along, beside, old, limb), at_limb(along, beside * narrow, new, limb)))
    return Part(name, np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs]))


def _on_trunk(point: Vector, old: Skeleton, new: Skeleton, flat: bool) -> Vector:
    if not flat:
        return carried_by_trunk(point, old, new)
    axis = old.pelvis - old.neck
    axis = axis / max(float(np.linalg.norm(axis)), 1e-6)
    along = float((point - old.neck) @ axis)
    middle = old.neck + axis * along
    # Not at the shoulders: cloth lies flat on them. Over the chest it begins to go round the body.
    share = float(np.clip(along / (0.35 * old.width), 0, 1))
    return carried_by_trunk(middle + (point - middle) * (FLAT_TOP + share * (FLAT_TRUNK - FLAT_TOP)), old, new)


def _cover(end: dict[str, Vector], new: Skeleton) -> None:
    """A hem that reaches the hips goes round them."""
    axis = (new.pelvis - new.neck) / max(float(np.linalg.norm(new.pelvis - new.neck)), 1e-6)
    for left in [name for name in end if name.endswith("_left") and name.startswith(("hem", "hip", "waist"))]:
        right = left.replace("_left", "_right")
        half = (end[left] - end[right]) / 2
        depth = float(((end[left] + end[right]) / 2 - new.neck) @ axis) / (TRUNK * new.width)
        least = COVERED * new.width * float(np.clip((depth - 0.45) / 0.4, 0, 1))
        wide = float(np.linalg.norm(half))
        if 1e-6 < wide < least:
            grow = half * (least / wide - 1)
            end[left], end[right] = end[left] + grow, end[right] - grow
