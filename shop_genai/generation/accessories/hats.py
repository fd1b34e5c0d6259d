"""Hats: a crown round the skull, and what sticks out of it, as surfaces in space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .faces import Face
from .head import Head
from .solids import Solid, surface

Values = NDArray[np.float64]

HALF_WIDTH, HALF_DEPTH = 0.59, 0.68  # of the skull with flat hair, in units
MIDDLE = 0.45  # of the skull behind the eyes
ROUND, HIGH = 121, 40  # points round a crown, and from its edge to its top
BAND = 0.16  # of a crown's height
BROADEST = 1.18  # times: hair lifts a hat no farther


@dataclass(frozen=True)
class Form:
    """Lengths in units of the face's width."""

    height: float  # of the crown
    power: float  # 2: a dome; more: straight sides and a flat top
    edge: float  # of its front edge below the hairline
    tilt: float  # how much lower the edge lies at the back
    brim: float = 0.0  # its width
    droop: float = 0.0  # how far the brim hangs down at its outer edge
    visor: float = 0.0  # how far a visor reaches out
    ribs: int = 0  # of knitted cloth
    taper: float = 0.0  # how much narrower the top is
    straw: bool = False
    gloss: float = 0.0


FORMS = {
    "beanie": Form(0.72, 2.2, 0.10, 0.30, ribs=46),
    "cap": Form(0.62, 2.3, 0.03, 0.26, visor=0.42, gloss=0.02),
    "fedora": Form(0.70, 4.5, 0.03, 0.10, brim=0.34, droop=-0.03, taper=0.16),
    "sun_hat": Form(0.60, 2.8, 0.03, 0.12, brim=0.62, droop=0.12, taper=0.05, straw=True),
}


@dataclass(frozen=True)
class Hat:
    """What is drawn: first what is behind the head, then what is before it."""

    behind: tuple[Solid, ...]
    front: tuple[Solid, ...]
    edge: Values  # (n, 3): the crown's lower edge, round the head


def hat(form: Form, head: Head, face: Face, colour: Values, size: float, hair: float = 1.0) -> Hat:
    """A hat that fits a head.

    Args:
        form: one of `FORMS`.
        colour: sRGB 0..255.
        size: 1 fits.
        hair: how much wider than the skull its hair is.
    """
    wide = size * float(np.clip(hair, 1.0, BROADEST))
    top = float(head.of(face[10])[1]) + form.edge
    angle = np.linspace(0, 2 * np.pi, ROUND)  # 0 is the front, then to the wearer's left
    rise = np.linspace(0, 1, HIGH)
    crown, shades = _crown(form, angle, rise, wide, top, colour)
    middle = np.array([0.0, top - 0.3 * form.height, MIDDLE])
    edge = crown[0]
    front = [surface(crown, shades, form.gloss, middle)]
    behind: list[Solid] = []
    if form.brim:
        rim = _brim(form, angle, edge, wide)
        tone = np.broadcast_to(colour, (*rim.shape[:2], 3)) * _weave(form, rim)[..., None]
        far = np.cos(angle) < -0.05  # of the brim, what lies behind the head
        behind.append(surface(rim[:, _around(far)], tone[:, _around(far)], form.gloss))
        for part in _runs(~far):
            front.append(surface(rim[:, part], tone[:, part], form.gloss))
    if form.visor:
        plate = _visor(form, edge, angle, wide)
        # Under the crown there is shade; at its rim the cloth is turned over.
        tone = np.linspace(0.6, 1.05, len(plate))
        tone[-3:] = 0.75, 1.3, 1.3
        front.append(surface(plate, np.clip(tone[:, None, None] * colour, 0, 255) + 0 * plate, form.gloss + 0.03))
    return Hat(tuple(behind), tuple(front), edge)


