"""What each part of a person's photo shows, from three witnesses: the segmenter, the skeleton and the colours.

The segmenter looks at shapes and can take a sleeve for a trouser leg; the skeleton knows where arms are, but not how
wide a hoodie is; colours tell cloth from skin in this very photo, once it is known what either looks like here. So each
pixel's class is the most probable under their product, and the colours are learned from it in turn, as in GrabCut.

Source: Rother, Kolmogorov and Blake 2004, "GrabCut" (colour models that alternate with labels); here with soft labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shop_genai.generation.lab import lab as to_lab
from shop_genai.generation.segment.classes import number

from .skeleton import SIDES, Point, Skeleton, Vector

Plane = NDArray[np.float32]  # (h, w)

PARTS = ("ground", "hair", "face", "arms", "upper", "lower", "legs", "other")
SEEN_AS = {  # part: the segmenter's classes that speak for it
    "ground": ("background",),
    "hair": ("hair",),
    "face": ("skin",),
    "arms": ("skin",),
    "upper": ("upper", "dress", "product"),
    "lower": ("lower",),
    "legs": ("skin", "shoes"),
    "other": ("other",),
}
SKIN = ("face", "arms", "legs")
DOUBT = 0.06  # probability that the segmenter's word counts for nothing
BINS = 12  # of each Lab axis
ROUNDS = 3
COLOUR_POWER = 0.8  # neighbouring pixels are no independent witnesses


@dataclass(frozen=True)
class Parse:
    """Probabilities, (h, w) in 0..1 each, that sum to 1 over `PARTS`."""

    planes: Mapping[str, Plane]

    def __getitem__(self, part: str) -> Plane:
        return self.planes[part]

    def of(self, *parts: str) -> Plane:
        """The probability of being any of these."""
        together: Plane = np.sum([self.planes[part] for part in parts], axis=0, dtype=np.float32)
        return together

    def resized(self, size: tuple[int, int]) -> Parse:
        """At another size, (width, height)."""
        return Parse({part: _resized(plane, size) for part, plane in self.planes.items()})


def parsed(
    picture: Image.Image,
    classes: NDArray[np.float32],
    skeleton: Skeleton,
    nose: Point | None,
    known: Mapping[str, Plane] | None = None,
) -> Parse:
    """The parts of a person.

    Args:
        picture: RGB, (w, h), the person framed.
        classes: (K, h, w): the segmenter's probabilities for the same pixels.
        skeleton, nose: in the picture's pixels.
        known: planes (h, w) of parts that are known for certain, such as hand-made masks of training pictures: 1 is
            that part, 0 is not, in between nothing is known.
    """
    height, width = classes.shape[1:]
    priors = _priors(skeleton, nose, height, width)
    seen = {part: DOUBT + classes[[number(name) for name in names]].sum(axis=0) for part, names in SEEN_AS.items()}
    evidence = np.stack([np.log(seen[part]) + np.log(priors[part] + 1e-4) for part in PARTS])
    for part, plane in (known or {}).items():
        sure, never = plane > 0.9, plane < 0.1
        evidence[:, sure] -= 30.0
        evidence[PARTS.index(part)][sure] += 30.0
        evidence[PARTS.index(part)][never] -= 30.0
    colours = _bins(picture)
    posterior = _normalised(evidence)
    for _ in range(ROUNDS):
        # An own colour is learned from the pixels that are sure of their part.
        weights = {part: posterior[place] ** 2 for place, part in enumerate(PARTS)}
        # Skin has one colour, and the face shows it best: an orange sleeve must not pass for an arm.
        skin = weights["face"] + 0.3 * weights["arms"] + 0.3 * weights["legs"]
        models = {part: _likelihood(colours, skin if part in SKIN else weights[part]) for part in PARTS}
        likelihood = np.stack([models[part] for part in PARTS])
        posterior = _normalised(_smoothed(evidence + COLOUR_POWER * np.log(likelihood)))
    return Parse({part: posterior[place].astype(np.float32) for place, part in enumerate(PARTS)})


def _priors(skeleton: Skeleton, nose: Point | None, height: int, width: int) -> dict[str, Plane]:
    """How far each part is possible at each pixel, for somebody in this pose."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    unit = skeleton.width
    face = np.asarray(nose) if nose is not None else skeleton.neck + (skeleton.neck - skeleton.pelvis) * 0.45
    neck, pelvis = skeleton.neck, skeleton.pelvis
    trunk = pelvis - neck
    down = ((x - neck[0]) * trunk[0] + (y - neck[1]) * trunk[1]) / max(float(trunk @ trunk), 1.0)  # 0 neck, 1 pelvis

    def bone(start: Vector, end: Vector) -> Plane:
        return _distance(x, y, start, end) / np.float32(unit)

    arm = np.min(
        [
            bone(skeleton[f"{s}_{a}"], skeleton[f"{s}_{b}"])
            for s in SIDES
            for a, b in (("shoulder", "elbow"), ("elbow", "wrist"))
        ],
        axis=0,
    )
    hand = np.min([bone(skeleton[f"{s}_wrist"], _past(skeleton, s)) for s in SIDES], axis=0)
    leg = np.min(
        [
            bone(skeleton[f"{s}_{a}"], skeleton[f"{s}_{b}"])
            for s in SIDES
            for a, b in (("hip", "knee"), ("knee", "ankle"))
        ],
        axis=0,
    )
    sides = [bone(skeleton[f"{s}_shoulder"], skeleton[f"{s}_hip"]) for s in SIDES]
    inside = _inside(
        x, y, [skeleton["left_shoulder"], skeleton["right_shoulder"], skeleton["right_hip"], skeleton["left_hip"]]
    )
    body = np.where(inside, 0, np.min(sides, axis=0)).astype(np.float32)
    head = np.hypot((x - face[0]) / 0.42, (y - face[1] + 0.06 * unit) / 0.52).astype(np.float32) / np.float32(unit)
    throat = _distance(x, y, face, neck) / np.float32(unit)
    person = np.minimum.reduce([arm, hand, leg, body, head * 0.45, throat])

    def near(distance: Plane, reach: float, soft: float) -> Plane:
        return np.asarray(1 / (1 + np.exp(np.clip((distance - reach) / soft, -30, 30))), np.float32)

    high = near(down, -0.02, 0.05)  # above the shoulders
    skin_of_face = np.maximum(near(head, 0.9, 0.08), near(throat, 0.2, 0.05) * near(down, 0.28, 0.06))
    cloth = np.maximum(near(body, 0.34, 0.08), near(arm, 0.24, 0.05)) * near(1 - head, 0.15, 0.1)
    return {
        "ground": np.clip(1 - 0.97 * near(person, 0.14, 0.04), 0, 1),
        "hair": near(head, 1.5, 0.2) * near(down, 0.45, 0.12) * (1 - 0.75 * near(head, 0.55, 0.08)),
        "face": skin_of_face,
        "arms": np.maximum(near(arm, 0.2, 0.04), near(hand, 0.18, 0.05)) * near(1 - down, 1.1, 0.05),
        "upper": cloth * near(down, 1.22, 0.07) * (1 - 0.9 * high * near(head, 0.8, 0.1)),
        "lower": np.maximum(near(leg, 0.34, 0.08), near(body, 0.3, 0.06)) * near(1 - down, 0.35, 0.08),
        "legs": near(leg, 0.28, 0.06) * near(1 - down, -0.05, 0.05),
        "other": 0.15 * near(person, 0.3, 0.1),
    }


