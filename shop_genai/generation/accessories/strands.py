"""Which pixels around a face are hair: from the segmenter, from where hair grows, and from the colours of this photo.

The segmenter was made for whole people and is often unsure of hair. Where the face lies says where hair can be; and how
skin, hair and ground look in this very photo is learned from what is sure, and tells the rest, as in GrabCut.

Source: Rother, Kolmogorov and Blake 2004, "GrabCut" (colour models that alternate with labels); here with soft labels.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from shop_genai.generation.lab import lab

Plane = NDArray[np.floating]
Values = NDArray[np.float64]

PARTS = ("ground", "hair", "skin", "cloth")
BINS = 14  # of each axis of Lab
ROUNDS = 4
DOUBT = 0.12  # what the segmenter's word leaves open
COLOUR_POWER = 0.75  # neighbouring pixels are no independent witnesses
GAP = 13  # pixels: narrower gaps in hair are hair
SIDE = 224  # pixels, the longer side at which this is worked out


def hair_of(picture: Image.Image, seen: Mapping[str, Plane], u: Plane, v: Plane) -> Plane:
    """The probability of being hair, (h, w).

    Args:
        picture: RGB, (w, h): a head and what is around it.
        seen: for each of `PARTS` the segmenter's probability, (h, w).
        u, v: (h, w): where each pixel lies, in units of the face's width from between the eyes, along the face's own
            directions: u towards one side, v to the chin.
    """
    priors = _priors(u, v)
    evidence = np.stack([np.log(seen[part] + DOUBT) + np.log(priors[part] + 1e-3) for part in PARTS])
    cells = _cells(picture)
    belief = _normalised(evidence)
    for _ in range(ROUNDS):
        likely = np.stack([_likelihood(cells, plane**2) for plane in belief])
        belief = _normalised(_smoothed(evidence + COLOUR_POWER * np.log(likely)))
    hair = belief[PARTS.index("hair")]
    # Glints in hair look like skin or like a bright ground; outside the face, what hair surrounds is hair.
    outside = _rising(_beyond(u, v), 0.05, 0.015)
    return np.asarray(np.maximum(hair, _closed(hair) * outside), np.float32)


def _priors(u: Plane, v: Plane) -> dict[str, Plane]:
    """How far each part is possible at each place."""
    out = _beyond(u, v)
    inside = _rising(-out, 0.02, 0.015)
    above = _rising(-v, 0.1, 0.08)
    # Hairlines run where they like: over the mesh's upper edge or under it.
    maybe = above * np.exp(-((out / 0.17) ** 2))
    near = np.exp(-(np.clip(out, 0, None) ** 2) / 0.5)
    hair = (1 - inside) * near * (0.75 * above + 0.35 * (1 - above) * _rising(np.abs(u), 0.38, 0.05))
    hair = np.maximum(hair, 0.4 * maybe)
    throat = _rising(v, 0.55, 0.06) * _rising(-np.abs(u), -0.45, 0.05)
    ears = np.exp(-((np.abs(u) - 0.55) ** 2) / 0.02 - (v - 0.12) ** 2 / 0.08)
    skin = np.maximum.reduce([0.97 * inside - 0.4 * maybe * inside, 0.4 * maybe, 0.6 * throat, 0.5 * ears])
    cloth = 0.8 * _rising(v, 0.95, 0.1)
    ground = (1 - inside) * np.clip(1 - 0.8 * near * above - 0.6 * near * (1 - above) * (1 - cloth), 0.03, 1)
    return {"ground": ground, "hair": hair, "skin": skin, "cloth": cloth}


def _beyond(u: Plane, v: Plane) -> Values:
    """Units beyond the face's outline, roughly; negative inside."""
    return np.asarray((np.hypot(u / 0.5, (v - 0.2) / 0.62) - 1) * 0.55)


def _closed(plane: Values) -> Plane:
    """A plane without narrow gaps."""
    image = Image.fromarray(np.rint(np.clip(plane, 0, 1) * 255).astype(np.uint8))
    wide = image.filter(ImageFilter.MaxFilter(GAP))
    return np.asarray(wide.filter(ImageFilter.MinFilter(GAP)), np.float32) / 255


def _rising(value: Plane, middle: float, soft: float) -> Plane:
    return np.asarray(1 / (1 + np.exp(np.clip((middle - value) / soft, -40, 40))), np.float32)


def _cells(picture: Image.Image) -> NDArray[np.int64]:
    """(h, w): the cell of a coarse Lab histogram that each pixel falls into."""
    colour = lab(np.asarray(picture, np.float64))
    lightness = np.clip(colour[..., 0] / 100 * BINS, 0, BINS - 1).astype(np.int64)
    red, yellow = (np.clip((colour[..., axis] + 50) / 110 * BINS, 0, BINS - 1).astype(np.int64) for axis in (1, 2))
    return np.asarray((lightness * BINS + red) * BINS + yellow)


def _likelihood(cells: NDArray[np.int64], weight: Values) -> Values:
    """(h, w): how probable each pixel's colour is in a part, by that part's smoothed histogram."""
    counts = np.bincount(cells.ravel(), weight.ravel(), BINS**3).reshape(BINS, BINS, BINS)
    for axis in range(3):
        padded = np.pad(counts, [(1, 1) if a == axis else (0, 0) for a in range(3)], mode="edge")
        counts = 0.25 * padded.take(range(BINS), axis) + 0.5 * counts + 0.25 * padded.take(range(2, BINS + 2), axis)
    total = float(counts.sum())
    # A part of which little is seen has no colour of its own yet.
    share = (counts + (30 + 0.02 * total) / BINS**3) / (total + 30 + 0.02 * total)
    return np.asarray(share.ravel()[cells])


def _smoothed(evidence: Values) -> Values:
    """The mean over 3 x 3 pixels: noise is no evidence."""
    for axis in (1, 2):
        padded = np.pad(evidence, [(1, 1) if a == axis else (0, 0) for a in range(3)], mode="edge")
        size = evidence.shape[axis]
        evidence = np.mean([padded.take(range(k, k + size), axis) for k in range(3)], axis=0)
    return evidence


def _normalised(evidence: Values) -> Values:
    odds = np.exp(evidence - evidence.max(axis=0))
    return np.asarray(odds / odds.sum(axis=0))
