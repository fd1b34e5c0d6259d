"""Earrings: hoops, studs and drops, hanging straight down from the lobes whichever way the head is held."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .faces import Face
from .head import Head
from .solids import Solid, ball, tube

Values = NDArray[np.float64]

LOBES = {"left": 361, "right": 132}  # the mesh ends before the ear
OUT, BACK, LOWER = 0.035, 0.03, 0.015  # units from there to the lobe
TURN = np.radians(38)  # of a hoop out of the plane that the side of the face lies in
GONE = 0.35  # of the sine of the turn: an ear that is turned away farther is not seen


def lobe(head: Head, face: Face, side: str) -> Values:
    """Where an earring is fixed, in the head's coordinates."""
    sign = 1.0 if side == "left" else -1.0
    return np.asarray(head.of(face[LOBES[side]]) + np.array([OUT * sign, LOWER, BACK]))


def is_seen(head: Head, side: str) -> bool:
    """Whether that ear is turned to the camera, or at least not away from it."""
    outwards = np.array([1.0 if side == "left" else -1.0, 0.0, 0.0])
    return bool(head.turned(outwards)[2] < GONE)


def earring(form: str, head: Head, place: Values, side: str, colour: Values, size: float) -> tuple[Solid, ...]:
    """One earring.

    Args:
        form: "hoop", "stud" or "drop".
        place: the lobe.
        side: "left" or "right", of the wearer.
        colour: sRGB 0..255.
        size: 1 is usual.
    """
    sign = 1.0 if side == "left" else -1.0
    down = head.hanging(1.0)
    if form == "stud":
        return (ball(place, np.full(3, 0.024 * size), colour, gloss=0.9),)
    if form == "drop":
        chain = np.linspace(place, place + 0.09 * size * down, 6)
        pearl = place + 0.125 * size * down
        return (
            ball(place, np.full(3, 0.014 * size), colour, gloss=0.9),
            tube(chain, 0.0045 * size, colour, gloss=0.6),
            ball(pearl, np.array([0.03, 0.042, 0.03]) * size, colour, gloss=0.9),
        )
    across = np.array([np.sin(TURN) * sign, 0.0, np.cos(TURN)])
    across -= (across @ down) * down
    across /= np.linalg.norm(across)
    angle = np.linspace(0, 2 * np.pi, 61)
    radius = 0.085 * size
    ring = place + radius * (down * (1 - np.cos(angle))[:, None] + across * np.sin(angle)[:, None])
    return (tube(ring, 0.0085 * size, colour, gloss=0.7),)
