"""What the segmentation is compared with: what a shop could do without a network."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Mask = NDArray[np.bool_]
Peer = Callable[[Image.Image], Mask]
FAR = 30.0  # steps of 1/255: distance from the border's colour at which something is there
RIM = 0.03  # share of each side that GrabCut is told to be ground
ROUNDS = 5


def peers() -> dict[str, Peer]:
    """Methods by name, each from an RGB picture to its foreground; GrabCut only where OpenCV is installed."""
    found: dict[str, Peer] = {"border colour": border_colour}
    opencv = _opencv()
    if opencv is not None:
        found["GrabCut"] = lambda picture: grab_cut(opencv, picture)
    return found


def border_colour(picture: Image.Image) -> Mask:
    """What differs from the median colour of the picture's border."""
    pixels = np.asarray(picture, np.float32)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    far: Mask = np.linalg.norm(pixels - np.median(border, axis=0), axis=2) > FAR
    return far


def grab_cut(opencv: ModuleType, picture: Image.Image) -> Mask:
    """Source: Rother, Kolmogorov and Blake 2004, "GrabCut", as OpenCV has it, started from all but a rim."""
    pixels = np.asarray(picture)[:, :, ::-1].copy()
    height, width = pixels.shape[:2]
    x, y = max(1, round(RIM * width)), max(1, round(RIM * height))
    opencv.setRNGSeed(0)
    labels = np.zeros((height, width), np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    rectangle = (x, y, width - 2 * x, height - 2 * y)
    opencv.grabCut(pixels, labels, rectangle, *models, ROUNDS, opencv.GC_INIT_WITH_RECT)
    return np.isin(labels, [opencv.GC_FGD, opencv.GC_PR_FGD])


def _opencv() -> ModuleType | None:
    try:
        return import_module("cv2")
    except ImportError:
        return None
