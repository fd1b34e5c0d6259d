"""What shops sell that nobody can try on here, in outline: mugs, bottles, lamps, bags, hats, shoes, boxes, pebbles."""

from __future__ import annotations

import numpy as np

from .cuts import Patch, Pattern, Points, Rng


def thing(rng: Rng) -> Pattern:
    """One of them, drawn up at random, about 60 cm large; it has no landmarks."""
    shapes = (_turned, _bag, _hat, _shoe, _box, _pebble)
    pattern = Pattern("other", "none", open_front=False)
    pattern.patches += shapes[rng.integers(len(shapes))](rng)
    for _ in range(int(rng.integers(0, 4))):  # something is printed on it
        pattern.patches.append(_mark(rng))
    return pattern


def _turned(rng: Rng) -> list[Patch]:
    """Turned on a wheel: a bottle, a vase, a bowl, a lamp; sometimes with a handle."""
    u = rng.uniform
    height, half = u(20, 70), u(6, 26)
    at = np.linspace(0, 1, 8)
    profile = half * np.clip(1 + np.cumsum(rng.normal(0, 0.22, 8)), 0.15, 1.8)
    if rng.random() < 0.4:
        profile[:] = half * (1 + u(-0.2, 0.3) * at)  # a mug
    share = np.linspace(0, 1, 40)
    width = np.interp(share, at, profile)
    right = np.stack([width, share * height], axis=1)
    patches = []
    if rng.random() < 0.5:
        patches += _ring(np.array([width[20], height * 0.5]), height * u(0.18, 0.35), u(1.5, 4), rng)
    patches.append(Patch(np.concatenate([right, (right * [-1, 1])[::-1]])))
    lip = _oval(np.array([0.0, 0.0]), width[0], width[0] * u(0.05, 0.3))
    patches.append(Patch(lip, u(0.4, 1.2)))
    return patches


def _bag(rng: Rng) -> list[Patch]:
    """A box of cloth with handles, or a rucksack."""
    u = rng.uniform
    half, height, taper = u(14, 24), u(24, 48), u(0.85, 1.15)
    corners = np.array([[-half, 0], [half, 0], [half * taper, height], [-half * taper, height]])
    patches = []
    reach = u(8, 30)
    for inset in (0.0, u(0, 3)):
        at = half * u(0.35, 0.7)
        turn = np.linspace(np.pi, 2 * np.pi, 15)
        loop = np.stack([at * np.cos(turn), reach * np.sin(turn) + inset], axis=1)
        patches.append(Patch(_band(loop, u(1, 3)), u(0.7, 1.1)))
    patches.append(Patch(corners if rng.random() < 0.7 else _rounded(corners, rng)))
    if rng.random() < 0.5:
        pocket = corners * [0.7, 0.4] + np.array([0, height * 0.5])
        patches.append(Patch(np.concatenate([pocket, pocket[:1]]), u(0.5, 0.9), "line", u(0.3, 0.8)))
    return patches


def _hat(rng: Rng) -> list[Patch]:
    """A crown on a brim, a cap with its visor to one side, or a beanie."""
    u = rng.uniform
    half, high = u(14, 20), u(14, 26)
    turn = np.linspace(np.pi, 2 * np.pi, 20)
    crown = np.stack([half * np.cos(turn), high * np.sin(turn)], axis=1)
    sort = rng.integers(3)
    if sort == 0:
        return [Patch(_oval(np.array([0.0, 0.0]), half * u(1.3, 2.2), u(3, 10)), u(0.8, 1)), Patch(crown)]
    if sort == 1:
        side = rng.choice([-1.0, 1.0])
        visor = np.array([[0.2 * half, -1], [half, -3], [half * u(1.6, 2.1), u(1, 6)], [half, 5], [0.1 * half, 4]]) * [
            side,
            1,
        ]
        return [Patch(crown), Patch(visor, u(0.7, 1.1))]
    cuff = np.array([[-half, -2], [half, -2], [half, u(4, 9)], [-half, u(4, 9)]]) * [1.03, 1]
    return [Patch(crown), Patch(cuff, u(0.8, 1.1))]


