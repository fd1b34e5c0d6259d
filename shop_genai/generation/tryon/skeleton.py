"""The bones that clothes hang on, and how a point beside them moves when they move.

A garment's landmark is kept by the bone that carries it: so far along the bone, so far beside it, both in units of the
body. Put on another body, the same numbers give the place there; on the same body they give the same place to the bit,
which is why a garment taken from a photo can be put back where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shop_genai.generation.pose.keypoints import Pose

Point = tuple[float, float]
Vector = NDArray[np.float64]  # (2,): x, y

SIDES = ("left", "right")  # the wearer's
TORSO = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
Limb = tuple[str, str, str]  # three joints, from the trunk outwards
ARM: Limb = ("shoulder", "elbow", "wrist")
LEG: Limb = ("hip", "knee", "ankle")
# Lengths of bones in distances between the shoulder joints, of an adult who stands straight before the camera.
# Source: Drillis and Contini 1966, "Body Segment Parameters" (shares of the height of the body).
UPPER_ARM, FOREARM, TRUNK, THIGH, SHANK, HIPS = 0.86, 0.70, 1.45, 1.20, 1.20, 0.62


@dataclass(frozen=True)
class Skeleton:
    """Joints by their COCO names, each with its place in the picture; all are there, some of them guessed."""

    joints: Mapping[str, Point]
    guessed: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> Vector:
        return np.asarray(self.joints[name], np.float64)

    @property
    def neck(self) -> Vector:
        """Half-way between the shoulders."""
        return np.asarray((self["left_shoulder"] + self["right_shoulder"]) / 2)

    @property
    def pelvis(self) -> Vector:
        """Half-way between the hips."""
        return np.asarray((self["left_hip"] + self["right_hip"]) / 2)

    @property
    def width(self) -> float:
        """The body's unit: the distance between the shoulder joints, or what it would be seen from the front."""
        across = float(np.linalg.norm(self["left_shoulder"] - self["right_shoulder"]))
        return max(across, float(np.linalg.norm(self.pelvis - self.neck)) / TRUNK * 0.8)

    def moved(self, matrix: NDArray[np.float64]) -> Skeleton:
        """Every joint through a 2 x 3 affine."""
        joints = {name: tuple((matrix[:, :2] @ self[name] + matrix[:, 2]).tolist()) for name in self.joints}
        return Skeleton(joints, self.guessed)


def of_pose(pose: Pose) -> Skeleton:
    """The skeleton of somebody who faces the camera. Joints out of the picture are put where a body would have them.

    Raises:
        ValueError: a shoulder is not seen, and nothing can be guessed without.
    """
    seen = {name: pose.point(name) for name in (f"{side}_{joint}" for joint in (*ARM, *LEG) for side in SIDES)}
    joints = {name: np.asarray(point, np.float64) for name, point in seen.items() if point is not None}
    known = set(joints)
    if not {"left_shoulder", "right_shoulder"} <= known:
        raise ValueError("a skeleton needs both shoulders")
    middle = (joints["left_shoulder"] + joints["right_shoulder"]) / 2
    across = joints["left_shoulder"] - joints["right_shoulder"]
    width = float(np.linalg.norm(across))
    down = np.array([-across[1], across[0]]) / max(width, 1e-6)  # the shoulders' line turned by a right angle
    if {"left_hip", "right_hip"} <= known:
        trunk = (joints["left_hip"] + joints["right_hip"]) / 2 - middle
        down = trunk / max(float(np.linalg.norm(trunk)), 1e-6)
        width = max(width, float(np.linalg.norm(trunk)) / TRUNK * 0.8)
    for side in SIDES:
        away = 0.5 * HIPS * (1 if side == "left" else -1)
        _complete(joints, f"{side}_hip", middle + down * TRUNK * width + across * away)
        _complete(joints, f"{side}_elbow", joints[f"{side}_shoulder"] + down * UPPER_ARM * width + across * away * 0.3)
        _complete(joints, f"{side}_wrist", _beyond(joints, f"{side}_shoulder", f"{side}_elbow", FOREARM / UPPER_ARM))
        _complete(joints, f"{side}_knee", joints[f"{side}_hip"] + down * THIGH * width)
        _complete(joints, f"{side}_ankle", _beyond(joints, f"{side}_hip", f"{side}_knee", SHANK / THIGH))
    return Skeleton(
        {name: (float(point[0]), float(point[1])) for name, point in joints.items()}, frozenset(set(joints) - known)
    )


def _complete(joints: dict[str, Vector], name: str, place: Vector) -> None:
    joints.setdefault(name, place)


def _beyond(joints: Mapping[str, Vector], first: str, second: str, ratio: float) -> Vector:
    return np.asarray(joints[second] + (joints[second] - joints[first]) * ratio)


def carried_by_trunk(point: Vector, old: Skeleton, new: Skeleton) -> Vector:
    """A point of the trunk: beside and along the line from the neck to the pelvis."""
    return _trunk(new) @ np.linalg.solve(_trunk(old), point - old.neck) + new.neck


def limb_of(side: str, joints: Limb) -> Limb:
    """The joints of the left or the right one."""
    return f"{side}_{joints[0]}", f"{side}_{joints[1]}", f"{side}_{joints[2]}"


def on_limb(point: Vector, skeleton: Skeleton, limb: Limb) -> tuple[float, float]:
    """How far along a limb a point lies (0 to 1 the first bone, 1 to 2 the second, beyond as well), and how far beside
    it in units of the body, positive to the left of the way outwards."""
    places = []
    for number in range(2):
        start, end = skeleton[limb[number]], skeleton[limb[number + 1]]
        bone, normal, length = _bone(start, end)
        along = float((point - start) @ bone) / length
        beside = float((point - start) @ normal) / skeleton.width
        outside = max(0.0, -along if number == 1 else 0.0, along - 1 if number == 0 else 0.0)
        places.append((np.hypot(outside * length / skeleton.width, beside), along + number, beside))
    _distance, along, beside = min(places)
    return along, beside


def at_limb(along: float, beside: float, skeleton: Skeleton, limb: Limb) -> Vector:
    """The inverse of `on_limb`."""
    number = 0 if along < 1 else 1
    start, end = skeleton[limb[number]], skeleton[limb[number + 1]]
    bone, normal, length = _bone(start, end)
    return np.asarray(start + bone * (along - number) * length + normal * beside * skeleton.width)


def _bone(start: Vector, end: Vector) -> tuple[Vector, Vector, float]:
    """Direction, the direction to its left, and length."""
    length = max(float(np.linalg.norm(end - start)), 1e-3)
    bone = (end - start) / length
    return bone, np.array([bone[1], -bone[0]]), length


def _trunk(skeleton: Skeleton) -> NDArray[np.float64]:
    """(2, 2): the columns are the body's unit across the trunk, and the trunk's length along it."""
    along = skeleton.pelvis - skeleton.neck
    length = max(float(np.linalg.norm(along)), 1e-3)
    across = np.array([along[1], -along[0]]) / length * skeleton.width
    if across @ (skeleton["left_shoulder"] - skeleton["right_shoulder"]) < 0:
        across = -across
    return np.stack([across, along], axis=1)
