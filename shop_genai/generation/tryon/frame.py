"""The part of a person's photo that a try-on works on, at the size that the networks were trained for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .skeleton import SIDES, Point, Skeleton

WIDTH, HEIGHT = 384, 512  # pixels
ABOVE, BESIDE, BELOW = 1.15, 0.35, 0.75  # of the body's unit: room over the nose, beside the arms, under the pelvis
LEGS = {"upper": ("hip",), "lower": ("hip", "knee", "ankle"), "skirt": ("hip", "knee", "ankle")}


@dataclass(frozen=True)
class Frame:
    """A box of a photo with the proportions of the working size. It may reach beyond the photo."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def scale(self) -> float:
        """Pixels of the working picture for one of the photo."""
        return HEIGHT / (self.bottom - self.top)

    @property
    def matrix(self) -> NDArray[np.float64]:
        """(2, 3): from places in the photo to places in the working picture."""
        across, down = WIDTH / (self.right - self.left), HEIGHT / (self.bottom - self.top)
        return np.array([[across, 0, -self.left * across], [0, down, -self.top * down]])

    def cut(self, picture: Image.Image, size: tuple[int, int] | None = (WIDTH, HEIGHT)) -> Image.Image:
        """What the frame shows; beyond the photo its border goes on. None: at the photo's own resolution."""
        box = (max(0, self.left), max(0, self.top), min(picture.width, self.right), min(picture.height, self.bottom))
        part = picture.crop(box)
        missing = (
            (box[1] - self.top, self.bottom - box[3]),
            (box[0] - self.left, self.right - box[2]),
        )
        if any(amount for pair in missing for amount in pair):
            pixels = np.asarray(part)
            part = Image.fromarray(np.pad(pixels, (*missing, *((0, 0),) * (pixels.ndim - 2)), mode="edge"))
        return (
            part
            if size is None
            else part.resize(size, Image.Resampling.BOX if self.scale < 1 else Image.Resampling.BICUBIC)
        )


def framed(skeleton: Skeleton, kind: str, nose: Point | None, size: tuple[int, int]) -> Frame:
    """The frame for a kind of garment: head to pelvis for tops, waist to feet for what is worn below, all for dresses.

    Args:
        skeleton, nose: of the person, in the photo's pixels.
        kind: "upper", "lower", "skirt" or "dress".
        size: of the photo: nothing is framed that lies far beyond it.
    """
    unit = skeleton.width
    joints = [skeleton[f"{side}_{joint}"] for side in SIDES for joint in ("shoulder", "elbow", "wrist")]
    if kind in ("lower", "skirt"):
        joints = []
    for joint in LEGS.get(kind, ("hip", "knee", "ankle")):
        joints += [skeleton[f"{side}_{joint}"] for side in SIDES]
    head = skeleton.neck[1] - 0.75 * unit if nose is None else nose[1]
    top = head - ABOVE * unit * 0.8 if kind not in ("lower", "skirt") else skeleton.pelvis[1] - 0.9 * unit
    xs, ys = np.array(joints)[:, 0], np.array(joints)[:, 1]
    bottom = max(float(ys.max()) + 0.3 * unit, float(skeleton.pelvis[1]) + BELOW * unit)
    left, right = float(xs.min()) - BESIDE * unit, float(xs.max()) + BESIDE * unit
    left, right = max(left, -0.1 * unit), min(right, size[0] + 0.1 * unit)
    top, bottom = max(top, -0.1 * unit), min(bottom, size[1] + 0.1 * unit)
    high = max(bottom - top, (right - left) * HEIGHT / WIDTH, 32.0)
    wide = high * WIDTH / HEIGHT
    middle = (left + right) / 2
    # What is missing in height is added below first: there is more of the garment.
    top = max(top - 0.3 * (high - (bottom - top)), min(top, 0.0))
    start, upper = round(middle - wide / 2), round(top)
    return Frame(start, upper, start + round(wide), upper + round(high))
