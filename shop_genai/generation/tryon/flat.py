"""Landmarks of a garment that lies or hangs alone: what the network says of it, put right by its outline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from .landmark_network import CLASSES, FOLD, OTHER, Box, LandmarkNetwork, cropped, places, seen, square
from .landmarks import OF_KIND, SLEEVES, Kind, Point, Sleeves, around_neck, mirrored

# Landmarks at a corner of the outline: in which direction it sticks out, as seen from another landmark. A sleeve's
# corners lie along the sleeve, a hem's away from the middle and down.
CORNERS: dict[str, tuple[str, ...]] = {
    "cuff_outer": ("shoulder",),
    "hem": ("neck_front", "waist", "hip"),
    "hem_outer": ("hip", "crotch"),
    "waist": ("hip", "crotch"),
}
ON_OUTLINE = ("neck", "shoulder", "hip", "waist", "armpit", "cuff_inner", "hem_inner")
REACH = 0.03  # of the garment's longer side: how far a landmark is moved to the outline at most
FINE = 384  # pixels a side at which the outline is looked at


@dataclass(frozen=True)
class Found:
    """What the network says of a garment. Points are in the picture's pixels."""

    box: Box  # the square that was looked at
    kinds: Mapping[str, float]  # probability of each of `CLASSES`
    sleeves: Mapping[str, float]
    opens: float  # probability of opening in front all the way
    points: Mapping[str, Point]  # of every name that the network knows
    sure: Mapping[str, float]  # 0..1, of each point
    inside: Image.Image  # mode L, the picture's size: 255 the garment's far inner side for certain


class Finder:
    """The two networks that find landmarks.

    Args:
        whole: sees a whole garment.
        neck: looks closely at the opening for the neck; None: nobody does.
        device: to compute with.
    """

    def __init__(self, whole: LandmarkNetwork, neck: LandmarkNetwork | None, device: torch.device) -> None:
        self.device = device
        self.whole = whole.to(device).eval().requires_grad_(False)
        self.neck = None if neck is None else neck.to(device).eval().requires_grad_(False)

    def look(self, picture: Image.Image, mask: Image.Image) -> Found:
        """Look at a garment.

        Args:
            picture: RGB, or its luma.
            mask: mode L, the same size.

        Raises:
            ValueError: the mask is empty.
        """
        luma = picture.convert("L")
        found = self._looked(self.whole, luma, mask, square(mask))
        if self.neck is None or found.kinds["lower"] + found.kinds["skirt"] + found.kinds[OTHER] > 0.9:
            return found
        x, y, half = around_neck(found.points)
        box = (x - half, y - half, x + half, y + half)
        closer = self._looked(self.neck, luma, mask, box)
        # What was seen closely counts there, and what was seen at all elsewhere.
        inside = found.inside.copy()
        place = (
            max(0, round(box[0])),
            max(0, round(box[1])),
            min(luma.width, round(box[2])),
            min(luma.height, round(box[3])),
        )
        inside.paste(closer.inside.crop(place), place)
        return replace(
            found, points={**found.points, **closer.points}, sure={**found.sure, **closer.sure}, inside=inside
        )

    @torch.inference_mode()
    def _looked(self, network: LandmarkNetwork, luma: Image.Image, mask: Image.Image, box: Box) -> Found:
        """One network's look at a square and at its mirror image."""
        config = network.config
        view = seen(cropped(mask, box, config.side), cropped(luma, box, config.side))
        both = np.stack([view, view[:, :, ::-1]])
        read = network(torch.from_numpy(np.ascontiguousarray(both)).to(self.device))
        swapped = [config.names.index(mirrored(name)) for name in config.names]
        maps = (read.maps[:1] + read.maps[1:, swapped].flip(3)) / 2
        found, sure = places(maps)
        scale = (box[2] - box[0]) / config.side * FOLD
        inside = (read.inside[:1] + read.inside[1:].flip(2)).div(2).sigmoid()[0]
        return Found(
            box,
            dict(zip(CLASSES, _shares(read.classes), strict=True)),
            dict(zip(SLEEVES, _shares(read.sleeves), strict=True)),
            float(read.opens.sigmoid().mean()),
            {
                name: (box[0] + float(x) * scale, box[1] + float(y) * scale)
                for name, (x, y) in zip(config.names, found[0].cpu().numpy(), strict=True)
            },
            dict(zip(config.names, (float(value) for value in sure[0]), strict=True)),
            _placed(inside.cpu().numpy(), box, luma.size),
        )


def landmarks_of(found: Found, kind: Kind, sleeves: Sleeves, mask: Image.Image) -> dict[str, Point]:
    """The landmarks of a garment of that kind: the network's, moved to the outline where they belong on it."""
    outline = _Outline(mask, found.box)
    raw = {name: np.asarray(found.points[name]) for name in OF_KIND[kind]}
    at = dict(raw)
    for name in OF_KIND[kind]:
        part, _, side = name.rpartition("_")
        if side not in ("left", "right"):
            continue
        from_there = [raw.get(f"{other}_{side}", raw.get(other)) for other in CORNERS.get(part, ())]
        known = [point for point in from_there if point is not None]
        if known and not (kind == "dress" and part == "waist"):
            at[name] = outline.corner(raw[name], raw[name] - known[0], raw[name] - raw[mirrored(name)])
        elif part in ON_OUTLINE or known:
            at[name] = outline.nearest(raw[name])
    if kind in ("upper", "dress") and sleeves == "none":
        for side in ("left", "right"):
            at[f"cuff_outer_{side}"], at[f"cuff_inner_{side}"] = at[f"shoulder_{side}"], at[f"armpit_{side}"]
    return {name: (float(at[name][0]), float(at[name][1])) for name in OF_KIND[kind]}


class _Outline:
    """The garment's outline, in the picture's pixels."""

    def __init__(self, mask: Image.Image, box: Box) -> None:
        there = cropped(mask, box, FINE) > 0.5
        padded = np.pad(there, 1)
        inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
        y, x = np.nonzero(there & ~inner)
        scale = (box[2] - box[0]) / FINE
        self.points: NDArray[np.float64] = np.stack([x + 0.5, y + 0.5], axis=1) * scale + [box[0], box[1]]
        self.reach = REACH * (box[2] - box[0])

    def nearest(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """The outline's nearest place, if it is within reach; else the point."""
        away = np.hypot(*(self.points - point).T)
        best = int(away.argmin())
        return self.points[best] if away[best] <= self.reach else point

    def corner(
        self, point: NDArray[np.float64], first: NDArray[np.float64], second: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The place within reach where the outline sticks out the farthest in both directions together."""
        near = self.points[np.hypot(*(self.points - point).T) <= self.reach]
        if not len(near):
            return point
        way = first / max(float(np.hypot(*first)), 1e-6) + second / max(float(np.hypot(*second)), 1e-6)
        away = np.hypot(*(near - point).T)
        return np.asarray(near[int(((near - point) @ way - 0.6 * away).argmax())])


def _shares(logits: torch.Tensor) -> list[float]:
    return [float(value) for value in logits.softmax(dim=1).mean(dim=0)]


def _placed(values: NDArray[np.float32], box: Box, size: tuple[int, int]) -> Image.Image:
    """A map of the square that was looked at → mode L of the picture's size."""
    scale = values.shape[1] / (box[2] - box[0])
    data = (scale, 0.0, -box[0] * scale, 0.0, scale, -box[1] * scale)
    small = Image.fromarray(np.rint(values * 255).astype(np.uint8))
    return small.transform(size, Image.Transform.AFFINE, data, Image.Resampling.BICUBIC)
