"""Tops and dresses of every cut, drawn up at random: trunk and sleeves; see `collars` for the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .collars import Neck, add_front, neck_for
from .cuts import SIDES, Patch, Pattern, Points, Rng, bowed, smooth
from .landmarks import Kind, Sleeves

LONG = 30.0  # cm from which a sleeve counts as long: past the elbow


def top(kind: Kind, rng: Rng) -> Pattern:
    """Whatever hangs from the shoulders."""
    u = rng.uniform
    sleeves: Sleeves = ("none", "short", "long")[
        rng.choice(3, p=(0.4, 0.4, 0.2) if kind == "dress" else (0.2, 0.36, 0.44))
    ]
    collar = "plain"
    if sleeves != "none" or u() < 0.2:
        collar = str(rng.choice(["plain", "shirt", "hood", "high", "lapel"], p=(0.5, 0.24, 0.1, 0.08, 0.08)))
    neck = neck_for(collar, sleeves, rng)

    # The shoulders, the armpits, the hem; each side a little different.
    strap = u(6, 14) if sleeves != "none" else (u(1, 3.5) if u() < 0.35 else u(3, 11))
    slope = np.tan(np.radians(u(8, 28)))
    chest = neck.half + strap + (u(-1, 6) if sleeves != "none" else u(1.5, 9))
    chest = max(chest, u(19, 27))
    armhole = u(14, 24)
    if kind == "dress":
        long = chest * u(3.0, 5.6)
        waist_at, waist_half = u(0.32, 0.52) * min(long, 100), chest * u(0.74, 0.97)
        hem_half = max(waist_half, chest) * (u(0.9, 1.3) if u() < 0.5 else u(1.2, 2.1))
    else:
        long = chest * (u(2.1, 2.95) if u() < 0.88 else u(1.5, 2.1))
        waist_at, waist_half = u(0.55, 0.75) * long, chest * u(0.86, 1.05)
        hem_half = chest * u(0.85, 1.22)
    pattern = Pattern(kind, sleeves)
    marks = pattern.landmarks
    wide_open = collar == "lapel" or (collar in ("hood", "shirt", "high") and sleeves == "long" and u() < 0.15)
    pattern.open_front = True if wide_open else (False if collar == "plain" else None)

    shoulder_drop = strap * slope
    arms: list[tuple[str, float]] = []
    for side, sign in SIDES:
        jitter = rng.normal(0, 0.5, (4, 2))
        shoulder = np.array([sign * (neck.half + strap), shoulder_drop]) + jitter[0]
        armpit = np.array([sign * chest, shoulder_drop + armhole]) + jitter[1]
        marks[f"neck_{side}"] = np.array([sign * neck.half, 0.0])
        marks[f"shoulder_{side}"] = shoulder
        marks[f"armpit_{side}"] = armpit
        marks[f"hem_{side}"] = np.array([sign * hem_half, long]) + jitter[2]
        marks[f"cuff_outer_{side}"], marks[f"cuff_inner_{side}"] = shoulder, armpit
        if kind == "dress":
            marks[f"waist_{side}"] = np.array([sign * waist_half, max(waist_at, armpit[1] + 4)]) + jitter[3]
        arms.append((side, sign))
    marks["neck_front"] = np.array([0.0, neck.front])

    cut = _SleeveCut.sample(sleeves, rng)
    limbs = {side: _sleeve(pattern, side, sign, cut, rng) for side, sign in arms} if sleeves != "none" else {}
    # Whether it lies on the body: so that its end is seen, always when that is before the body.
    before = {side: u() < 0.5 or abs(marks[f"cuff_inner_{side}"][0]) < abs(marks[f"hem_{side}"][0]) for side in limbs}
    for side, patches in limbs.items():
        if not before[side] and not any(patch.role == "fold" for patch in patches):
            pattern.patches += patches
    pattern.patches.append(Patch(_body(pattern, neck, waist_at, waist_half, rng)))
    add_front(pattern, neck, collar, wide_open, hem_half, long, rng)
    for side, patches in limbs.items():
        if before[side] or any(patch.role == "fold" for patch in patches):
            pattern.patches += [
                Patch(p.points, p.tone, "cloth" if p.role == "fold" else p.role, p.width) for p in patches
            ]
        elif u() < 0.6:  # the seam where the sleeve is set in
            seam = np.stack([marks[f"shoulder_{side}"], marks[f"armpit_{side}"]])
            pattern.patches.append(Patch(bowed(seam[0], seam[1], u(-2, 2)), u(0.6, 0.95), "line", u(0.2, 0.5)))
    return pattern


def _body(pattern: Pattern, neck: Neck, waist_at: float, waist_half: float, rng: Rng) -> Points:
    """The outline of the trunk: the back's neck line, then round by the wearer's left."""
    marks, u = pattern.landmarks, rng.uniform
    deep = u(-0.06, 0.22) if pattern.sleeves == "none" else u(0, 0.12)
    sides = {}
    for side, sign in SIDES:
        armpit, hem = marks[f"armpit_{side}"], marks[f"hem_{side}"]
        way = [marks[f"neck_{side}"], marks[f"shoulder_{side}"]]
        hole = bowed(marks[f"shoulder_{side}"], armpit, -sign * deep * 22, power=0.62)
        if pattern.kind == "dress":
            waist = marks[f"waist_{side}"]
        else:
            waist = np.array([sign * waist_half, max(waist_at, armpit[1] + 3)])
        flank = smooth([armpit, waist, hem])
        sides[side] = np.concatenate([np.stack(way), hole, flank])
    hem_line = bowed(marks["hem_left"], marks["hem_right"], u(-2, 3))
    return np.concatenate([neck.back_line, sides["left"], hem_line, sides["right"][::-1]])


@dataclass(frozen=True)
class _SleeveCut:
    """How both sleeves are cut: length and width in cm."""

    long: float
    top: float
    cuff: float

    @classmethod
    def sample(cls, sleeves: Sleeves, rng: Rng) -> _SleeveCut:
        u = rng.uniform
        if sleeves == "long":
            long = u(48, 66) if u() < 0.8 else u(LONG + 3, 48)
            return cls(long, u(14, 20), u(7.5, 15) if u() < 0.85 else u(14, 22))
        long = u(12, 26) if u() < 0.8 else u(4, 12)
        return cls(long, u(14, 21), u(12, 20))


def _sleeve(pattern: Pattern, side: str, sign: float, cut: _SleeveCut, rng: Rng) -> list[Patch]:
    """A sleeve with its landmarks; patches of the role “fold” belong on the body whatever else is decided."""
    u, marks = rng.uniform, pattern.landmarks
    shoulder, armpit = marks[f"shoulder_{side}"], marks[f"armpit_{side}"]
    long = pattern.sleeves == "long"
    angle = np.radians(
        (u(-5, 14) if u() < 0.4 else u(10, 75)) if long else (u(28, 82) if u() < 0.85 else u(8, 30))
    )  # from straight down
    folded = long and u() < 0.1
    bend = -np.radians(u(95, 160)) if folded else np.radians(rng.normal(-6, 16)) if long else 0.0
    share = u(0.42, 0.55) if long else 0.5
    hole = float(np.linalg.norm(shoulder - armpit))
    top = min(cut.top, hole * u(0.85, 1.05))
    cuff = min(cut.cuff, top * u(0.95, 1.25))
    elbow_half = (top * (1 - share) + cuff * share) / 2

    def way(turn: float) -> tuple[Points, Points]:
        """Outwards along the sleeve, and across it towards the body's side."""
        return np.array([sign * np.sin(turn), np.cos(turn)]), np.array([-sign * np.cos(turn), np.sin(turn)])

    along, across = way(angle)
    along2, across2 = way(angle + bend)
    _, end = way(angle + bend + np.radians(rng.normal(0, 8)))
    # Its lower edge starts at the armpit, so it lies beside the body, unless it fell on it.
    beside = float((armpit - shoulder) @ across) - elbow_half + (abs(rng.normal(0, 2)) if u() < 0.75 else 30.0)
    elbow = shoulder + across * min(top / 2, beside) + along * cut.long * share
    middle = across if folded else (across + across2) / 2
    wrist = elbow + along2 * cut.long * (1 - share)
    outer, inner = wrist - end * cuff / 2, wrist + end * cuff / 2
    elbow_outer, elbow_inner = elbow - middle * elbow_half, elbow + middle * elbow_half
    marks[f"cuff_outer_{side}"], marks[f"cuff_inner_{side}"] = outer, inner
    tone = u(0.86, 1.1)
    edge, width = u(0.4, 0.9), u(0.2, 0.6)
    # The seam lies in the body: a little overlap closes every gap.
    deep = (armpit + shoulder) / 2 - np.array([sign * 3, 0])
    upper = np.stack([deep, shoulder, elbow_outer, elbow_inner, armpit])
    fore_start = (elbow - across2 * elbow_half, elbow + across2 * elbow_half) if folded else (elbow_outer, elbow_inner)
    fore = np.stack([fore_start[0], outer, inner, fore_start[1]])
    turn = np.linspace(0, 2 * np.pi, 13)
    joint = elbow + elbow_half * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    role = "fold" if folded else "cloth"
    patches = [Patch(upper, tone, role), Patch(upper[1:], edge, "line", width)]
    patches += [Patch(joint, tone, role)] if folded else []
    patches += [Patch(fore, tone * (u(0.85, 1.1) if folded else 1), role), Patch(fore, edge, "line", width)]
    if u() < 0.6:  # the cuff
        back = u(1.5, 6)
        patches.append(Patch(np.stack([outer, inner]) - along2 * back, u(0.55, 0.95), "line", u(0.2, 0.5)))
    return patches
