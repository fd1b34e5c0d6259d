"""Garments drawn up at random as a photo would show them: their mask, light and dark, and landmarks.

They lie a little askew, with wrinkles, seen from a slant, and the mask has the faults that masks of photos have: frayed
edges, gaps between sleeve and body that are filled, a hanger. What landmarks are is known to a fraction of a pixel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .bottoms import skirt, trousers
from .cuts import Pattern, Points
from .landmarks import Kind, Point, Sleeves, around_neck
from .things import thing
from .tops import top

Values = NDArray[np.float32]
Rng = np.random.Generator

Drawn = Kind | Literal["other"]

KINDS_DRAWN: tuple[Drawn, ...] = ("upper", "lower", "skirt", "dress", "other")
SHARES = (0.52, 0.18, 0.09, 0.15, 0.06)  # of the kinds
FINER = 2  # drawn at so many times the resolution
GREY = 110  # of 255: the cloth's tone before light and pattern


@dataclass(frozen=True)
class Silhouette:
    """A drawn garment, as large as its canvas: everything (side, side)."""

    kind: Drawn
    sleeves: Sleeves
    open_front: bool | None
    mask: Values  # 0..1
    luma: Values  # 0..1; outside the mask it means nothing
    inside: Values  # 0..1: the far inner side seen through an opening
    landmarks: Mapping[str, Point]  # in pixels of the canvas


def silhouette(
    rng: Rng, side: int, cloth: Values | None = None, kind: Drawn | None = None, *, closer: bool = False
) -> Silhouette:
    """One garment.

    Args:
        side: pixels of the canvas.
        cloth: (h, w), about 1: light and dark of a real piece of cloth, which the garment is given; None: plain.
        kind: None: at random.
        closer: only the opening for the neck; the kind must have one.
    """
    chosen = kind if kind is not None else KINDS_DRAWN[rng.choice(len(KINDS_DRAWN), p=SHARES)]
    pattern = drawn_up(chosen, rng)
    place = _Lay.sample(pattern, rng, side * FINER)
    if closer:
        place = place.closer(pattern, rng, side * FINER)
    mask, luma, inside = _painted(pattern, place, side * FINER, rng)
    mask, luma = _with_hanger(pattern, place, mask, luma, rng)
    mask = _frayed(mask, rng)
    small = [np.asarray(plane.reduce(FINER), np.float32) / np.float32(255) for plane in (mask, luma, inside)]
    landmarks = {name: place(point[None])[0] / FINER for name, point in pattern.landmarks.items()}
    points = {name: (float(x), float(y)) for name, (x, y) in landmarks.items()}
    light = _lit(small[1], cloth, small[2], rng)
    return Silhouette(chosen, pattern.sleeves, pattern.open_front, small[0], light, small[2] * small[0], points)


def drawn_up(kind: Drawn, rng: Rng) -> Pattern:
    """The pattern of a garment, or of a thing."""
    if kind == "upper" or kind == "dress":
        return top(kind, rng)
    return {"lower": trousers, "skirt": skirt, "other": thing}[kind](rng)


@dataclass(frozen=True)
class _Lay:
    """How a pattern lies before the camera: bent by slow waves, turned, seen from a slant, put on the canvas."""

    waves: Points  # (n, 2) of each wave, radians per cm
    phases: Points  # (n, 2)
    heights: Points  # (n, 2) cm
    matrix: Points  # (3, 3): a projective map from cm to pixels

    def __call__(self, points: Points) -> Points:
        """(N, 2) cm → (N, 2) pixels."""
        bent = points.astype(np.float64)
        for wave, phase, height in zip(self.waves, self.phases, self.heights, strict=True):
            bent = bent + height * np.sin((points @ wave)[:, None] + phase)
        lifted = np.concatenate([bent, np.ones((len(bent), 1))], axis=1) @ self.matrix.T
        mapped: Points = lifted[:, :2] / lifted[:, 2:]
        return mapped

    def closer(self, pattern: Pattern, rng: Rng, canvas: int) -> _Lay:
        """The same, with the opening for the neck filling the canvas, about as the analysis finds it."""
        marks = {name: self(point[None])[0] for name, point in pattern.landmarks.items()}
        x, y, half = around_neck({name: (float(p[0]), float(p[1])) for name, p in marks.items()})
        half *= np.exp(rng.normal(0, 0.14))
        middle = np.array([x, y]) + rng.normal(0, 0.1, 2) * half
        scale = canvas / (2 * half)
        put = np.array(
            [[scale, 0, canvas / 2 - scale * middle[0]], [0, scale, canvas / 2 - scale * middle[1]], [0, 0, 1]]
        )
        return replace(self, matrix=put @ self.matrix)

    @classmethod
    def sample(cls, pattern: Pattern, rng: Rng, canvas: int) -> _Lay:
        u = rng.uniform
        every = np.concatenate([patch.points for patch in pattern.patches if patch.role == "cloth"])
        middle, extent = (every.max(0) + every.min(0)) / 2, float((every.max(0) - every.min(0)).max())
        count = 4
        direction = rng.normal(0, 1, (count, 2))
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        waves = direction * (2 * np.pi / (extent * u(0.4, 1.6, (count, 1))))
        heights = rng.normal(0, 1, (count, 2)) * extent * 0.012 * u(0, 1.6)
        turn = np.radians(rng.normal(0, 5) if u() < 0.75 else u(-32, 32))
        shear, squeeze = rng.normal(0, 0.04), np.exp(rng.normal(0, 0.1))
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        linear = rotation @ np.array([[squeeze, shear], [0, 1 / squeeze]])
        slant = rng.normal(0, 0.1, 2) / extent
        lay = np.eye(3)
        lay[:2, :2], lay[:2, 2] = linear, -linear @ middle
        lay[2, :2], lay[2, 2] = slant, 1 - slant @ middle
        # Fitted to the canvas with a margin, as the analysis crops a garment.
        loose = cls(waves, u(0, 2 * np.pi, (count, 2)), heights, lay)
        seen = loose(every)
        low, high = seen.min(0), seen.max(0)
        scale = canvas * u(0.80, 0.93) / float((high - low).max())
        shift = canvas / 2 - scale * (low + high) / 2 + rng.normal(0, 0.012, 2) * canvas
        put = np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1.0]])
        return cls(waves, loose.phases, heights, put @ lay)


def _painted(pattern: Pattern, place: _Lay, canvas: int, rng: Rng) -> tuple[Image.Image, Image.Image, Image.Image]:
    """Mask, luma and inner side, mode L."""
    planes = [Image.new("L", (canvas, canvas)) for _ in range(3)]
    mask, luma, inside = (ImageDraw.Draw(plane) for plane in planes)
    unit = float(np.sqrt(abs(np.linalg.det(place.matrix[:2, :2]))))  # pixels per cm, nearly
    wrinkled = rng.uniform(0, 0.45) * unit
    inner_lies = {"cloth": 0, "inside": 255, "ground": 0}
    for patch in pattern.patches:
        tone = int(np.clip(GREY * patch.tone, 1, 255))
        if patch.role == "line":
            points = [(x, y) for x, y in place(patch.points).tolist()]
            luma.line(points, fill=tone, width=max(1, round(patch.width * unit)))
            continue
        outline = place(patch.points)
        if patch.role == "mark":
            luma.polygon(outline.ravel().tolist(), fill=tone)
            continue
        corners = _wrinkled(outline, wrinkled, rng).ravel().tolist()
        mask.polygon(corners, fill=0 if patch.role == "ground" else 255)
        luma.polygon(corners, fill=tone)
        inside.polygon(corners, fill=inner_lies[patch.role])
    return planes[0], planes[1], planes[2]


def _wrinkled(outline: Points, amount: float, rng: Rng) -> Points:
    """Small waves along the outline; its corners stay where they are, so that landmarks do."""
    following = np.roll(outline, -1, axis=0)
    steps = 6
    share = np.arange(steps) / steps
    along = outline[:, None] + (following - outline)[:, None] * share[None, :, None]  # (N, steps, 2)
    length = np.hypot(*(following - outline).T)[:, None]
    hump = np.sin(np.pi * share)[None] * np.minimum(1, length / 40) * amount
    noise = rng.normal(0, 1, (len(outline), 1, 2)) + 0.6 * rng.normal(0, 1, (len(outline), steps, 2))
    waved: Points = (along + hump[..., None] * noise).reshape(-1, 2)
    return waved


def _with_hanger(
    pattern: Pattern, place: _Lay, mask: Image.Image, luma: Image.Image, rng: Rng
) -> tuple[Image.Image, Image.Image]:
    """Sometimes a hanger's hook stands out above, and its arms lie in the neck opening."""
    if pattern.kind == "other" or rng.random() > 0.15:
        return mask, luma
    if pattern.kind in ("upper", "dress"):
        front = pattern.landmarks["neck_left"]
        middle = place(np.array([[0.0, 3.0], [0.0, -2.0], [rng.uniform(-1, 1), -rng.uniform(4, 12)]]))
        arms = place(np.array([-front * [1, 0] + [0, 3], [0.0, -1.0], front * [1, 0] + [0, 3]]))
    else:
        middle = place(np.array([[0.0, 0.0], [0.0, -rng.uniform(3, 10)]]))
        arms = place(np.array([[-8.0, -1.0], [8.0, -1.0]]))
    width = int(rng.integers(2, 6))
    for line in (middle, arms):
        points = [(x, y) for x, y in line.tolist()]
        ImageDraw.Draw(mask).line(points, fill=255, width=width)
        ImageDraw.Draw(luma).line(points, fill=int(rng.integers(20, 250)), width=width)
    return mask, luma


