"""Variants towards a shopper's taste: are they nearer to what the shopper liked than the photo was?

A simulated shopper liked some products of one colour; their mean look is the taste. Nearness is measured without any
network: by the distance between Lab histograms, the variant's and the mean one of the liked products.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks._variant_pairs import Photo
from shop_genai.generation.variant import looks
from shop_genai.generation.variant.pipeline import VariantPipeline
from shop_genai.generation.variant.regions import histogram_distance, lab_histogram

FEWEST, MOST = 3, 6  # products that a shopper liked
STRENGTHS = (0.5, 1.0)


@dataclass(frozen=True)
class Known:
    """A photo, and what is known of it."""

    photo: Photo
    look: looks.Look
    histogram: NDArray[np.float64]


def measure_taste(pipeline: VariantPipeline, photos: Sequence[Photo]) -> dict[str, Any]:
    """The share of variants that are nearer to the taste than the photo, over all tastes and all photos.

    A shopper's liked products are of styles other than the photo's. `all` counts photos that have the liked colour
    already too, where there is little to gain; `other` those that have another colour.
    """
    found = pipeline.looks([p.picture() for p in photos], [p.mask() for p in photos])
    known = [
        Known(photo, look, lab_histogram(photo.picture(), photo.mask()))
        for photo, look in zip(photos, found, strict=True)
        if look is not None
    ]
    families: defaultdict[str, list[Known]] = defaultdict(list)
    for one in known:
        families[one.look.colour].append(one)
    rows = []
    for strength in STRENGTHS:
        gains: list[tuple[bool, float]] = []  # whether the photo had another colour, and how much nearer it came
        for colour, family in sorted(families.items()):
            for one in known:
                liked = chosen(family, one.photo.style)
                if len(liked) >= FEWEST:
                    gains.append((one.look.colour != colour, _gain(pipeline, one, liked, strength)))
        if gains:
            rows.append(_row(strength, gains))
    return {"colours": sorted(colour for colour, family in families.items() if len(family) >= FEWEST), "rows": rows}


def chosen(family: Sequence[Known], style: str) -> list[Known]:
    """What the shopper liked: at most one product of each style, none of the photo's own."""
    by_style = {one.photo.style: one for one in family if one.photo.style != style}
    return list(by_style.values())[:MOST]


def _gain(pipeline: VariantPipeline, one: Known, liked: Sequence[Known], strength: float) -> float:
    """How much nearer the variant's histogram is to the liked ones' than the photo's is, in CIELAB's units."""
    taste = np.mean([np.array(other.look.vector) for other in liked], axis=0)
    wanted = np.mean([other.histogram for other in liked], axis=0)
    slots = {"image": one.photo.picture(), "mask": one.photo.mask()}
    params = {"target": "look", "look": looks.pack(taste.tolist()), "strength": strength}
    image: Image.Image = pipeline([slots], params, [0])[0].image
    after = lab_histogram(image, one.photo.mask())
    return histogram_distance(one.histogram, wanted) - histogram_distance(after, wanted)


def _row(strength: float, gains: Sequence[tuple[bool, float]]) -> dict[str, Any]:
    everything = [gain for _, gain in gains]
    other = [gain for differs, gain in gains if differs]
    return {
        "strength": strength,
        "variants": len(everything),
        "nearer_all": float(np.mean(np.array(everything) > 0)),
        "variants_other": len(other),
        "nearer_other": float(np.mean(np.array(other) > 0)) if other else None,
        "gain_other": float(np.mean(other)) if other else None,
    }
