"""What is changed about a photo before it is learned from: its light, the cloth's colour and shading, how it lies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from .frame import HEIGHT
from .skeleton import SIDES, Skeleton

SPREAD_ARM, HANGING = 0.55, 0.25  # radians from straight down: arms of a garment that is laid out, at most and least


def another_light(rng: np.random.Generator) -> Callable[[Image.Image], Image.Image]:
    """The same change of light for every picture of an example."""
    gain = np.exp(rng.normal(-0.04, 0.12)) * np.exp(rng.normal(0, 0.04, 3))
    power = float(np.exp(rng.normal(0, 0.1)))
    if rng.random() < 0.3:
        gain, power = np.ones(3), 1.0

    def lit(picture: Image.Image) -> Image.Image:
        values = 255 * (np.asarray(picture, np.float32) / 255) ** power * gain
        return Image.fromarray(values.clip(0, 255).astype(np.uint8))

    return lit


def another_colour(rng: np.random.Generator) -> Callable[[Image.Image, Image.Image], Image.Image]:
    """Another colour for a garment, of a picture and its mask (mode L): channels mixed, light and shade kept."""
    mix = np.eye(3) * (1 - (strength := rng.uniform(0.3, 1))) + rng.dirichlet([0.7] * 3, 3) * strength
    offset, factor = rng.normal(0, 20, 3), rng.uniform(0.6, 1.15)

    def coloured(picture: Image.Image, where: Image.Image) -> Image.Image:
        pixels = np.asarray(picture, np.float32)
        alpha = np.asarray(where, np.float32)[:, :, None] / 255
        new = (pixels @ mix.T * factor + offset).clip(0, 255)
        return Image.fromarray((pixels * (1 - alpha) + new * alpha).astype(np.uint8))

    return coloured


def flattened(picture: Image.Image, worn: NDArray[np.float32], share: float) -> Image.Image:
    """A garment with that share of its broad light and shade taken out."""
    colour = torch.from_numpy(np.array(picture, np.float32)).permute(2, 0, 1) / 255
    mask = torch.from_numpy(worn)[None]
    luma = colour.mean(dim=0, keepdim=True)
    radius = max(2, round(14 * worn.shape[0] / HEIGHT))

    def blurred(values: Tensor) -> Tensor:
        for _ in range(2):
            padded = F.pad(values[None], (radius,) * 4, mode="replicate")
            values = F.avg_pool2d(F.avg_pool2d(padded, (1, 2 * radius + 1), 1), (2 * radius + 1, 1), 1)[0]
        return values

    local = blurred(luma * mask) / blurred(mask).clamp_min(0.02)
    mean = (luma * mask).sum() / mask.sum().clamp_min(1.0)
    even = colour * ((mean + 0.05) / (local + 0.05)) ** share
    result = colour * (1 - mask) + even * mask
    return Image.fromarray((result.permute(1, 2, 0).numpy() * 255).clip(0, 255).astype(np.uint8))


def laid_out(skeleton: Skeleton, rng: np.random.Generator) -> Skeleton:
    """The bones of a garment that lies on a table: straight, arms away from the body."""
    unit = skeleton.width
    joints = dict(skeleton.joints)
    neck, pelvis = skeleton.neck, skeleton.pelvis
    down = np.array([0.0, 1.0])
    for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
        out = sign if (skeleton["left_shoulder"] - skeleton["right_shoulder"])[0] > 0 else -sign
        shoulder = neck + np.array([out * 0.5 * unit, 0.0])
        angle = float(rng.uniform(HANGING, HANGING + SPREAD_ARM))
        way = np.array([out * np.sin(angle), np.cos(angle)])
        lengths = [
            max(float(np.linalg.norm(skeleton[f"{side}_{a}"] - skeleton[f"{side}_{b}"])), 0.4 * unit)
            for a, b in (("shoulder", "elbow"), ("elbow", "wrist"))
        ]
        hip = neck + down * float(np.linalg.norm(pelvis - neck)) + np.array([out * 0.31 * unit, 0.0])
        points = {
            "shoulder": shoulder,
            "elbow": shoulder + way * lengths[0],
            "wrist": shoulder + way * sum(lengths),
            "hip": hip,
            "knee": hip + down * unit * 1.2,
            "ankle": hip + down * unit * 2.4,
        }
        joints |= {f"{side}_{name}": (float(point[0]), float(point[1])) for name, point in points.items()}
    return Skeleton(joints, skeleton.guessed)
