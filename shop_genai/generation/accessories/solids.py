"""Things in space: small quadrilaterals, lit and drawn from the farthest to the nearest, without jagged edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from .head import Head
from .light import Light

Values = NDArray[np.float64]
Plane = NDArray[np.floating]

FINER = 4  # times: drawn larger, then averaged
LARGEST = 3200  # pixels a side at which anything is drawn
AROUND = 14  # quadrilaterals around a wire


@dataclass(frozen=True)
class Solid:
    """A surface."""

    quads: Values  # (n, 4, 3), in the head's coordinates
    normals: Values  # (n, 3), outwards
    colour: Values  # (3,) or (n, 3), sRGB 0..255
    gloss: float = 0.0  # strength of highlights
    closed: bool = True  # its far side is hidden by its near one; else both sides are seen


@dataclass(frozen=True)
class Layer:
    """What is laid over a part of the picture."""

    left: int
    top: int
    colour: Plane  # (h, w, 3), 0..255
    cover: Plane  # (h, w), 0..1

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(left, top, right, bottom) in the picture."""
        return self.left, self.top, self.left + self.cover.shape[1], self.top + self.cover.shape[0]

    def covering(self, plane: Plane) -> Layer:
        """The same, as far as a plane (h, w) lets it be seen."""
        return Layer(self.left, self.top, self.colour, self.cover * plane)


def surface(points: Values, colour: Values, gloss: float = 0.0, centre: Values | None = None) -> Solid:
    """A grid of points (u, v, 3) → the surface between them.

    Args:
        centre: of a closed body, from which its surface looks away; None: both sides are seen.
    """
    corners = np.stack([points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]], axis=2)
    quads = corners.reshape(-1, 4, 3)
    normals = np.cross(quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1])
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    sound = length[:, 0] > 1e-12
    quads, normals = quads[sound], normals[sound] / length[sound]
    if centre is not None:
        inwards = np.sum(normals * (quads.mean(axis=1) - centre), axis=1) < 0
        normals[inwards] *= -1
    if colour.ndim == 3:
        colour = colour[:-1, :-1].reshape(-1, 3)[sound]
    return Solid(quads, normals, colour, gloss, centre is not None)


def tube(path: Values, radius: float, colour: Values, gloss: float = 0.0, flat: float = 1.0) -> Solid:
    """A wire along a path (n, 3).

    Args:
        radius: of the wire, in units.
        flat: its depth by its height: a broad rim has less depth than height.
    """
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    ahead = np.array([0.0, 0.0, 1.0])
    if np.abs(along[:, 2]).mean() > 0.8:
        ahead = np.array([1.0, 0.0, 0.0])
    beside = np.cross(along, ahead)
    beside /= np.maximum(np.linalg.norm(beside, axis=1, keepdims=True), 1e-9)
    over = np.cross(along, beside)
    angle = np.linspace(0, 2 * np.pi, AROUND + 1)
    ring = np.cos(angle)[None, :, None] * beside[:, None] + flat * np.sin(angle)[None, :, None] * over[:, None]
    made = surface(path[:, None] + radius * ring, colour, gloss)
    middles = np.repeat((path[:-1] + path[1:]) / 2, AROUND, axis=0)[: len(made.quads)]
    inwards = np.sum(made.normals * (made.quads.mean(axis=1) - middles), axis=1) < 0
    made.normals[inwards] *= -1
    return Solid(made.quads, made.normals, made.colour, gloss)


def ball(centre: Values, radii: Values, colour: Values, gloss: float = 0.0) -> Solid:
    """An ellipsoid."""
    up, round_ = np.meshgrid(np.linspace(0, np.pi, 16), np.linspace(0, 2 * np.pi, 25), indexing="ij")
    unit = np.stack([np.sin(up) * np.cos(round_), -np.cos(up), np.sin(up) * np.sin(round_)], axis=-1)
    return surface(centre + unit * radii, colour, gloss, centre)


def drawn(solids: Sequence[Solid], head: Head, light: Light, size: tuple[int, int]) -> Layer | None:
    """What solids look like on that head; None: nothing of them is in the picture.

    Args:
        size: of the picture, (width, height).
    """
    seen, colours, depths = [], [], []
    for solid in solids:
        normals = head.turned(solid.normals)
        if solid.closed:
            facing = normals[:, 2] < 0.15  # with perspective, a little of what is turned away is seen
        else:
            facing = np.ones(len(normals), bool)
            normals = np.where(normals[:, 2:] > 0, -normals, normals)
        colour = solid.colour if solid.colour.ndim == 1 else solid.colour[facing]
        seen.append(head.seen(solid.quads[facing]))
        colours.append(light.shaded(colour, normals[facing], solid.gloss))
        depths.append(head.turned(solid.quads[facing])[..., 2].mean(axis=1))
    corners = np.concatenate(seen)
    shade = np.concatenate(colours)
    order = np.argsort(-np.concatenate(depths))
    if not len(corners):
        return None
    low = np.floor(corners.min(axis=(0, 1))).astype(int) - 1
    high = np.ceil(corners.max(axis=(0, 1))).astype(int) + 2
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    right, bottom = min(size[0], int(high[0])), min(size[1], int(high[1]))
    if right <= left or bottom <= top:
        return None
    finer = max(1, min(FINER, LARGEST // max(right - left, bottom - top)))
    canvas = Image.new("RGB", ((right - left) * finer, (bottom - top) * finer))
    cover = Image.new("L", canvas.size)
    paint, fill = ImageDraw.Draw(canvas), ImageDraw.Draw(cover)
    # Pillow's whole numbers are the middles of pixels.
    moved = (corners - (left, top)) * finer - 0.5
    for place in order:
        outline = [tuple(corner) for corner in moved[place].tolist()]
        red, green, blue = shade[place].round().astype(int).tolist()
        paint.polygon(outline, fill=(red, green, blue))
        fill.polygon(outline, fill=255)
    alpha = np.asarray(cover.reduce(finer), np.float32) / 255
    colour = np.asarray(canvas.reduce(finer), np.float32) / np.maximum(alpha, 1 / 255)[..., None]
    return Layer(left, top, np.minimum(colour, 255), alpha)
