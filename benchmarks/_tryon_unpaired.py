"""Garments that nobody in the pictures wears: flat ones onto people. There is no right answer, only a distance.

The figure is the Fréchet distance between the features of what was made and of real photos of people. With so few
pictures it is biased upwards; the distance between real photos of other people, as few of them, shows by how much.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import _tryon_measures as measures
from benchmarks._tryon_measures import Dresser
from benchmarks._tryon_restored import METHODS
from benchmarks._tryon_shots import Shot
from shop_genai.generation.tryon.params import LANDMARK_GAN
from shop_genai.training.extractors import Extractor
from shop_genai.training.landmarks import told
from shop_genai.training.metrics.distributions import frechet_distance, kernel_distance
from shop_genai.training.packs import open_rgb, read_pack


@dataclass(frozen=True)
class Flat:
    """A garment that lies flat."""

    name: str
    kind: str
    picture: Image.Image


@dataclass(frozen=True)
class Match:
    """Somebody, and what they try on."""

    person: Image.Image
    garment: Flat


def read_flats(data: Path, split: str) -> list[Flat]:
    """The garments of a pack that people wear: tops, trousers and shorts, skirts, dresses."""
    found = []
    for entry in read_pack(data, split):
        kind = told(entry)[0]
        if kind in measures.FAMILY:
            found.append(Flat(entry.path.stem, kind, open_rgb(entry.path)))
    return found


def matches(shots: Sequence[Shot], flats: Sequence[Flat], each: int) -> list[Match]:
    """For each shot, `each` garments of the family that is sold in it; which ones depends on its name."""
    found = []
    for shot in shots:
        family = measures.FAMILY[shot.kind]
        fitting = [flat for flat in flats if measures.FAMILY[flat.kind] == family]
        rng = shot.rng("flats")
        for number in rng.permutation(len(fitting))[:each]:
            found.append(Match(shot.pictures[0], fitting[int(number)]))
    return found


def measure(
    pipeline: Dresser, extractor: Extractor, found: Sequence[Match], real: Sequence[Image.Image]
) -> tuple[dict[str, Any], list[list[Image.Image]]]:
    """Figures, and rows of pictures: person, garment, then what each method made."""
    made: dict[str, list[Image.Image]] = {method: [] for method in METHODS}
    refused: Counter[str] = Counter()
    confidence, warned, rows = [], Counter[str](), []
    for count, match in enumerate(found, start=1):
        tried = [
            measures.dress(pipeline, match.person, match.garment.picture, match.garment.kind, method)
            for method in METHODS
        ]
        pictures = [one.image for one in tried if one.image is not None]
        if len(pictures) < len(METHODS):
            refused[next(one.refused for one in tried if one.image is None)] += 1
        else:
            for method, picture in zip(METHODS, pictures, strict=True):
                made[method].append(picture)
            info = tried[METHODS.index(LANDMARK_GAN)].info or {}
            confidence.append(float(info.get("confidence", 0)))
            warned.update(info.get("warnings", ()))
            rows.append([match.person, match.garment.picture, *reversed(pictures)])
        print(f"\r{count}/{len(found)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    report: dict[str, Any] = {
        "tried": len(found),
        "made": len(rows),
        "refused": dict(refused),
        "warnings": dict(warned),
        "confidence": float(np.mean(confidence)) if confidence else None,
        "extractor": extractor.name,
        "distances": [],
    }
    if len(rows) > 1 and len(real) > 1:
        report["distances"] = _distances(extractor, made, real)
    return report, rows


def _distances(
    extractor: Extractor, made: dict[str, list[Image.Image]], real: Sequence[Image.Image]
) -> list[dict[str, Any]]:
    known = extractor(real).vectors
    rows = []
    for method, pictures in made.items():
        vectors = extractor(pictures).vectors
        rows.append(
            {
                "what": method,
                "pictures": len(vectors),
                "frechet": frechet_distance(known, vectors),
                "kernel": kernel_distance(known, vectors)[0],
            }
        )
    # Real photos against other real ones, half and half.
    half = np.random.default_rng(0).permutation(len(known))
    first, second = known[half[::2]], known[half[1::2]]
    if len(second) > 1:
        rows.append(
            {
                "what": "real photos",
                "pictures": len(second),
                "frechet": frechet_distance(first, second),
                "kernel": kernel_distance(first, second)[0],
            }
        )
    return rows
