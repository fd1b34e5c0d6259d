"""Photos that are known: somebody puts on what they wear already, or the same in another colour that was photographed.

    self   the photo, and the same garment from a picture of its own → the photo
    pair   photo A, and the garment from photo B, the same shot in another colour → photo B

The garment's picture is never the photo itself: it is turned, scaled and bent (`worn`: the whole photo of the model;
`laid`: the garment alone, on a table), and the pipeline must find the garment in it as it would in a shop's picture.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import _tryon_measures as measures
from benchmarks._tryon_measures import Dresser, Labeller
from benchmarks._tryon_shots import OTHER, OWN, Shot, laid_source, worn_source
from shop_genai.generation.tryon.params import LANDMARK_GAN, WARP_ONLY

METHODS = (LANDMARK_GAN, WARP_ONLY)
SELF_WORN, SELF_LAID, PAIR = "self, worn", "self, laid", "pair"
WORST = 8  # cases that are named


@dataclass(frozen=True)
class Case:
    """One try-on whose answer is known."""

    task: str
    ground: str
    shot: Shot
    person: Image.Image
    garment: Image.Image
    target: Image.Image


def cases(shots: Sequence[Shot]) -> Iterator[Case]:
    """Each shot on its own ground and on another: itself, and one pair of colourways where there is one."""
    for shot in shots:
        if shot.garment is None:
            continue
        for where in (OWN, OTHER):
            pictures = shot.before(where)
            first = int(shot.rng("colourway").integers(len(pictures)))
            photo = pictures[first]
            # What a shop shows is on the shop's ground, whatever the shopper stands before.
            yield Case(SELF_WORN, where, shot, photo, worn_source(shot, shot.pictures[first]), photo)
            if where == OWN:
                yield Case(SELF_LAID, where, shot, photo, laid_source(shot, shot.pictures[first]), photo)
            if len(pictures) > 1:
                second = (first + 1) % len(pictures)
                yield Case(PAIR, where, shot, photo, worn_source(shot, shot.pictures[second]), pictures[second])


def measure(pipeline: Dresser, labeller: Labeller, found: Sequence[Case]) -> dict[str, Any]:
    """`rows`: figures by task, ground and method; `refused`: codes by task; `outside`: the largest change there."""
    values: defaultdict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    refused: defaultdict[str, list[str]] = defaultdict(list)
    outside = 0
    for count, case in enumerate(found, start=1):
        tried = {
            method: measures.dress(pipeline, case.person, case.garment, case.shot.kind, method) for method in METHODS
        }
        for method, one in tried.items():
            if one.image is None or one.region is None:
                if method == LANDMARK_GAN:
                    refused[case.task].append(f"{one.refused} {case.shot.name}")
                continue
            outside = max(outside, measures.largest_change(one.image, case.person, one.region))
            warped = tried[WARP_ONLY]
            figures = _figures(case, one, labeller)
            if method == LANDMARK_GAN and warped.image is not None and warped.region is not None:
                inside = case.shot.inside
                regions = one.region & warped.region
                figures["print"] = measures.kept_print(one.image, warped.image, inside, regions)
            values[case.task, case.ground, method].append(figures)
        print(f"\r{count}/{len(found)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {
        "rows": [_row(*key, figures) for key, figures in values.items()],
        "refused": dict(refused),
        "outside": outside,
        "photos_parsed": _ceiling(labeller, found),
    }


def _figures(case: Case, one: measures.Tried, labeller: Labeller) -> dict[str, Any]:
    assert one.image is not None
    assert one.region is not None
    inside = case.shot.inside
    return {
        "name": case.shot.name,
        "kind": case.shot.kind,
        "psnr": measures.decibels(one.image, case.target, one.region),
        "ssim": measures.likeness(one.image, case.target, one.region),
        "garment_psnr": measures.decibels(one.image, case.target, inside),
        "iou": measures.parsed_again(labeller, one.image, inside, case.shot.kind),
        "covered": float((inside & one.region).sum() / max(int(inside.sum()), 1)),
        "print": None,
    }


def _row(task: str, where: str, method: str, figures: list[dict[str, Any]]) -> dict[str, Any]:
    """Means; figures of the tops alone beside them; the worst by name."""
    tops = [one for one in figures if one["kind"] == "upper"]
    worst = sorted(figures, key=lambda one: one["psnr"])[:WORST]
    return {
        "task": task,
        "ground": where,
        "method": method,
        "cases": len(figures),
        **_means(figures),
        "tops": {"cases": len(tops), **_means(tops)} if tops else None,
        "worst": [{"name": one["name"], "psnr": one["psnr"], "ssim": one["ssim"]} for one in worst],
    }


def _means(figures: Sequence[dict[str, Any]]) -> dict[str, float | None]:
    means: dict[str, float | None] = {}
    for name in ("psnr", "ssim", "garment_psnr", "iou", "covered", "print"):
        known = [one[name] for one in figures if one[name] is not None]
        means[name] = float(np.mean(known)) if known else None
    return means


def _ceiling(labeller: Labeller, found: Sequence[Case]) -> float:
    """What the segmenter itself reaches on the photos that are to be restored."""
    reached = [
        measures.parsed_again(labeller, case.target, case.shot.inside, case.shot.kind)
        for case in found
        if case.task == SELF_WORN
    ]
    return float(np.mean(reached)) if reached else float("nan")
