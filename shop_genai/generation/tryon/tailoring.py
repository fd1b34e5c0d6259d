"""Garments of every cut, drawn up at random: their parts, in the order in which they lie on each other, and landmarks.

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
LONG = 30.0  # cm from which a sleeve counts as long: past the elbow


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


@dataclass(frozen=True)
class Neck:
    """An opening for the neck: half its width, the depth of its front and back, the power of their curves."""

    half: float
    front: float
    back: float
    power: float

    def curve(self, depth: float, power: float, count: int = 25) -> Points:
        """From the wearer's right to the left."""
        share = np.linspace(-1, 1, count)
        return np.stack([share * self.half, depth * (1 - np.abs(share) ** power)], axis=1)

    @property
    def front_line(self) -> Points:
        return self.curve(self.front, self.power)

    @property
    def back_line(self) -> Points:
        return self.curve(self.back, 2.5)


def drawn_up(kind: Kind, rng: Rng) -> Pattern:
    """A garment of this kind."""
    if kind == "lower":
        return _trousers(rng)
    if kind == "skirt":
        return _skirt(rng)
    return _top(kind, rng)


def _top(kind: Kind, rng: Rng) -> Pattern:
    """Whatever hangs from the shoulders."""
    u = rng.uniform
    sleeves: Sleeves = ("none", "short", "long")[
        rng.choice(3, p=(0.4, 0.4, 0.2) if kind == "dress" else (0.2, 0.36, 0.44))
    ]
    collar = "plain"
    if sleeves != "none" or u() < 0.2:
        collar = str(rng.choice(["plain", "shirt", "hood", "high", "lapel"], p=(0.5, 0.24, 0.1, 0.08, 0.08)))
    neck = _neck(collar, sleeves, rng)

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
    _front(pattern, neck, collar, wide_open, hem_half, long, rng)
    for side, patches in limbs.items():
        if before[side] or any(patch.role == "fold" for patch in patches):
            pattern.patches += [
                Patch(p.points, p.tone, "cloth" if p.role == "fold" else p.role, p.width) for p in patches
            ]
        elif u() < 0.6:  # the seam where the sleeve is set in
            seam = np.stack([marks[f"shoulder_{side}"], marks[f"armpit_{side}"]])
            pattern.patches.append(Patch(_bowed(seam[0], seam[1], u(-2, 2)), u(0.6, 0.95), "line", u(0.2, 0.5)))
    return pattern


def _neck(collar: str, sleeves: Sleeves, rng: Rng) -> Neck:
    u = rng.uniform
    if collar == "shirt":
        return Neck(u(6, 9.5), u(4, 8) if u() < 0.7 else u(8, 16), 0.3, u(1.0, 1.6))
    if collar == "hood":
        return Neck(u(7.5, 11), u(4, 10), 0.3, u(1.4, 2.6))
    if collar == "high":
        return Neck(u(6, 9.5), u(1, 3.5), 0.3, u(1.8, 3))
    if collar == "lapel":
        return Neck(u(6.5, 10), u(16, 36), 0.3, u(0.95, 1.15))
    half = u(6.5, 11) if u() < 0.7 else u(10, 15.5)
    shape = rng.choice(3, p=(0.62, 0.26, 0.12))  # round, V, square
    front = (u(3, 13), u(8, 24), u(6, 14))[shape]
    if sleeves == "none":
        front *= u(1, 1.5)
    elif u() < 0.12:
        front = u(1.2, 4)
    power = (u(1.8, 3), u(0.95, 1.25), u(4, 8))[shape]
    back = min(front * 0.8, u(0.3, 4) if sleeves != "none" else u(0.5, 9))
    return Neck(half, front, back, power)


def _body(pattern: Pattern, neck: Neck, waist_at: float, waist_half: float, rng: Rng) -> Points:
    """The outline of the trunk: the back's neck line, then round by the wearer's left."""
    marks, u = pattern.landmarks, rng.uniform
    deep = u(-0.06, 0.22) if pattern.sleeves == "none" else u(0, 0.12)
    sides = {}
    for side, sign in SIDES:
        armpit, hem = marks[f"armpit_{side}"], marks[f"hem_{side}"]
        way = [marks[f"neck_{side}"], marks[f"shoulder_{side}"]]
        hole = _bowed(marks[f"shoulder_{side}"], armpit, -sign * deep * 22, power=0.62)
        if pattern.kind == "dress":
            waist = marks[f"waist_{side}"]
        else:
            waist = np.array([sign * waist_half, max(waist_at, armpit[1] + 3)])
        flank = _smooth([armpit, waist, hem])
        sides[side] = np.concatenate([np.stack(way), hole, flank])
    hem_line = _bowed(marks["hem_left"], marks["hem_right"], u(-2, 3))
    return np.concatenate([neck.back_line, sides["left"], hem_line, sides["right"][::-1]])


