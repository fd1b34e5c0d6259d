"""Variants against real colourways: photo A in the look of photo B must be photo B, inside the product's mask.

`python -m benchmarks variant` measures the same way, at more length and with classical methods beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path

import numpy as np
from PIL import Image

from shop_genai.generation.lab import difference, lab
from shop_genai.generation.variant.pipeline import VariantPipeline
from shop_genai.training import metrics
from shop_genai.training.packs import Entry, open_rgb

INSIDE = 128  # of 255: a mask's value from which a pixel belongs to the product
HIGHEST = 60.0  # dB that a pair counts at most: one that is met exactly must not make the mean infinite


def colourways(entries: Sequence[Entry]) -> list[Entry]:
    """The pictures that have a `garment_mask` or `mask`, and a partner of the same `source`, `style` and `view`.

    Raises:
        FileNotFoundError: there is none.
    """
    found = [entry for shot in _shots(entries) for entry in shot]
    if not found:
        raise FileNotFoundError("no two pictures with masks show one shot in two colours")
    return found


def transfer(
    pipeline: VariantPipeline, entries: Sequence[Entry], progress: Callable[[int, int], None] | None = None
) -> dict[str, float]:
    """Over all ordered pairs of colourways: `psnr` (dB), its `median` and `worst`; `delta_e` (CIE 1976); `pairs`."""
    pairs = [pair for shot in _shots(entries) for pair in permutations(shot, 2)]
    ratios, shifts = [], []
    for number, (source, target) in enumerate(pairs):
        mask = _mask(source)
        slots = {
            "image": open_rgb(source.path),
            "mask": mask,
            "appearance": open_rgb(target.path),
            "appearance_mask": mask,
        }
        [output] = pipeline([slots], {}, [0])
        inside = np.asarray(mask) > 0
        made, truth = np.asarray(output.image)[inside], np.asarray(slots["appearance"])[inside]  # (P, 3)
        ratios.append(min(HIGHEST, metrics.psnr_rgb(made, truth)))
        shifts.append(float(difference(lab(made.astype(np.float64)), lab(truth.astype(np.float64))).mean()))
        if progress is not None:
            progress(number + 1, len(pairs))
    return {
        "psnr": float(np.mean(ratios)),
        "median": float(np.median(ratios)),
        "worst": min(ratios),
        "delta_e": float(np.mean(shifts)),
        "pairs": float(len(pairs)),
    }


def _shots(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Colourways of one shot together; shots in one colour are left out."""
    shots: defaultdict[tuple[str, ...], list[Entry]] = defaultdict(list)
    for entry in entries:
        facts = entry.facts
        if _mask_name(entry) and facts.get("style") and facts.get("view"):
            shots[facts.get("source", ""), facts["style"], facts["view"]].append(entry)
    return [shot for shot in shots.values() if len(shot) > 1]


def _mask_name(entry: Entry) -> str:
    return entry.facts.get("garment_mask") or entry.facts.get("mask") or ""


def _mask(entry: Entry) -> Image.Image:
    """0 or 255, mode L."""
    pack = entry.path.parents[len(Path(entry.facts["file"]).parts) - 1]
    with Image.open(pack / _mask_name(entry)) as mask:
        return mask.convert("L").point(lambda value: 255 if value >= INSIDE else 0)
