"""The neck of a top, drawn up at random: its opening and inner side, collar, hood, and what runs down the front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .cuts import SIDES, Patch, Pattern, Points, Rng, bowed
from .landmarks import Sleeves


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


def neck_for(collar: str, sleeves: Sleeves, rng: Rng) -> Neck:
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


def add_front(
    pattern: Pattern, neck: Neck, collar: str, wide_open: bool, hem_half: float, long: float, rng: Rng
) -> None:
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
    if u() < 0.4:
        _print(pattern, np.array((u(-3, 3), max(long * u(0.25, 0.5), neck.front + 4))), rng)
    if pattern.kind == "dress" and u() < 0.5:
        patches.append(
            Patch(
                bowed(pattern.landmarks["waist_left"], pattern.landmarks["waist_right"], u(-2, 2)),
                u(0.6, 0.95),
                "line",
                u(0.3, 0.8),
            )
        )
    if u() < 0.6:
        band = np.stack([pattern.landmarks["hem_left"], pattern.landmarks["hem_right"]]) - [0, u(1.5, 6)]
        patches.append(Patch(band, u(0.65, 0.95), "line", u(0.2, 0.5)))


def _print(pattern: Pattern, middle: Points, rng: Rng) -> None:
    """What is printed on the chest: lines of text, a picture, a badge."""
    u = rng.uniform
    half, sort = u(3, 14), rng.integers(4)
    if sort == 0:  # text
        for row in range(int(rng.integers(1, 4))):
            at, wide = middle + np.array((0, row * half * 0.5)), half * u(0.4, 1)
            pattern.patches.append(
                Patch(at + np.array([[-wide, 0], [wide, 0]]), u(0.3, 1.9), "line", half * u(0.1, 0.35))
            )
        return
    corners = int(rng.integers(3, 9))
    turn = (
        np.sort(u(0, 2 * np.pi, corners)) if sort == 1 else np.linspace(0, 2 * np.pi, corners, endpoint=False) + u(0, 2)
    )
    for size in (1.0, u(0.4, 0.8))[: int(rng.integers(1, 3))]:
        outline = middle + half * size * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        role = "line" if sort == 3 else "mark"
        pattern.patches.append(Patch(np.concatenate([outline, outline[:1]]), u(0.3, 1.9), role, u(0.3, 1.2)))


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
            [bowed(start, meet, sign * u(-1.2, 0.6)), tip[None], bowed(tip, outer, sign * u(-0.5, 1))]
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