def _front(pattern: Pattern, neck: Neck, collar: str, wide_open: bool, hem_half: float, long: float, rng: Rng) -> None:
    """What lies on the trunk: the opening's inner side, collar, closure, hem."""
    u, patches = rng.uniform, pattern.patches
    rib = u(0.8, 3)
    inner_tone = (u(0.35, 0.8), u(0.78, 1.0), u(0.95, 1.5))[rng.choice(3, p=(0.4, 0.42, 0.18))]
    top = neck.back_line
    if collar == "hood":
        top = _hood(pattern, neck, rng)
    elif collar in ("shirt", "lapel"):
        stand = u(0.6, 3.6)
        top = neck.curve(-stand, 2.5) * [u(0.72, 0.95), 1]
        patches.append(Patch(np.concatenate([neck.curve(-stand, 3.5), neck.front_line[::-1]])))
    elif collar == "high":
        high = u(2.5, 9) if u() < 0.7 else u(8, 20)
        narrow = u(0.75, 1.0)
        lip = neck.curve(0.0, 2) * [narrow, 1] + [0, -high]
        patches.append(Patch(np.concatenate([lip, neck.front_line[::-1]]), u(0.9, 1.08)))
        top = lip + np.stack([np.zeros(25), -u(0, 1.2) * (1 - np.linspace(-1, 1, 25) ** 2)], axis=1)
        low = lip + np.stack([np.zeros(25), u(0.2, 2.2) * (1 - np.linspace(-1, 1, 25) ** 2)], axis=1)
        patches.append(Patch(np.concatenate([top, low[::-1]]), inner_tone, "inside"))
        patches.append(Patch(neck.front_line, u(0.6, 0.95), "line", u(0.2, 0.5)))
        _closure(pattern, neck.front if u() < 0.5 else -high, long, wide_open, hem_half, rng, inner_tone)
        return
    see_through = collar == "plain" and pattern.sleeves == "none" and u() < 0.18
    opening = np.concatenate([top, neck.front_line[::-1]])
    patches.append(Patch(opening, inner_tone, "ground" if see_through else "inside"))
    if not see_through:
        # The back's tape or rib, the label, and the shadow that the front throws.
        if u() < 0.6:
            patches.append(Patch(top + np.array((0, u(0.8, 2.2))), u(0.7, 1.15), "line", u(0.2, 1)))
        if u() < 0.55:
            _label(pattern, (top[12, 1] + neck.front) / 2, neck, rng)
        if u() < 0.6:
            patches.append(Patch(neck.front_line - [0, u(0.2, 0.8)], u(0.3, 0.8), "line", u(0.4, 1.2)))
    if collar == "plain":
        if u() < 0.3:  # a rib of another shade
            ring = neck.front_line * [1 + rib / neck.half * 0.7, 1] + np.array((0, rib))
            patches.append(Patch(np.concatenate([neck.front_line, ring[::-1]]), u(0.55, 1.5)))
        if u() < 0.75:  # the seam of the rib
            patches.append(
                Patch(neck.front_line * [1 + rib / neck.half * 0.7, 1] + [0, rib], u(0.6, 0.95), "line", u(0.2, 0.5))
            )
        patches.append(Patch(neck.front_line, u(0.55, 1.2), "line", u(0.2, 0.6)))
    elif collar in ("shirt", "lapel"):
        _flaps(pattern, neck, top, collar, rng)
    elif collar == "hood":
        for sign in (1, -1):  # its strings
            if u() < 0.6:
                string = np.array([[sign * u(2, 5), neck.front - 1], [sign * u(2, 6), neck.front + u(6, 18)]])
                patches.append(Patch(string, u(0.5, 1.5), "line", u(0.4, 0.9)))
    closes = {"shirt": 0.85, "lapel": 1.0, "hood": 0.4, "plain": 0.1}[collar]
    if u() < closes or wide_open:
        _closure(pattern, neck.front, long, wide_open, hem_half, rng, inner_tone)
    elif u() < 0.3:  # a print
        middle, size = np.array([u(-3, 3), long * u(0.35, 0.5)]), u(4, 14)
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * size * [1, u(0.4, 1)]
        patches.append(Patch(middle + corners, u(0.4, 1.7), "mark"))
    if pattern.kind == "dress" and u() < 0.5:
        patches.append(
            Patch(
                _bowed(pattern.landmarks["waist_left"], pattern.landmarks["waist_right"], u(-2, 2)),
                u(0.6, 0.95),
                "line",
                u(0.3, 0.8),
            )
        )
    if u() < 0.6:
        band = np.stack([pattern.landmarks["hem_left"], pattern.landmarks["hem_right"]]) - [0, u(1.5, 6)]
        patches.append(Patch(band, u(0.65, 0.95), "line", u(0.2, 0.5)))


