"""Where methods of others may change a photo: where a garment of that kind can lie, and never the face or the hair.

Our own methods know exactly which pixels they draw. A model of somebody else's may redraw the whole picture, and the
shopper with it; what it did elsewhere is thrown away.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from .body import HALF, Body

Plane = NDArray[np.float32]

ROOM = 0.22  # of the body's unit: how far beside the body loose cloth may hang
THROAT = 0.55  # of the way from the nose to the shoulders' line: what is lower is the throat, which collars cover
WORN_ON = {
    "upper": ("upper", "arms"),
    "lower": ("lower", "legs"),
    "skirt": ("lower", "legs"),
    "dress": ("upper", "arms", "lower", "legs"),
}


def may_change(body: Body, size: tuple[int, int], kind: str) -> Image.Image:
    """Mode L, the photo's size: 255 where a garment may be drawn.

    Args:
        body: of the person.
        size: of the photo.
        kind: "upper", "lower", "skirt" or "dress".
    """
    scale = body.frame.scale / 2
    there = np.clip(body.parse.of(*WORN_ON[kind]), 0, 1)
    reach = max(1, round(ROOM * body.skeleton.width * scale))
    near = _image(there).point(lambda value: 255 if value > 100 else 0)
    near = near.filter(ImageFilter.MaxFilter(2 * reach + 1)).filter(ImageFilter.GaussianBlur(reach / 4))
    throat = _throat(body) if kind in ("upper", "dress") else np.float32(0)
    kept = np.clip(body.parse.of("hair", "face", "other") - throat, 0, 1)
    if kind in ("lower", "skirt"):
        kept = np.maximum(kept, body.parse["arms"])
    allowed = np.minimum(np.asarray(near, np.float32) / 255, 1 - kept)
    frame = body.frame
    whole = Image.new("L", size)
    part = _image(allowed).resize((frame.right - frame.left, frame.bottom - frame.top), Image.Resampling.BILINEAR)
    whole.paste(part, (frame.left, frame.top))
    return whole


def _throat(body: Body) -> Plane:
    """(h, w) of the frame's half: skin of the face that lies below the chin."""
    nose = body.pose.point("nose")
    face = body.parse["face"]
    if nose is None:
        return np.zeros_like(face)
    matrix = body.frame.matrix / 2
    start = matrix[:, :2] @ np.asarray(nose) + matrix[:, 2]
    way = matrix[:, :2] @ body.skeleton.neck + matrix[:, 2] - start
    y, x = np.mgrid[0 : HALF[1], 0 : HALF[0]]
    along = ((x - start[0]) * way[0] + (y - start[1]) * way[1]) / max(float(way @ way), 1e-6)
    return np.asarray(np.where(along > THROAT, face, 0), np.float32)


def _image(plane: Plane) -> Image.Image:
    return Image.fromarray(np.rint(np.clip(plane, 0, 1) * 255).astype(np.uint8))