def _frayed(mask: Image.Image, rng: Rng) -> Image.Image:
    """The faults of a mask: edges that swell, shrink and fray; narrow gaps that are filled."""
    if rng.random() < 0.2:
        reach = int(rng.choice([3, 5]))  # of a copy: filters that sort are slow
        closed = mask.reduce(4).filter(ImageFilter.MaxFilter(reach)).filter(ImageFilter.MinFilter(reach))
        mask = ImageChops.lighter(mask, closed.resize(mask.size, Image.Resampling.BICUBIC))
    if rng.random() < 0.3:
        return mask
    coarse = rng.normal(0, 1, (12, 12)).astype(np.float32)
    waves = np.asarray(Image.fromarray(coarse).resize(mask.size, Image.Resampling.BICUBIC))
    soft = np.asarray(mask.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 4))), np.float32) / 255
    level = 0.5 + rng.normal(0, 0.08) + 0.16 * rng.uniform(0, 1) * waves
    return Image.fromarray(np.clip((soft - level) * 255 * 2 + 128, 0, 255).astype(np.uint8))


def _lit(luma: Values, cloth: Values | None, inside: Values, rng: Rng) -> Values:
    """Light that falls from somewhere, the cloth's own pattern, noise."""
    side = luma.shape[0]
    coarse = rng.normal(0, 1, (5, 5)).astype(np.float32)
    light = np.asarray(Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC))
    lit = luma * np.exp(np.float32(rng.uniform(0, 0.18)) * light)
    if rng.random() < 0.6:  # folds
        fine = rng.normal(0, 1, (int(rng.integers(8, 24)), int(rng.integers(8, 24)))).astype(np.float32)
        lit = lit * np.exp(
            rng.uniform(0, 0.12) * np.asarray(Image.fromarray(fine).resize((side, side), Image.Resampling.BICUBIC))
        )
    if cloth is not None:
        # The inner side has the pattern too, or another piece of it, or none.
        other = (cloth, np.roll(cloth, luma.shape[0] // 3, axis=(0, 1)), np.ones_like(cloth))[rng.integers(3)]
        cloth = cloth * (1 - inside) + other * inside
        lit = lit * np.clip(cloth, 0.05, 6) ** np.float32(rng.uniform(0.3, 1.2))
    noise = rng.normal(0, rng.uniform(0, 0.02), lit.shape)
    brightness = rng.uniform(0.5, 2.2)
    return np.asarray(np.clip((lit + noise) * brightness, 0, 1), np.float32)
