"""What segmentation is measured on: pictures with masks, as they are and put on other grounds."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shop_genai.generation.segment.classes import PERSON, bits
from shop_genai.generation.segment.grounds import ground
from shop_genai.generation.segment.labelled import Labelled
from shop_genai.generation.segment.losses import UNKNOWN_SOLD
from shop_genai.training.labels import is_told, labelled
from shop_genai.training.packs import Entry, read_pack

SAMPLES = Path(__file__).parent.parent / "example_project" / "shop" / "samples"
LONGEST = 768  # pixels a side; larger pictures are shrunk
BACKGROUND = bits(["background"])
OWN, OTHER = "own ground", "other ground"

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """One picture to segment, and the truth. Where a map of what is known is False, the truth is not."""

    name: str
    kind: str
    ground: str  # `OWN` or `OTHER`
    picture: Image.Image
    sold: Mask
    sold_known: Mask
    person: Mask | None  # None: nobody is in the picture
    person_known: Mask | None
    region: str  # of the sold garment, when worn


def entries(data: Path | None, split: str) -> list[Entry]:
    """The pictures of a pack that say where their product is; without a pack the repository's rendered products."""
    if data is not None:
        return [entry for entry in read_pack(data, split) if is_told(entry)]
    found = []
    for path in sorted((SAMPLES / "products").glob("*.jpg")):
        facts = {"file": f"products/{path.name}", "mask": f"products_masks/{path.stem}.png"}
        found.append(Entry(path, "rendered products", facts))
    return found


def cases(found: Sequence[Entry], kind: str) -> Iterator[Case]:
    """Each picture as it is, and, where it can be cut out, on a ground that depends on nothing but its name."""
    for number, entry in enumerate(found):
        example = labelled(entry, LONGEST)
        if not ((example.sold == 1).any() or (example.possible & bits(PERSON)).any()):
            continue
        named = entry.facts.get("region") if entry.facts.get("person_mask") else None
        yield _case(entry.name, named or kind, OWN, example, example.picture, entry.facts.get("region", ""))
        if example.matte is not None:
            rng = np.random.default_rng(zlib.crc32(entry.name.encode()))
            others = [labelled(found[(number + step) % len(found)], LONGEST) for step in (7, 19)]
            picture = moved_to(example, others, rng)
            yield _case(entry.name, named or kind, OTHER, example, picture, entry.facts.get("region", ""))


def moved_to(example: Labelled, others: Sequence[Labelled], rng: np.random.Generator) -> Image.Image:
    """The product or person before another ground, in slightly other light."""
    assert example.matte is not None
    alpha = example.matte[:, :, None].astype(np.float32) / 255
    front = np.asarray(example.picture, np.float32) * rng.uniform(0.8, 1.05)
    height, width = example.sold.shape
    mixed = front * alpha + ground((height, width), others, rng) * (1 - alpha)
    return Image.fromarray(np.clip(np.rint(mixed), 0, 255).astype(np.uint8))


def _case(name: str, kind: str, where: str, example: Labelled, picture: Image.Image, region: str) -> Case:
    worn = bool((example.possible & bits(PERSON)).any())
    known = (example.possible == BACKGROUND) | (example.possible & BACKGROUND == 0)
    return Case(
        name,
        kind,
        where,
        picture,
        example.sold == 1,
        example.sold != UNKNOWN_SOLD,
        (example.possible & bits(PERSON)) > 0 if worn else None,
        known if worn else None,
        region if worn else "",
    )