def _crown(form: Form, angle: Values, rise: Values, wide: float, top: float, colour: Values) -> tuple[Values, Values]:
    """Points (h, n, 3) and colours of the crown, from its edge upwards."""
    share = (1 - rise**form.power) ** (1 / form.power)  # a superellipse from the edge to the top
    across = share * (1 - form.taper * rise)
    ribs = np.cos(form.ribs * angle) if form.ribs else np.zeros_like(angle)
    # Folded up, the band of a knitted hat stands off.
    fold = np.where(rise < BAND, 1.045, 1.0) if form.ribs else np.ones_like(rise)
    radius = (across * fold)[:, None] * (1 + 0.012 * ribs * (rise < 0.97)[:, None])
    x = wide * HALF_WIDTH * radius * np.sin(angle)
    z = MIDDLE - wide * HALF_DEPTH * radius * np.cos(angle)
    back = (1 - np.cos(angle)) / 2
    y = top + form.tilt * back * (1 - rise[:, None]) - wide * form.height * rise[:, None]
    points = np.stack([x, y + 0 * x, z], axis=-1)
    tone = np.ones_like(x)
    if form.ribs:
        tone = tone * (0.9 + 0.1 * ribs) * np.where(rise < BAND, 1.06, 1.0)[:, None]
        tone = np.where(np.abs(rise - BAND)[:, None] < 0.02, 0.72, tone)
    elif form.brim:
        tone = np.where(((rise > 0.02) & (rise < 0.26))[:, None], 0.55, tone)  # a ribbon
    else:
        seams = np.abs(np.mod(angle / (2 * np.pi) * 6 + 0.5, 1) - 0.5) < 0.02
        tone = np.where(seams[None] & (rise < 0.93)[:, None], 0.8, tone)
    tone = tone * _weave(form, points)
    return points, np.clip(colour * tone[..., None], 0, 255)


def _brim(form: Form, angle: Values, edge: Values, wide: float) -> Values:
    """(k, n, 3): from the crown's edge outwards."""
    outwards = np.stack([np.sin(angle), np.zeros_like(angle), -np.cos(angle)], axis=-1)
    reach = np.linspace(0, 1, 12)[:, None, None]
    fall = form.droop * reach**2 - 0.05 * np.abs(np.sin(angle))[None, :, None] ** 2 * reach
    down = np.array([0.0, 1.0, 0.0])
    return np.asarray(edge[None] + reach * form.brim * wide * outwards[None] + fall * wide * down)


def _visor(form: Form, edge: Values, angle: Values, wide: float) -> Values:
    """(k, m, 3): a bent plate before the forehead."""
    front = _around(np.cos(angle) > 0.35)
    root, side = edge[front], np.sin(angle[front])
    reach = np.linspace(0, 1, 24)[:, None]
    shape = np.clip(1 - (side / 0.95) ** 2, 0, 1) ** 0.5
    forward = reach * form.visor * wide * shape
    fall = 0.11 * wide * reach**1.2 * shape + 0.13 * wide * side**2 * reach
    return np.stack([root[:, 0] + 0 * forward, root[:, 1] + fall, root[:, 2] - forward], axis=-1)


def _weave(form: Form, points: Values) -> Values:
    """Light and dark of straw, (h, n); smooth cloth: 1."""
    if not form.straw:
        return np.ones(points.shape[:2])
    rows, columns = np.indices(points.shape[:2])
    return np.asarray(1 - 0.09 * ((rows % 2) ^ ((columns // 2) % 2)))


def _around(wanted: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The places of a run that may go over the end of a closed line (whose last point is its first), in order."""
    count = len(wanted) - 1
    places = np.flatnonzero(wanted[:count])
    gaps = np.flatnonzero(np.diff(places) > 1)
    return np.roll(places, -(int(gaps[0]) + 1)) if len(gaps) else places


def _runs(wanted: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """The wanted part of a closed line as one run, lengthened by a step at its ends so that nothing gapes."""
    places = _around(wanted)
    count = len(wanted) - 1
    return [np.concatenate([[(places[0] - 1) % count], places, [(places[-1] + 1) % count]])]