def _hood(pattern: Pattern, neck: Neck, rng: Rng) -> Points:
    """A hood that lies up, or thrown back; returns the upper edge of the inner side that is seen."""
    u = rng.uniform
    high, wide = (u(18, 34), u(10, 16)) if u() < 0.6 else (u(5, 13), u(9, 15))
    angle = np.linspace(np.pi, 0, 25)
    lean = u(-3, 3)
    dome = np.stack([wide * np.cos(angle), -high * np.sin(angle) ** u(0.5, 0.9)], axis=1)
    dome[:, 0] += lean * np.sin(angle)
    outline = np.concatenate([[[-neck.half, 0.5]], dome, [[neck.half, 0.5]], neck.front_line[::-1]])
    pattern.patches.append(Patch(outline, u(0.85, 1.05)))
    pattern.patches.append(Patch(outline, u(0.5, 0.9), "line", u(0.2, 0.6)))
    inner = dome * [u(0.55, 0.85), u(0.6, 0.95)]
    inner[[0, -1]] = [[-neck.half * 0.95, 0], [neck.half * 0.95, 0]]
    return inner


def _flaps(pattern: Pattern, neck: Neck, top: Points, collar: str, rng: Rng) -> None:
    """The two halves of a turned-down collar, or of lapels."""
    u = rng.uniform
    apart, drop = (u(3, 8), u(2.5, 7)) if collar == "shirt" else (u(5, 13), -u(4, 12))
    inner = u(0.1, 1.2)
    tone = u(0.85, 1.12)
    for _side, sign in SIDES:
        start, meet = top[-1 if sign > 0 else 0], np.array([sign * inner, neck.front])
        tip = np.array([sign * (inner + apart), neck.front + drop]) + rng.normal(0, 0.5, 2)
        outer = np.array([sign * (neck.half + u(0, 1.5)), u(-0.5, 1.5)])
        flap = np.concatenate(
            [_bowed(start, meet, sign * u(-1.2, 0.6)), tip[None], _bowed(tip, outer, sign * u(-0.5, 1))]
        )
        pattern.patches += [
            Patch(flap, tone),
            Patch(np.concatenate([flap, flap[:1]]), u(0.4, 0.85), "line", u(0.2, 0.6)),
        ]


def _closure(
    pattern: Pattern, start: float, long: float, wide_open: bool, hem_half: float, rng: Rng, inner_tone: float
) -> None:
    """Buttons or a zip down the front; of an open garment the wedge between its halves."""
    u = rng.uniform
    end = long - u(0, 1) if u() < 0.75 else start + u(8, 18)
    if wide_open and u() < 0.6:
        gap = u(1, 0.7 * hem_half)
        wedge = np.array(
            [[-u(0.2, 2), start], [u(0.2, 2), start], [gap * u(0.3, 1), long - 0.5], [-gap * u(0.3, 1), long - 0.5]]
        )
        pattern.patches += [Patch(wedge, inner_tone, "inside"), Patch(wedge, u(0.4, 0.8), "line", u(0.3, 0.8))]
        return
    beside = u(0.5, 2) * rng.choice([-1, 1])
    line = np.array([[beside, start], [beside + u(-1, 1), end]])
    pattern.patches.append(Patch(line, u(0.4, 0.9), "line", u(0.2, 1)))
    if u() < 0.6:
        for y in np.arange(start + 2, end - 1, u(6, 10)):
            dot = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * u(0.8, 1.5)
            pattern.patches.append(Patch(dot + np.array((0, y)), u(0.3, 1.8), "mark"))
    if u() < 0.4:  # a breast pocket
        x, y = rng.choice([-1, 1]) * u(7, 12), u(16, 22)
        pocket = np.array([[-5, 0], [5, 0], [5, 9], [0, 11], [-5, 9], [-5, 0]]) * u(0.7, 1.1) + [x, y]
        pattern.patches.append(Patch(pocket, u(0.6, 0.9), "line", u(0.2, 0.5)))