def _shoe(rng: Rng) -> list[Patch]:
    """One from the side, or a pair."""
    u = rng.uniform
    long, high, heel = u(24, 30), u(8, 34), u(1, 9)
    toe = long * u(0.5, 0.7)
    sole = high + 4
    side = np.array(
        [[0, 0], [9, 0], [11, high / 2], [toe, high - 4], [long, high], [long, sole], [10, sole - heel / 2]]
    )
    side = np.concatenate([side, [[8, sole], [-1, sole]]]) * [rng.choice([-1.0, 1.0]), 1]
    first = _rounded(side, rng)
    patches = [Patch(first)]
    if rng.random() < 0.6:
        patches.append(Patch(first * [u(0.8, 1.1), 1] + np.array((u(-18, 18), u(4, 14))), u(0.8, 1.2)))
    return patches


def _box(rng: Rng) -> list[Patch]:
    """A book, a box, a cushion, a rug."""
    u = rng.uniform
    half, high = u(10, 30), u(10, 30)
    corners = np.array([[-half, -high], [half, -high], [half, high], [-half, high]]) + rng.normal(0, 1, (4, 2))
    patches = [Patch(corners if rng.random() < 0.6 else _rounded(corners, rng))]
    if rng.random() < 0.4:  # its other sides
        away = np.array((u(-8, 8), -u(2, 9)))
        patches.insert(0, Patch(np.stack([corners[0], corners[0] + away, corners[1] + away, corners[1]]), u(0.7, 1.3)))
    return patches


def _pebble(rng: Rng) -> list[Patch]:
    """Anything round and uneven; sometimes several, sometimes with a hole."""
    patches = []
    for _ in range(int(rng.integers(1, 4))):
        turn = np.linspace(0, 2 * np.pi, 40)[:-1]
        radius = rng.uniform(8, 24) * np.exp(
            sum(rng.normal(0, 0.35 / k) * np.sin(k * turn + rng.uniform(0, 6)) for k in range(1, 6))
        )
        middle = rng.normal(0, 14, 2)
        patches.append(
            Patch(middle + np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1), rng.uniform(0.8, 1.2))
        )
        if rng.random() < 0.2:
            patches.append(Patch(_oval(middle, 4, 4), 1.0, "ground"))
    return patches


def _mark(rng: Rng) -> Patch:
    u = rng.uniform
    middle = np.array((u(-8, 8), u(5, 30)))
    return Patch(_oval(middle, u(2, 10), u(1, 8)), u(0.4, 1.6), "mark")


def _oval(middle: Points, across: float, down: float) -> Points:
    turn = np.linspace(0, 2 * np.pi, 33)[:-1]
    return middle + np.stack([across * np.cos(turn), down * np.sin(turn)], axis=1)


def _ring(middle: Points, radius: float, thick: float, rng: Rng) -> list[Patch]:
    """A handle: half of it is hidden by what it is fixed to."""
    turn = np.linspace(-np.pi / 2, np.pi / 2, 15)
    loop = middle + radius * np.stack([rng.uniform(0.6, 1) * np.cos(turn), np.sin(turn)], axis=1)
    return [Patch(_band(loop, thick), rng.uniform(0.8, 1.1))]


def _band(line: Points, thick: float) -> Points:
    """A line with some thickness, as an outline."""
    way = np.gradient(line, axis=0)
    normal = np.stack([-way[:, 1], way[:, 0]], axis=1) / np.maximum(np.hypot(*way.T), 1e-6)[:, None]
    return np.concatenate([line + normal * thick / 2, (line - normal * thick / 2)[::-1]])


def _rounded(corners: Points, rng: Rng) -> Points:
    """Corners cut off, twice. Source: Chaikin 1974, "An algorithm for high-speed curve generation"."""
    share = rng.uniform(0.12, 0.28)
    for _ in range(2):
        following = np.roll(corners, -1, axis=0)
        cut = np.stack([corners + share * (following - corners), following - share * (following - corners)], axis=1)
        corners = cut.reshape(-1, 2)
    return corners
