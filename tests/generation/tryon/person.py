"""A person drawn by code, with everything known: bones, parts, what a segmenter would say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from shop_genai.generation.pose.keypoints import NAMES, Pose
from shop_genai.generation.segment.classes import CLASSES, number

SKIN, HAIR, GROUND, TROUSERS = (214, 164, 132), (60, 40, 30), (226, 228, 230), (40, 52, 96)
SHIRT = (190, 30, 40)

Points = dict[str, tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Drawn:
    """A drawn person at 384 x 512, or larger by a factor."""

    picture: Image.Image
    pose: Pose
    shirt: NDArray[np.bool_]  # (H, W)
    skin: NDArray[np.bool_]
    classes: NDArray[np.float32]  # (K, H, W), certain


def joints(factor: float = 1.0, lean: float = 0.0) -> Points:
    """A body that faces the camera with its arms a little away from the trunk."""
    places = {
        "nose": (192, 92),
        "left_eye": (202, 84),
        "right_eye": (182, 84),
        "left_ear": (216, 90),
        "right_ear": (168, 90),
        "left_shoulder": (248, 170),
        "right_shoulder": (136, 170),
        "left_elbow": (278, 258),
        "right_elbow": (106, 258),
        "left_wrist": (290, 336),
        "right_wrist": (94, 336),
        "left_hip": (226, 330),
        "right_hip": (158, 330),
        "left_knee": (228, 440),
        "right_knee": (156, 440),
        "left_ankle": (230, 560),
        "right_ankle": (154, 560),
    }
    return {name: ((x + lean * (y - 330)) * factor, y * factor) for name, (x, y) in places.items()}


def pose_of(points: Points, height: float = 512.0) -> Pose:
    """As a network would find it: what lies under the picture is not seen."""
    scores = tuple(0.95 if points[name][1] < height else 0.02 for name in NAMES)
    return Pose(tuple(points[name] for name in NAMES), scores)


@lru_cache
def drawn(shirt: tuple[int, int, int] = SHIRT, *, long: bool = False, factor: float = 1.0, lean: float = 0.0) -> Drawn:
    """Draw somebody in a shirt with short or long sleeves."""
    points = joints(factor, lean)
    size = (round(384 * factor), round(512 * factor))
    picture = Image.new("RGB", size, GROUND)
    layers: dict[str, Image.Image] = {}
    unit = points["left_shoulder"][0] - points["right_shoulder"][0]

    def layer(name: str) -> ImageDraw.ImageDraw:
        layers.setdefault(name, Image.new("L", size))
        return ImageDraw.Draw(layers[name])

    def limb(name: str, start: tuple[float, float], end: tuple[float, float], radius: float) -> None:
        pen = layer(name)
        pen.line([start, end], fill=255, width=round(2 * radius))
        for x, y in (start, end):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)

    for side in ("left", "right"):
        limb("lower", points[f"{side}_hip"], points[f"{side}_knee"], 0.26 * unit)
        limb("skin", points[f"{side}_shoulder"], points[f"{side}_elbow"], 0.11 * unit)
        limb("skin", points[f"{side}_elbow"], points[f"{side}_wrist"], 0.09 * unit)
    neck = ((points["left_shoulder"][0] + points["right_shoulder"][0]) / 2, points["left_shoulder"][1])
    limb("skin", points["nose"], neck, 0.16 * unit)
    x, y = points["nose"]
    layer("hair").ellipse((x - 0.36 * unit, y - 0.56 * unit, x + 0.36 * unit, y + 0.2 * unit), fill=255)
    layer("skin").ellipse((x - 0.29 * unit, y - 0.36 * unit, x + 0.29 * unit, y + 0.44 * unit), fill=255)
    left, right = points["left_shoulder"], points["right_shoulder"]
    hips = points["left_hip"], points["right_hip"]
    layer("upper").polygon(
        [
            (neck[0] - 0.2 * unit, neck[1] - 0.16 * unit),
            (right[0] - 0.1 * unit, right[1] - 0.08 * unit),
            (hips[1][0] - 0.16 * unit, hips[1][1]),
            (hips[0][0] + 0.16 * unit, hips[0][1]),
            (left[0] + 0.1 * unit, left[1] - 0.08 * unit),
            (neck[0] + 0.2 * unit, neck[1] - 0.16 * unit),
            (neck[0], neck[1] + 0.02 * unit),
        ],
        fill=255,
    )
    for side in ("left", "right"):
        start, end = points[f"{side}_shoulder"], points[f"{side}_elbow"]
        if long:
            limb("upper", start, end, 0.15 * unit)
            limb("upper", end, points[f"{side}_wrist"], 0.12 * unit)
        else:
            half = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
            limb("upper", start, half, 0.16 * unit)
    colours = {"lower": TROUSERS, "hair": HAIR, "skin": SKIN, "upper": shirt}
    labels = np.zeros((size[1], size[0]), np.uint8)
    for name in ("lower", "hair", "skin", "upper"):
        picture.paste(colours[name], (0, 0, *size), layers[name])
        labels[np.asarray(layers[name]) > 127] = number(name)
    # A light from above, so that no part is one flat colour.
    ramp = np.linspace(1.04, 0.94, size[1], dtype=np.float32)[:, None, None]
    picture = Image.fromarray((np.asarray(picture, np.float32) * ramp).clip(0, 255).astype(np.uint8))
    classes = np.stack([(labels == place).astype(np.float32) for place in range(len(CLASSES))])
    return Drawn(picture, pose_of(points, size[1]), labels == number("upper"), labels == number("skin"), classes)
