"""Real colourways: photos of one shot that differ in nothing but the product's colour, with the product's mask."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shop_genai.training.packs import MANIFEST, Entry, open_rgb, read_pack

SAMPLES = Path(__file__).parent.parent / "example_project" / "shop" / "samples"
INSIDE = 128  # of 255: a mask's value from which a pixel belongs to the product


@dataclass(frozen=True)
class Photo:
    """One colourway of one shot."""

    path: Path
    mask_path: Path
    style: str  # what the colourways of one product share
    shot: str  # style and view: photos of one shot show the same folds in the same light
    colour: str  # as the shop names it
    category: str

    @property
    def name(self) -> str:
        return self.path.stem

    def picture(self) -> Image.Image:
        return open_rgb(self.path)

    def mask(self) -> Image.Image:
        """The product, mode L, 0 or 255."""
        with Image.open(self.mask_path) as mask:
            return mask.convert("L").point(lambda value: 255 if value >= INSIDE else 0)

    def inside(self) -> NDArray[np.bool_]:
        """(H, W): where the product is."""
        return np.asarray(self.mask()) > 0


@dataclass(frozen=True)
class Pair:
    """From one photo to another of the same shot."""

    source: Photo
    target: Photo

    @property
    def name(self) -> str:
        return f"{self.source.name} → {self.target.name}"


def read_photos(data: Path | None, split: str) -> list[Photo]:
    """All photos with a product mask: of a pack's split, or of the repository's own samples.

    Raises:
        FileNotFoundError: no pack, or no photo with a mask in that split.
    """
    photos = _samples() if data is None else _of_pack(data, split)
    if not photos:
        raise FileNotFoundError(f"{data} has no photo with a garment_mask in the split {split!r}")
    return photos


def pairs(photos: Sequence[Photo]) -> list[Pair]:
    """All ordered pairs of different photos of one shot, in the order of the photos."""
    shots: defaultdict[str, list[Photo]] = defaultdict(list)
    for photo in photos:
        shots[photo.shot].append(photo)
    return [Pair(a, b) for shot in shots.values() for a, b in permutations(shot, 2)]


def _of_pack(data: Path, split: str) -> list[Photo]:
    if not (data / MANIFEST).is_file():
        raise FileNotFoundError(f"{data} has no {MANIFEST} that names colourways and masks")
    return [_of_entry(data, entry) for entry in read_pack(data, split) if entry.facts.get("garment_mask")]


def _of_entry(data: Path, entry: Entry) -> Photo:
    facts = entry.facts
    style = f"{facts['source']} {facts['style']}"
    return Photo(
        path=entry.path,
        mask_path=data / facts["garment_mask"],
        style=style,
        shot=f"{style} {facts['view']}",
        colour=facts["color"],
        category=facts["category"],
    )


def _samples() -> list[Photo]:
    with (SAMPLES / "products.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return [
        Photo(
            path=SAMPLES / row["file"],
            mask_path=SAMPLES / row["mask"],
            style=row["sku"].partition("_")[0],
            shot=row["sku"].partition("_")[0],
            colour=row["colour"],
            category=row["category"],
        )
        for row in rows
    ]
