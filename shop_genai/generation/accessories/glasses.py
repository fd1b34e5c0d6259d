"""Glasses and sunglasses: rims, a bridge and temples in space, lenses in between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from .faces import Face
from .head import Head
from .solids import FINER, Solid, tube

Values = NDArray[np.float64]
Plane = NDArray[np.floating]

EYES = ((263, 362, 386, 374), (33, 133, 159, 145))  # the wearer's left, right
BRIDGE, TEMPLES = 168, (454, 234)
BEFORE = 0.035  # of the lenses before the bridge of the nose
WRAP = 0.22  # how far lenses go back with the square of the distance from the middle
ROUND = 72  # points of an outline


@dataclass(frozen=True)
class Form:
    """The outline of a lens and what holds it; lengths in units."""

    half_width: float
    half_height: float
    corner: float  # exponent of the superellipse: 2 is an ellipse, more is nearer to a rectangle
    wire: float  # radius of the rim
    lift: float = 0.0  # of the outer upper corner
    narrow: float = 0.0  # how much narrower it is below
    lower: float = 0.0  # its middle under the eye's
    bar: bool = False  # a second bridge above
    gloss: float = 0.25


FORMS = {
    "round": Form(0.158, 0.156, 2.0, 0.0085, lower=0.02),
    "square": Form(0.178, 0.128, 4.0, 0.0165, lower=0.01),
    "cat_eye": Form(0.178, 0.122, 2.5, 0.0155, lift=0.085, lower=0.015),
    "aviator": Form(0.198, 0.168, 2.4, 0.0065, narrow=0.24, lower=0.055, bar=True, gloss=0.6),
}


@dataclass(frozen=True)
class Glasses:
    """What is drawn: rims over the face, temples under the hair, and the lenses' outlines."""

    front: tuple[Solid, ...]
    temples: tuple[Solid, ...]
    lenses: tuple[Values, ...]  # (n, 3) each


def glasses(form: Form, head: Head, face: Face, colour: Values, size: float) -> Glasses:
    """Glasses that fit a face.

    Args:
        form: one of `FORMS`.
        colour: of rims and temples, sRGB 0..255.
        size: 1 fits.
    """
    front: list[Solid] = []
    temples: list[Solid] = []
    lenses: list[Values] = []
    depth = float(head.of(face[BRIDGE])[2]) - BEFORE
    inner, outer = [], []
    for eye, temple, sign in zip(EYES, TEMPLES, (1.0, -1.0), strict=True):
        middle = head.of(face.mean(*eye))
        half = form.half_width * size
        across = max(abs(float(middle[0])), half + 0.045 * size) * sign
        outline = _outline(form, size, sign) + np.array([across, middle[1] + form.lower * size, 0.0])
        outline[:, 2] = depth + WRAP * outline[:, 0] ** 2
        lenses.append(outline)
        front.append(tube(outline, form.wire * size, colour, form.gloss, flat=0.8))
        sides = outline[:, 0] * sign
        inner.append(outline[np.argmin(sides + 0.4 * np.abs(outline[:, 1] - middle[1] + 0.02))])
        hinge = outline[np.argmax(sides - 0.6 * np.abs(outline[:, 1] - middle[1] + 0.05))]
        outer.append(hinge)
        temples.append(_temple(form, head, face[temple], hinge, sign, size, colour))
    front.append(tube(_arc(inner[0], inner[1], 0.03 * size), 1.15 * form.wire * size, colour, form.gloss))
    if form.bar:
        tops = [lens[np.argmin(lens[:, 1] + 0.8 * np.abs(lens[:, 0]))] for lens in lenses]
        front.append(tube(_arc(tops[0], tops[1], 0.012 * size), form.wire * size, colour, form.gloss))
    return Glasses(tuple(front), tuple(temples), tuple(lenses))


def _outline(form: Form, size: float, sign: float) -> Values:
    """(n, 3) round the origin; the outer side lies towards `sign`."""
    angle = np.linspace(0, 2 * np.pi, ROUND + 1)
    power = 2 / form.corner
    x = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power
    y = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power
    lift = form.lift * np.clip(x, 0, 1) ** 2 * np.clip(0.6 - y, 0, 1.6) / 1.6
    across = form.half_width * x * (1 - form.narrow * np.clip(y, 0, 1))
    return size * np.stack([sign * across, form.half_height * y - lift, np.zeros_like(x)], axis=1)


def _arc(start: Values, end: Values, rise: float) -> Values:
    """A path from one point to another that rises in between and comes forward."""
    share = np.linspace(0, 1, 13)[:, None]
    bow = np.sin(np.pi * share)
    return np.asarray(start + (end - start) * share + bow * np.array([0.0, -rise, -0.4 * rise]))


def _temple(form: Form, head: Head, ear: Values, hinge: Values, sign: float, size: float, colour: Values) -> Solid:
    """From the hinge along the side of the head to the ear."""
    end = head.of(ear) + np.array([0.035 * sign, -0.13, 0.02])
    knee = np.array([max(abs(hinge[0]), 0.93 * abs(end[0])) * sign, hinge[1], hinge[2] + 0.07])
    share = np.linspace(0, 1, 12)[:, None]
    path = np.concatenate([np.linspace(hinge, knee, 4)[:-1], knee + (end - knee) * share])
    return tube(path, form.wire * size, colour, form.gloss)


def lens_planes(lenses: tuple[Values, ...], head: Head, box: tuple[int, int, int, int]) -> tuple[Plane, Plane]:
    """How far lenses cover each pixel of a box, and how high in its lens a pixel is: 0 the top, 1 the bottom."""
    width, height = box[2] - box[0], box[3] - box[1]
    canvas = Image.new("L", (width * FINER, height * FINER))
    paint = ImageDraw.Draw(canvas)
    high = np.zeros((height, width), np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None] + 0.5
    for lens in lenses:
        outline = head.seen(lens) - box[:2]
        paint.polygon([tuple(point) for point in (outline * FINER - 0.5).tolist()], fill=255)
        low, top = outline[:, 1].max(), outline[:, 1].min()
        middle = outline[:, 0].mean()
        share = np.clip((rows - top) / max(float(low - top), 1.0), 0, 1)
        near = np.abs(np.arange(width)[None] - middle) <= np.ptp(outline[:, 0])
        high = np.where(near, share, high)
    return np.asarray(canvas.reduce(FINER), np.float32) / 255, high.astype(np.float32)
