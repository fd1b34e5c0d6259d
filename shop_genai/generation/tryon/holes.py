"""Holes in the mask of a garment that are none: a white label, a white print before a white ground.

Ground is seen between a sleeve and the body, and between legs; through the trunk of a garment it is not.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from shop_genai.generation.segment.regions import parts

from .landmarks import Kind, Point

SIDE = 320  # pixels, the longer side of the copy that is looked at
WITHIN = 0.8  # share of a hole that lies in the trunk
MOST = 0.08  # share of the garment that a hole takes up at most
TRUNKS: dict[Kind, tuple[str, ...]] = {
    "upper": ("neck_left", "shoulder_left", "armpit_left", "hem_left"),
    "dress": ("neck_left", "shoulder_left", "armpit_left", "waist_left", "hem_left"),
    "skirt": ("waist_left", "hip_left", "hem_left"),
    "lower": ("waist_left", "hip_left"),  # down to the crotch
}


def filled(mask: Image.Image, kind: Kind, landmarks: Mapping[str, Point]) -> Image.Image:
    """The mask, mode L, without holes in the garment's trunk; the same object where it has none."""
    scale = min(1.0, SIDE / max(mask.size))
    size = (max(1, round(mask.width * scale)), max(1, round(mask.height * scale)))
    there = np.asarray(mask.resize(size, Image.Resampling.BOX)) > 127
    numbers = parts(~np.pad(there, 1))
    holes = numbers * (numbers != numbers[0, 0])
    holes = holes[1:-1, 1:-1]
    areas = np.bincount(holes.ravel())
    trunk = Image.new("L", size)
    names = TRUNKS[kind]
    around = [*names, *(name.replace("left", "right") for name in reversed(names))]
    points = [(landmarks[name][0] * scale, landmarks[name][1] * scale) for name in around]
    ImageDraw.Draw(trunk).polygon(points, fill=255)
    inside = np.bincount(holes[np.asarray(trunk) > 0], minlength=len(areas))
    wanted = (inside >= WITHIN * areas) & (areas <= MOST * there.sum()) & (areas > 0)
    wanted[0] = False
    if not wanted.any():
        return mask
    closed = Image.fromarray((wanted[holes] * 255).astype(np.uint8)).filter(ImageFilter.MaxFilter(5))
    return Image.fromarray(
        np.maximum(np.asarray(mask), np.asarray(closed.resize(mask.size, Image.Resampling.BILINEAR)))
    )
