"""From one real colourway to another: our networks and the classical methods, in one table."""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import _variant_measures as measures
from benchmarks._variant_measures import Pixels, Values
from benchmarks._variant_pairs import Pair, Photo
from benchmarks._variant_peers import PEERS
from shop_genai.generation.variant.pipeline import VariantPipeline

OURS, ELSEWHERE, TRUTH = "ours, look of photo B", "ours, look of another product", "photo B itself"
LOW = 25.0  # dB below which a pair went astray
WORST = 10  # pairs that are named


def measure_transfer(pipeline: VariantPipeline, photos: Sequence[Photo], pairs: Sequence[Pair]) -> dict[str, Any]:
    """Every method on every ordered pair: a row each, and the pairs on which ours is worst."""
    figures: defaultdict[str, list[dict[str, float | None]]] = defaultdict(list)
    elsewhere: list[dict[str, float]] = []
    exact = {"outside": 0, "strength_0": 0}
    still: set[str] = set()  # photos that were looked at at strength 0
    for number, pair in enumerate(pairs):
        source, target = (np.asarray(photo.picture()) for photo in (pair.source, pair.target))
        inside, inner = pair.source.inside(), measures.inner(pair.source.mask())
        outputs = {name: _pasted(source, inside, peer(*_both(source, target, inside))) for name, peer in PEERS.items()}
        outputs[OURS] = varied(pipeline, pair.source, pair.target)
        outputs[TRUTH] = target
        for name, output in outputs.items():
            figures[name].append(
                {
                    "psnr": measures.psnr(*_both(output, target, inside)),
                    "delta_e": measures.delta_e(*_both(output, target, inside)),
                    "gradient": measures.gradient_correlation(source, output, inner),
                }
            )
        exact["outside"] = max(exact["outside"], _difference(source[~inside], outputs[OURS][~inside]))
        if pair.source.name not in still:
            still.add(pair.source.name)
            unchanged = varied(pipeline, pair.source, pair.target, strength=0.0)
            exact["strength_0"] = max(exact["strength_0"], _difference(source, unchanged))
        elsewhere += [_from_elsewhere(pipeline, pair, donor) for donor in donors(pair.target, photos)]
        print(f"\r{number + 1}/{len(pairs)} pairs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {
        "pairs": len(pairs),
        "rows": [_row(name, rows, pairs) for name, rows in figures.items()],
        "elsewhere": _means(elsewhere),
        "exact": exact,
        "worst": _worst(figures[OURS], pairs),
    }


def varied(pipeline: VariantPipeline, source: Photo, look: Photo, strength: float = 1.0) -> Pixels:
    """Our source in the look of another photo; both masks are given."""
    slots = {
        "image": source.picture(),
        "mask": source.mask(),
        "appearance": look.picture(),
        "appearance_mask": look.mask(),
    }
    [output] = pipeline([slots], {"strength": strength}, [0])
    return np.asarray(output.image)


def donors(photo: Photo, photos: Sequence[Photo]) -> list[Photo]:
    """One photo of another style in the colour of that name, if there is one: of its own category, if possible."""
    others = [p for p in photos if p.colour == photo.colour and p.style != photo.style]
    return sorted(others, key=lambda other: (other.category != photo.category, other.name))[:1]


def _from_elsewhere(pipeline: VariantPipeline, pair: Pair, donor: Photo) -> dict[str, float]:
    """How far the mean colour is from the product that it was taken from, and from the shop's own photo B."""
    inside = pair.source.inside()
    output = varied(pipeline, pair.source, donor)[inside].astype(np.float64)
    given = np.asarray(donor.picture())[donor.inside()].astype(np.float64)
    target = np.asarray(pair.target.picture())[inside].astype(np.float64)
    return {
        "to_donor": measures.delta_e_of_means(output, given),
        "to_target": measures.delta_e_of_means(output, target),
        "donor_to_target": measures.delta_e_of_means(given, target),
    }


def _row(method: str, rows: Sequence[dict[str, float | None]], pairs: Sequence[Pair]) -> dict[str, Any]:
    ratios = [_number(row["psnr"]) for row in rows]
    shifts = [_number(row["delta_e"]) for row in rows]
    gradients = [row["gradient"] for row in rows if row["gradient"] is not None]
    finite = all(math.isfinite(ratio) for ratio in ratios)
    return {
        "method": method,
        "psnr": float(np.mean(ratios)) if finite else None,
        "psnr_median": float(np.median(ratios)) if finite else None,
        "worst": min(ratios) if finite else None,
        "worst_pair": pairs[int(np.argmin(ratios))].name,
        "below": float(np.mean(np.array(ratios) < LOW)),
        "delta_e": float(np.mean(shifts)),
        "delta_e_median": float(np.median(shifts)),
        "gradient": float(np.mean(gradients)) if gradients else None,
        "gradient_worst": min(gradients) if gradients else None,
        "gradients": len(gradients),
    }


def _worst(rows: Sequence[dict[str, float | None]], pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    order = sorted(range(len(rows)), key=lambda index: _number(rows[index]["psnr"]))[:WORST]
    return [{"pair": pairs[index].name, **rows[index]} for index in order]


def _means(rows: Sequence[dict[str, float]]) -> dict[str, float] | None:
    if not rows:
        return None
    return {"pairs": len(rows), **{name: float(np.mean([row[name] for row in rows])) for name in rows[0]}}


def _both(first: Pixels, second: Pixels, inside: measures.Inside) -> tuple[Values, Values]:
    return first[inside].astype(np.float64), second[inside].astype(np.float64)


def _pasted(source: Pixels, inside: measures.Inside, values: Values) -> Pixels:
    result = source.copy()
    result[inside] = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return result


def _difference(a: Pixels, b: Pixels) -> int:
    return int(np.abs(a.astype(np.int16) - b).max(initial=0))


def _number(value: float | None) -> float:
    return math.inf if value is None else value
