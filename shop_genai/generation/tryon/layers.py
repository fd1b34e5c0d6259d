"""An open jacket over a shirt: which part of what somebody wears on top is under the other."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from shop_genai.generation.lab import lab

from .parse import Parse
from .skeleton import Skeleton

APART = 14.0  # ΔE: colours of two garments differ by more
STRIP = 0.10  # of the body's unit: half the width of the strip down the middle, where the inner garment shows
LEAST = 0.04  # share of the top that the inner garment takes up at least


def inner_layer(photo: Tensor, parse: Parse, skeleton: Skeleton) -> Tensor | None:
    """Where the inner garment shows between the sides of an open one, (h, w) in 0..1; None: nothing open is seen.

    Down the middle of the chest an open jacket shows what is worn under it. If that has another colour than the cloth
    at the shoulders' ends and beside the trunk, each pixel of the top belongs to the nearer of the two.

    Args:
        photo: (3, h, w) in 0..1.
        parse, skeleton: of the same pixels.
    """
    height, width = photo.shape[1:]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    axis = skeleton.pelvis - skeleton.neck
    down = ((x - skeleton.neck[0]) * axis[0] + (y - skeleton.neck[1]) * axis[1]) / max(float(axis @ axis), 1.0)
    normal = np.array([axis[1], -axis[0]]) / max(float(np.linalg.norm(axis)), 1e-6)
    beside = np.abs((x - skeleton.neck[0]) * normal[0] + (y - skeleton.neck[1]) * normal[1]) / skeleton.width
    top = parse["upper"] > 0.6
    middle = top & (beside < STRIP) & (down > 0.15) & (down < 0.75)
    sides = top & (beside > 0.36) & (beside < 0.62) & (down > 0.05) & (down < 0.8)
    if min(middle.sum(), sides.sum()) < 40:
        return None
    colours = lab(photo.permute(1, 2, 0).numpy().astype(np.float64) * 255)
    inner, outer = np.median(colours[middle], axis=0), np.median(colours[sides], axis=0)
    if float(np.linalg.norm(inner - outer)) < APART:
        return None
    distances = [np.linalg.norm(colours - colour, axis=2) for colour in (inner, outer)]
    nearer = top & (distances[0] < distances[1]) & (beside < 0.42)
    if nearer.sum() < LEAST * top.sum():
        return None
    return torch.from_numpy(nearer.astype(np.float32))
