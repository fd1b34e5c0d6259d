"""Lipstick: another colour on the lips, whose own light and shade stay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from shop_genai.generation.lab import lab, rgb

from .faces import Face

Plane = NDArray[np.floating]
Values = NDArray[np.float64]

OUTER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
INNER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191)
FINER = 8
SOFT = 0.012  # of the mouth's width: how gradual the edge is
TEETH = 14.0  # of Lab: lighter and paler than the lips by more is no lip
COVERS = {"matte": 0.95, "satin": 0.85, "gloss": 0.7}
DEEP = {"matte": 0.75, "satin": 1.0, "gloss": 1.15}  # what is kept of light and shade
SHINE = {"matte": 0.0, "satin": 0.15, "gloss": 0.7}  # what is added to lights


def lips(face: Face, box: tuple[int, int, int, int]) -> Plane:
    """How far the lips cover each pixel of a box, 0..1."""
    width, height = box[2] - box[0], box[3] - box[1]
    canvas = Image.new("L", (width * FINER, height * FINER))
    paint = ImageDraw.Draw(canvas)
    for ring, fill in ((OUTER, 255), (INNER, 0)):
        line = _smooth(face.points[list(ring), :2] - box[:2]) * FINER - 0.5
        paint.polygon([tuple(point) for point in line.tolist()], fill=fill)
    soft = SOFT * float(np.linalg.norm(face[291][:2] - face[61][:2]))
    cover = canvas.reduce(FINER).filter(ImageFilter.GaussianBlur(max(0.5, soft)))
    return np.asarray(cover, np.float32) / 255


def coloured(pixels: Values, cover: Plane, colour: tuple[int, int, int], finish: str, strength: float) -> Values:
    """Pixels (..., 3), 0..255, with lipstick where it covers.

    Lightness keeps its differences around the lips' own middle; colour keeps a part of them. Highlights stay white, and
    with a glossy finish become brighter.

    Args:
        cover: (...): how far the lips cover each.
        colour: of the lipstick, sRGB.
        finish: "matte", "satin" or "gloss".
        strength: 0..1.
    """
    sure = cover > 0.6
    if not sure.any():
        return pixels
    own = lab(pixels)
    wanted = lab(np.array(colour, np.float64))
    middle = np.median(own[sure], axis=0)
    differs = own - middle
    # Bright, pale pixels between open lips are teeth.
    pale = np.hypot(own[..., 1], own[..., 2]) < np.hypot(middle[1], middle[2]) - 4
    teeth = np.clip((differs[..., 0] - TEETH) / 8, 0, 1) * pale
    # What a film lets through of the lips depends on how it covers.
    level = middle[0] + (wanted[0] - middle[0]) * COVERS[finish]
    tint = middle[1:] + (wanted[1:] - middle[1:]) * COVERS[finish]
    depth = DEEP[finish] * (0.6 + 0.4 * level / max(middle[0], 1.0) if level < middle[0] else 1.0)
    lights = np.clip(differs[..., 0] - np.percentile(differs[sure][:, 0], 75), 0, None)
    made = np.empty_like(own)
    made[..., 0] = np.clip(level + depth * differs[..., 0] + SHINE[finish] * 2.2 * lights, 0, 100)
    paler = np.clip(1 - lights / 45, 0.35, 1)[..., None]
    made[..., 1:] = (tint + 0.4 * differs[..., 1:]) * paler
    share = (cover * strength * (1 - teeth))[..., None]
    return np.asarray(pixels + share * (rgb(own + (made - own)) - pixels))


def _smooth(ring: Values) -> Values:
    """A closed line through those points (n, 2), without corners.

    Source: Catmull and Rom 1974, "A Class of Local Interpolating Splines".
    """
    before, after, next_ = np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0), np.roll(ring, -2, axis=0)
    parts = []
    for t in np.linspace(0, 1, 6, endpoint=False):
        parts.append(
            0.5
            * (
                2 * ring
                + (after - before) * t
                + (2 * before - 5 * ring + 4 * after - next_) * t**2
                + (3 * ring - before - 3 * after + next_) * t**3
            )
        )
    return np.stack(parts, axis=1).reshape(-1, 2)