def _label(pattern: Pattern, y: float, neck: Neck, rng: Rng) -> None:
    u = rng.uniform
    half, high = u(1, 3.2), u(0.6, 1.6)
    corners = np.array([[-half, -high], [half, -high], [half, high], [-half, high]])
    if half < 0.6 * neck.half:
        pattern.patches.append(Patch(corners + np.array((u(-0.6, 0.6), y - u(0, 1))), u(0.3, 2.2), "mark"))


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
        (u(0, 20) if u() < 0.45 else u(15, 75)) if long else (u(28, 82) if u() < 0.85 else u(8, 30))
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


def _trousers(rng: Rng) -> Pattern:
    """Trousers and shorts."""
    u = rng.uniform
    waist, rise = u(15, 23), u(20, 33)
    hip, hip_at = waist * u(1.02, 1.4), u(0.45, 0.85) * rise
    shorts = u() < 0.45
    leg = u(3, 28) if shorts else u(40, 84)
    hem = hip * (u(0.4, 0.62) if shorts else u(0.22, 0.5))  # half of a leg's end
    pattern = Pattern("lower", "none")
    marks, patches = pattern.landmarks, pattern.patches
    marks["crotch"] = np.array([u(-0.6, 0.6), rise])
    sag, back = u(0.3, 4.5), u(-1, 1)
    legs = []
    for side, sign in SIDES:
        jitter = rng.normal(0, 0.5, (4, 2))
        spread = np.tan(np.radians(u(-2, 16) if u() < 0.85 else u(-9, 26)))
        centre = max(hip * 0.5 + spread * leg, hem * u(0.95, 1.1) if u() < 0.8 else hem * 0.6)
        tilt = np.radians(rng.normal(-3, 8)) * sign
        across = np.array([np.cos(tilt), np.sin(tilt)]) * hem * sign
        end = np.array([sign * centre, rise + leg])
        marks[f"waist_{side}"] = np.array([sign * waist, 0.0]) + jitter[0]
        marks[f"hip_{side}"] = np.array([sign * hip, hip_at]) + jitter[1]
        marks[f"hem_outer_{side}"], marks[f"hem_inner_{side}"] = end + across + jitter[2], end - across + jitter[3]
        knee = u(-3, 3) if not shorts else u(-1, 1)
        outer = _smooth([marks[f"waist_{side}"], marks[f"hip_{side}"], marks[f"hem_outer_{side}"]], knee * sign)
        inner = _bowed(marks[f"hem_inner_{side}"], marks["crotch"], -sign * u(-2, 2))
        edge = np.array([sign * -1.5, 0.0])
        legs.append(Patch(np.concatenate([[edge], outer, inner, [[sign * -1.5, rise - 2]]]), u(0.94, 1.06)))
        legs.append(Patch(inner, u(0.4, 0.85), "line", u(0.3, 0.9)))
        if u() < 0.6:
            band = np.stack([marks[f"hem_outer_{side}"], marks[f"hem_inner_{side}"]]) - [0, u(1.5, 6)]
            legs.append(Patch(band, u(0.6, 0.95), "line", u(0.2, 0.5)))
        if u() < 0.6:  # a pocket
            pocket = np.stack([[sign * waist * u(0.5, 0.8), 3.5], [sign * hip * 0.97, hip_at * u(0.5, 0.9) + 3]])
            legs.append(Patch(_bowed(pocket[0], pocket[1], sign * u(-3, 1)), u(0.5, 0.9), "line", u(0.2, 0.5)))
    patches += legs[::1] if u() < 0.5 else [*legs[len(legs) // 2 :], *legs[: len(legs) // 2]]
    _waistband(pattern, sag, back, rng)
    if u() < 0.75:  # the fly
        patches.append(Patch(np.array([[0, sag], [u(-0.5, 0.5), rise]]), u(0.5, 0.9), "line", u(0.2, 0.6)))
    return pattern


def _skirt(rng: Rng) -> Pattern:
    u = rng.uniform
    waist, long = u(14, 24), u(24, 50) if u() < 0.6 else u(45, 95)
    hip, hip_at = waist * u(1.05, 1.4), min(u(12, 22), 0.6 * long)
    hem = min(hip * (u(0.85, 1.3) if u() < 0.5 else u(1.2, 2.4)), hip + 0.45 * long)
    pattern = Pattern("skirt", "none")
    marks = pattern.landmarks
    sides = []
    for side, sign in SIDES:
        jitter = rng.normal(0, 0.5, (3, 2))
        marks[f"waist_{side}"] = np.array([sign * waist, 0.0]) + jitter[0]
        marks[f"hip_{side}"] = np.array([sign * hip, hip_at]) + jitter[1]
        marks[f"hem_{side}"] = np.array([sign * hem, long - (hem - hip) * u(0, 0.25)]) + jitter[2]
        sides.append(_smooth([marks[f"waist_{side}"], marks[f"hip_{side}"], marks[f"hem_{side}"]]))
    hem_line = _bowed(marks["hem_left"], marks["hem_right"], u(-1, 8) if hem > 1.2 * hip else u(-2, 3))
    if u() < 0.3:  # folds end in a wavy hem
        hem_line[:, 1] += u(0.3, 1.6) * np.sin(np.linspace(0, u(3, 9) * 2 * np.pi, len(hem_line)))
    pattern.patches.append(Patch(np.concatenate([sides[0], hem_line, sides[1][::-1]])))
    for share in rng.uniform(-0.9, 0.9, int(rng.integers(0, 9))):  # pleats
        pleat = np.array([[share * waist, 3.0], [share * hem, long * u(0.6, 1)]])
        pattern.patches.append(Patch(pleat, u(0.6, 0.95), "line", u(0.3, 1)))
    for share in rng.uniform(0.3, 0.9, int(rng.integers(0, 3))):  # tiers
        half = (hip + (hem - hip) * share) * 0.97
        pattern.patches.append(
            Patch(np.array([[-half, long * share], [half, long * share]]), u(0.5, 0.95), "line", u(0.3, 1))
        )
    _waistband(pattern, u(0.2, 3.5), u(-1, 1), rng)
    return pattern


def _waistband(pattern: Pattern, sag: float, back: float, rng: Rng) -> None:
    """The front's upper edge sags below the back's, whose inner side is seen between."""
    u = rng.uniform
    right, left = pattern.landmarks["waist_right"], pattern.landmarks["waist_left"]
    upper, lower = _bowed(right, left, back), _bowed(right, left, sag * 2)
    if u() < 0.65:
        pattern.patches.append(Patch(np.concatenate([upper, lower[::-1]]), u(0.4, 0.95), "inside"))
        pattern.patches.append(Patch(lower, u(0.4, 0.9), "line", u(0.2, 0.6)))
        if u() < 0.4:
            y = (upper[6, 1] + lower[6, 1]) / 2
            corners = np.array([[-2, -0.7], [2, -0.7], [2, 0.7], [-2, 0.7]]) * u(0.6, 1.2) + [u(-2, 2), y]
            pattern.patches.append(Patch(corners, u(0.3, 2), "mark"))
    else:
        pattern.patches.append(Patch(np.concatenate([upper, lower[::-1]]), 1.0))
    if u() < 0.8:
        pattern.patches.append(Patch(lower + np.array((0, u(2, 5))), u(0.5, 0.95), "line", u(0.2, 0.6)))


def _bowed(start: Points, end: Points, bow: float, count: int = 13, power: float = 0.5) -> Points:
    """A curve whose middle (`power` of the way) lies `bow` cm to the right of the straight way, as y points down."""
    way = end - start
    normal = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-6)
    control = start + way * power + 2 * bow * normal
    t = np.linspace(0, 1, count)[:, None]
    curve: Points = (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end
    return curve


def _smooth(points: Sequence[Points], bow: float = 0.0) -> Points:
    """A curve through three points: two bows that meet without a corner as far as their places allow."""
    first, middle, last = points
    one = (middle - first) / max(float(np.hypot(*(middle - first))), 1e-6)
    two = (last - middle) / max(float(np.hypot(*(last - middle))), 1e-6)
    turn = float(one[0] * two[1] - one[1] * two[0])
    reach = min(float(np.hypot(*(middle - first))), float(np.hypot(*(last - middle))))
    bulge = -0.08 * turn * reach
    return np.concatenate([_bowed(first, middle, bulge), _bowed(middle, last, bulge + bow)[1:]])
