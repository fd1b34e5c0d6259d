"""Landmarks of a garment that somebody wears: from the wearer's bones and the outline of the cloth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shop_genai.generation.pose.keypoints import Pose

from .landmarks import Kind, Sleeves
from .skeleton import ARM, LEG, SIDES, Limb, Point, Skeleton, Vector, at_limb, limb_of, of_pose

Mask = NDArray[np.bool_]

NEAR = 0.27  # of the body's unit beside an arm's bone: still its sleeve
SHORT, LONG = 0.28, 1.15  # along an arm: from here on there is a sleeve, and from here it is a long one
MOST = 97  # percentile: a few stray pixels are no hem


def landmarks_of_worn(pose: Pose, mask: Image.Image, kind: Kind) -> tuple[dict[str, Point], Sleeves]:
    """The landmarks of a garment of that kind in the wearer's picture, and how long its sleeves are.

    Args:
        pose: of the wearer, in the picture's pixels.
        mask: mode L, the picture's size: 255 the garment.
        kind: "upper", "lower", "skirt" or "dress".

    Raises:
        ValueError: the wearer's shoulders are not seen, or the mask is empty.
    """
    return landmarks_on(of_pose(pose), mask, kind)


def landmarks_on(skeleton: Skeleton, mask: Image.Image, kind: Kind) -> tuple[dict[str, Point], Sleeves]:
    """The same for somebody whose bones are known.

    Raises:
        ValueError: the mask is empty.
    """
    # Few pixels tell where an outline is, and whole photos need not be looked through.
    step = max(1, round(max(mask.size) / 220))
    there = np.asarray(mask)[::step, ::step] > 127
    if not there.any():
        raise ValueError("the mask is empty")
    y, x = np.nonzero(there)
    pixels = np.stack([x, y], axis=1).astype(np.float64) * step + step / 2
    found = _Outline(skeleton, pixels)
    return found.below(kind) if kind in ("lower", "skirt") else found.above(kind)


class _Outline:
    def __init__(self, skeleton: Skeleton, pixels: NDArray[np.float64]) -> None:
        self.skeleton = skeleton
        self.pixels = pixels  # (n, 2), of the garment
        axis = skeleton.pelvis - skeleton.neck
        self.axis = axis / max(float(np.linalg.norm(axis)), 1e-6)
        self.across = np.array([self.axis[1], -self.axis[0]])
        if self.across @ (skeleton["left_shoulder"] - skeleton["right_shoulder"]) < 0:
            self.across = -self.across
        away = pixels - skeleton.neck
        self.down = away @ self.axis / skeleton.width  # in units, from the shoulders' line
        self.beside = away @ self.across / skeleton.width  # towards the wearer's left

    def place(self, beside: float, down: float) -> Vector:
        return np.asarray(self.skeleton.neck + (self.across * beside + self.axis * down) * self.skeleton.width)

    def above(self, kind: Kind) -> tuple[dict[str, Point], Sleeves]:
        at: dict[str, Vector] = {}
        reaches = {side: self._sleeve(side) for side in SIDES}
        reach = max(reaches.values())  # the other sleeve may be hidden
        sleeves: Sleeves = "none" if reach < SHORT else "long" if reach > LONG else "short"
        trunk = np.abs(self.beside) < 0.45
        last = float(np.percentile(self.down[trunk], MOST)) if trunk.any() else 1.4
        half = self._half_width(min(last - 0.1, last * 0.95))
        for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
            joint = self.skeleton[f"{side}_shoulder"]
            out = float((joint - self.skeleton.neck) @ self.across) / self.skeleton.width
            level = float((joint - self.skeleton.neck) @ self.axis) / self.skeleton.width
            at[f"neck_{side}"] = self.place(out * 0.45, self._top(out * 0.45, level - 0.2))
            edge = out * 0.88 if sleeves == "none" else out + 0.10 * sign
            at[f"shoulder_{side}"] = self.place(edge, self._top(edge, level - 0.08))
            at[f"armpit_{side}"] = self.place(out - 0.02 * sign, level + 0.40)
            at[f"hem_{side}"] = self.place(half * sign, last)
            if kind == "dress":
                at[f"waist_{side}"] = self.place(self._half_width(0.95) * sign, 0.95)
            if sleeves == "none":
                at[f"cuff_outer_{side}"], at[f"cuff_inner_{side}"] = at[f"shoulder_{side}"], at[f"armpit_{side}"]
                continue
            limb = limb_of(side, ARM)
            along = reaches[side] if reaches[side] >= SHORT else reach
            ends = [at_limb(along, beside, self.skeleton, limb) for beside in (0.17, -0.17)]
            ends.sort(key=lambda end: float((end - at[f"armpit_{side}"]) @ (end - at[f"armpit_{side}"])))
            at[f"cuff_inner_{side}"], at[f"cuff_outer_{side}"] = ends
        at["neck_front"] = self.place(0.0, self._top(0.0, -0.05))
        return _points(at), sleeves

    def below(self, kind: Kind) -> tuple[dict[str, Point], Sleeves]:
        at: dict[str, Vector] = {}
        middle = np.abs(self.beside) < 0.5
        first = float(np.percentile(self.down[middle] if middle.any() else self.down, 100 - MOST))
        last = float(np.percentile(self.down, MOST))
        hips = (1.45, first + 0.45)[kind == "skirt"]
        for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
            at[f"waist_{side}"] = self.place(self._half_width(first + 0.06) * sign, first)
            at[f"hip_{side}"] = self.place(self._half_width(hips) * sign, hips)
            if kind == "skirt":
                at[f"hem_{side}"] = self.place(self._half_width(last - 0.08) * sign, last)
                continue
            limb = limb_of(side, LEG)
            along = self._reach(limb)
            ends = [at_limb(along, beside, self.skeleton, limb) for beside in (0.2, -0.2)]
            ends.sort(key=lambda end: sign * float((end - self.skeleton.neck) @ self.across))
            at[f"hem_inner_{side}"], at[f"hem_outer_{side}"] = ends
        if kind == "lower":
            at["crotch"] = np.asarray(self.skeleton.pelvis + self.axis * 0.22 * self.skeleton.width)
        return _points(at), "none"

    def _sleeve(self, side: str) -> float:
        """How far along an arm there is cloth that is not the trunk's."""
        limb = limb_of(side, ARM)
        return self._reach(limb)

    def _reach(self, limb: Limb) -> float:
        """The last place along a limb's two bones that is covered, with nothing bare before it."""
        reached, bare = 0.0, 0
        for along in np.arange(0.1, 2.2, 0.05):
            place = at_limb(float(along), 0.0, self.skeleton, limb)
            near = np.abs(self.pixels - place).max(axis=1) < 0.09 * self.skeleton.width
            if near.sum() > 0.35 * (0.18 * self.skeleton.width) ** 2 / self._area():
                reached, bare = float(along), 0
            else:
                bare += 1
                if bare > 3 and along > 0.4:
                    break
        return reached

    def _area(self) -> float:
        """Photo pixels that one looked-at pixel stands for."""
        steps = np.diff(np.unique(self.pixels[:, 0]))
        return float(steps.min() ** 2) if len(steps) else 1.0

    def _top(self, beside: float, otherwise: float) -> float:
        """Where the cloth begins at that distance from the middle."""
        column = (np.abs(self.beside - beside) < 0.05) & (self.down < 1.0)
        return float(np.percentile(self.down[column], 2)) if column.sum() > 4 else otherwise

    def _half_width(self, down: float) -> float:
        """Half of the cloth's width at that height, without the arms."""
        row = (np.abs(self.down - down) < 0.05) & (np.abs(self.beside) < 0.9)
        return float(np.clip(np.percentile(np.abs(self.beside[row]), 90) * 1.08, 0.25, 0.9)) if row.sum() > 4 else 0.5


def _points(at: dict[str, Vector]) -> dict[str, Point]:
    return {name: (float(point[0]), float(point[1])) for name, point in at.items()}
