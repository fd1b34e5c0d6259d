"""Somebody who does not exist: a drawn face whose points are known, and what looks at it in the place of networks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from shop_genai.generation.accessories import lipstick, photo
from shop_genai.generation.accessories.faces import COUNT, Box, Face
from shop_genai.generation.segment.classes import CLASSES, number
from shop_genai.generation.segment.masks import ProductMask

SIZE = (240, 300)
EYES, UNIT = (120.0, 130.0), 90.0  # where the face is, and how wide

HAIR, SKIN, LIP, GROUND, SHIRT = (60, 40, 30), (205, 160, 135), (170, 90, 90), (190, 195, 200), (60, 90, 160)
PLACES = {  # in units of the width of a face, from between the eyes: x to the left of the wearer, y down, z away
    168: (0, -0.05, -0.13),
    1: (0, 0.27, -0.29),
    13: (0, 0.46, -0.16),
    33: (-0.30, 0, 0),
    263: (0.30, 0, 0),
    133: (-0.12, 0, -0.04),
    362: (0.12, 0, -0.04),
    159: (-0.21, -0.03, -0.04),
    386: (0.21, -0.03, -0.04),
    145: (-0.21, 0.03, -0.03),
    374: (0.21, 0.03, -0.03),
}


def turned(degrees: float) -> NDArray[np.float64]:
    """A head that turns to its left."""
    angle = np.radians(-degrees)
    return np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])


def face(yaw: float = 0.0, eyes: tuple[float, float] = EYES, unit: float = UNIT) -> Face:
    """A mesh like MediaPipe's, of a face as broad as usual."""
    random = np.random.default_rng(1)
    angle, radius = random.uniform(0, 2 * np.pi, COUNT), 0.8 * np.sqrt(random.uniform(0, 1, COUNT))
    points = np.stack([0.5 * radius * np.cos(angle), 0.2 + 0.62 * radius * np.sin(angle), 0 * angle], axis=1)
    round_ = np.linspace(0, 2 * np.pi, len(photo.OVAL), endpoint=False)
    points[list(photo.OVAL)] = np.stack([0.5 * np.sin(round_), 0.2 - 0.62 * np.cos(round_), 0 * round_], axis=1)
    for ring, wide, high in ((lipstick.OUTER, 0.19, 0.09), (lipstick.INNER, 0.15, 0.02)):
        turn = np.linspace(0, 2 * np.pi, len(ring), endpoint=False)
        points[list(ring)] = np.stack([-wide * np.cos(turn), 0.48 + high * np.sin(turn), 0 * turn], axis=1)
    points[:, 2] = 1.6 * points[:, 0] ** 2 - 0.1
    for place, point in PLACES.items():
        points[place] = point
    points = points @ turned(yaw).T * unit
    return Face(points + np.array([*eyes, 0.0]))


def drawn_person() -> Image.Image:
    """The photo of that face, with some texture in the hair."""
    picture = Image.new("RGB", SIZE, GROUND)
    paint = ImageDraw.Draw(picture)
    for box, colour in _shapes():
        paint.ellipse(box, fill=colour)
    pixels = np.asarray(picture, np.float32).copy()
    hair = np.all(np.asarray(picture) == HAIR, axis=2)
    strands = 12 * np.sin(np.arange(SIZE[0]) * 1.1)[None, :, None]
    pixels[hair] = (pixels + strands)[hair]
    pixels += np.random.default_rng(2).normal(0, 1.5, pixels.shape[:2])[..., None]
    return Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))


def _shapes() -> list[tuple[tuple[float, float, float, float], tuple[int, int, int]]]:
    def at(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        return EYES[0] + left * UNIT, EYES[1] + top * UNIT, EYES[0] + right * UNIT, EYES[1] + bottom * UNIT

    return [
        (at(-1.1, 1.0, 1.1, 3.0), SHIRT),
        (at(-0.62, -0.8, 0.62, 0.5), HAIR),
        (at(-0.25, 0.3, 0.25, 1.2), SKIN),
        (at(-0.5, -0.42, 0.5, 0.82), SKIN),
        (at(-0.19, 0.39, 0.19, 0.57), LIP),
    ]


@dataclass(frozen=True)
class Seen:
    classes: NDArray[np.float32]


class Segmenter:
    """Knows what was drawn by its colours."""

    digest, version, device = "d" * 64, "test", "cpu"

    def look(self, picture: Image.Image) -> Seen:
        pixels = np.asarray(picture.convert("RGB"), np.int64)
        known = {"hair": HAIR, "skin": SKIN, "upper": SHIRT, "background": GROUND}
        distances = np.stack([np.abs(pixels - colour).sum(axis=2) for colour in known.values()])
        best = distances.argmin(axis=0)
        classes = np.zeros((len(CLASSES), *best.shape), np.float32)
        for place, name in enumerate(known):
            classes[number(name)] = best == place
        return Seen(classes[:, ::2, ::2])

    def product_mask(self, picture: Image.Image) -> ProductMask:
        bright = np.asarray(picture.convert("L")) < 250
        return ProductMask(Image.fromarray(bright.astype(np.uint8) * 255), "network", "product", 1.0)


class Faces:
    """Finds the faces that it was told of."""

    def __init__(self, *faces: Face) -> None:
        self.faces = list(faces)
        self.near: list[Box] = []

    def look(self, picture: Image.Image, near: Iterable[Box] = ()) -> Sequence[Face]:
        self.near = list(near)
        return self.faces