def _past(skeleton: Skeleton, side: str) -> Vector:
    """Where the fingers end."""
    wrist, elbow = skeleton[f"{side}_wrist"], skeleton[f"{side}_elbow"]
    return np.asarray(wrist + (wrist - elbow) * 0.55)


def _distance(x: Plane, y: Plane, start: Vector, end: Vector) -> Plane:
    """Pixels from a line segment."""
    way = end - start
    share = np.clip(((x - start[0]) * way[0] + (y - start[1]) * way[1]) / max(float(way @ way), 1e-6), 0, 1)
    return np.asarray(np.hypot(x - start[0] - share * way[0], y - start[1] - share * way[1]), np.float32)


def _inside(x: Plane, y: Plane, corners: list[Vector]) -> NDArray[np.bool_]:
    """Whether pixels lie in a convex polygon, whichever way round it is given."""
    turns = []
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        turns.append((end[0] - start[0]) * (y - start[1]) - (end[1] - start[1]) * (x - start[0]))
    return np.asarray(np.all(np.array(turns) >= 0, axis=0) | np.all(np.array(turns) <= 0, axis=0))


def _bins(picture: Image.Image) -> NDArray[np.int64]:
    """(h, w): which cell of a coarse Lab histogram each pixel falls into."""
    lab = to_lab(np.asarray(picture, np.float64))
    lightness = np.clip(lab[..., 0] / 100 * BINS, 0, BINS - 1)
    red, yellow = (np.clip((lab[..., axis] + 60) / 120 * BINS, 0, BINS - 1) for axis in (1, 2))
    return np.asarray((lightness.astype(int) * BINS + red.astype(int)) * BINS + yellow.astype(int))


def _likelihood(colours: NDArray[np.int64], weight: NDArray[np.floating]) -> NDArray[np.float64]:
    """(h, w): how probable each pixel's colour is in a part, by a smoothed histogram of that part."""
    counts = np.bincount(colours.ravel(), weight.ravel(), BINS**3).reshape(BINS, BINS, BINS)
    for axis in range(3):  # neighbouring cells are nearly the same colour
        padded = np.pad(counts, [(1, 1) if a == axis else (0, 0) for a in range(3)], mode="edge")
        counts = 0.25 * padded.take(range(BINS), axis) + 0.5 * counts + 0.25 * padded.take(range(2, BINS + 2), axis)
    total = counts.sum()
    # A part of which little is seen has no colour of its own yet.
    share = (counts + (20 + 0.02 * total) / BINS**3) / (total + 20 + 0.02 * total)
    return np.asarray(share.ravel()[colours])


def _smoothed(evidence: NDArray[np.floating]) -> NDArray[np.floating]:
    """The mean over 3 x 3 pixels: noise is no evidence."""
    for axis in (1, 2):
        padded = np.pad(evidence, [(1, 1) if a == axis else (0, 0) for a in range(3)], mode="edge")
        size = evidence.shape[axis]
        evidence = np.mean([padded.take(range(k, k + size), axis) for k in range(3)], axis=0)
    return evidence


def _normalised(evidence: NDArray[np.floating]) -> NDArray[np.floating]:
    odds = np.exp(evidence - evidence.max(axis=0))
    return np.asarray(odds / odds.sum(axis=0))


def _resized(plane: Plane, size: tuple[int, int]) -> Plane:
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BILINEAR))
