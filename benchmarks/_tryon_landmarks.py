"""How well garments are analysed: kind, sleeves and refusals on labelled photos; landmarks where they are known.

Landmarks are known of the repository's rendered products, whose patterns were drawn in centimetres. Errors are shares
of the garment's longer side: .01 of a T-shirt is 7 mm.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from shop_genai.errors import CategoryUnsupported, GarmentNotFound
from shop_genai.generation.tryon.analyst import GarmentAnalyst
from shop_genai.generation.tryon.garment import Garment
from shop_genai.generation.tryon.landmark_network import OTHER
from shop_genai.training.landmarks import told
from shop_genai.training.packs import Entry, open_rgb, read_pack

SAMPLES = Path(__file__).parent.parent / "example_project" / "shop" / "samples"
CLOSE, NEAR = 0.02, 0.04  # errors that nobody sees, and that are still right

Place = tuple[float, float]
# The wearer's left half of each pattern, centimetres, y up from the hem; and how the front neck line runs from the
# neck's side to its middle, as a cubic curve.
PATTERNS: dict[str, dict[str, Place]] = {
    "tee": {
        "neck": (8.6, 71.4), "shoulder": (21.5, 67.9), "cuff_outer": (40.4, 53.6), "cuff_inner": (35, 42.6),
        "armpit": (26.2, 47.6), "hem": (26.5, 0.6), "neck_front": (0, 62.6),
    },
    "vneck": {
        "neck": (8.6, 71.4), "shoulder": (21.5, 67.9), "cuff_outer": (40.4, 53.6), "cuff_inner": (35, 42.6),
        "armpit": (26.2, 47.6), "hem": (26.5, 0.6), "neck_front": (0, 56.6),
    },
    "long": {
        "neck": (8.8, 71.4), "shoulder": (21.2, 68.2), "cuff_outer": (43.2, 13.4), "cuff_inner": (36.2, 12.6),
        "armpit": (25.4, 47), "hem": (25.5, 0.4), "neck_front": (0, 64.2),
    },
    "tank": {
        "neck": (10.2, 70.0), "shoulder": (15.6, 70.6), "cuff_outer": (15.6, 70.6), "cuff_inner": (24.6, 44.5),
        "armpit": (24.6, 44.5), "hem": (25.5, 0.6), "neck_front": (0, 54.4),
    },
}  # fmt: skip
NECK_LINES: dict[str, tuple[Place, Place]] = {  # the two inner control points
    "tee": ((7.9, 65.2), (4.6, 62.6)),
    "vneck": ((6.6, 66), (3.0, 60.6)),
    "long": ((8.1, 66.2), (5, 64.2)),
    "tank": ((9.4, 60), (6, 54.6)),
}
RENDERED = {
    "sunset-tee": "tee", "sunset-tee_navy": "tee", "sunset-tee_red": "tee", "north-shore-tee": "tee",
    "vneck": "vneck", "vneck_mustard": "vneck", "vneck_plum": "vneck", "breton": "long", "tank": "tank",
}  # fmt: skip


def measure(analyst: GarmentAnalyst, data: Sequence[Path] = (), split: str = "test") -> dict[str, Any]:
    """Everything: `rendered`, a row per rendered product; `packs`, a row per labelled pack."""
    return {
        "rendered": [rendered(analyst, name, pattern) for name, pattern in RENDERED.items()],
        "packs": [labelled(analyst, folder.name, read_pack(folder, split)) for folder in data],
    }


def rendered(analyst: GarmentAnalyst, name: str, pattern: str) -> dict[str, Any]:
    """One rendered product, by its picture alone and by its exact mask."""
    picture = open_rgb(SAMPLES / "products" / f"{name}.jpg")
    with Image.open(SAMPLES / "products_masks" / f"{name}.png") as image:
        mask = image.convert("L")
    truth, opening = known(pattern, mask)
    row: dict[str, Any] = {"name": name}
    for what, given in (("picture", None), ("mask", mask)):
        started = time.perf_counter()
        try:
            garment = analyst.analyse(picture, given)
        except (GarmentNotFound, CategoryUnsupported) as refusal:
            row[what] = {"refused": refusal.code}
            continue
        if garment.kind != "upper":
            row[what] = {"refused": f"taken for {garment.kind}"}
            continue
        row[what] = {
            **errors(garment, truth),
            "sleeves": garment.sleeves,
            "inside_iou": _overlap(garment.inside, opening),
            "mask_iou": _overlap(garment.mask, mask),
            "confidence": garment.confidence,
            "seconds": time.perf_counter() - started,
        }
    return row


def known(pattern: str, mask: Image.Image) -> tuple[dict[str, Place], Image.Image]:
    """The landmarks of a rendered product and its inner side, mode L; the pattern is fitted to the exact mask."""
    marks = PATTERNS[pattern]
    box = mask.point([0] * 128 + [255] * 128).getbbox()
    if box is None:
        raise ValueError("the mask is empty")
    wide = max(x for x, _ in marks.values())
    low, high = min(y for _, y in marks.values()), max(y for _, y in marks.values())
    across, down = (box[2] - box[0]) / (2 * wide), (box[3] - box[1]) / (high - low)
    middle = (box[0] + box[2]) / 2

    def place(x: float, y: float) -> Place:
        return middle + x * across, box[1] + (high - y) * down

    truth = {"neck_front": place(*marks["neck_front"])}
    for name, (x, y) in marks.items():
        if name != "neck_front":
            truth[f"{name}_left"], truth[f"{name}_right"] = place(x, y), place(-x, y)
    side, middle_front = marks["neck"], marks["neck_front"]
    first, second = NECK_LINES[pattern]
    t = np.linspace(0, 1, 30)[:, None]
    line = (1 - t) ** 3 * side + 3 * (1 - t) ** 2 * t * first + 3 * (1 - t) * t**2 * second + t**3 * middle_front
    half = [(float(x), float(y)) for x, y in line]
    # Behind the front's neck line there is nothing but the back, up to its edge.
    outline = [*half, *((-x, y) for x, y in reversed(half)), (-side[0], high + 9), (side[0], high + 9)]
    opening = Image.new("L", mask.size)
    ImageDraw.Draw(opening).polygon([place(x, y) for x, y in outline], fill=255)
    return truth, Image.fromarray(np.minimum(np.asarray(opening), np.asarray(mask)))


def errors(garment: Garment, truth: Mapping[str, Place]) -> dict[str, float]:
    """Distances from the truth, in shares of the garment's longer side."""
    points = np.array(list(truth.values()))
    extent = float((points.max(axis=0) - points.min(axis=0)).max())
    away = {name: math.dist(garment.landmarks[name], place) / extent for name, place in truth.items()}
    values = np.array(list(away.values()))
    return {
        "error": float(values.mean()),
        "close": float((values <= CLOSE).mean()),
        "near": float((values <= NEAR).mean()),
        "worst": float(values.max()),
    }


def labelled(analyst: GarmentAnalyst, name: str, entries: Sequence[Entry]) -> dict[str, Any]:
    """What a pack's labels say against what is found, by the pictures alone."""
    right: dict[str, list[bool]] = {"kind": [], "sleeves": [], "refused": []}
    mistaken = []
    for entry in entries:
        kind, sleeves, _ = told(entry)
        if not kind:
            continue
        try:
            garment = analyst.analyse(open_rgb(entry.path))
            found = [str(garment.kind), str(garment.sleeves)]
        except (GarmentNotFound, CategoryUnsupported) as refusal:
            found = [refusal.code, ""]
        good = found[0] == kind
        if kind == OTHER:
            right["refused"].append(good := found[0] not in ("upper", "lower", "skirt", "dress"))
        else:
            right["kind"].append(good)
            if sleeves and good:
                right["sleeves"].append(good := found[1] == sleeves)
        if not good:
            mistaken.append(f"{entry.name}: {entry.label} taken for {' '.join(found).strip()}")
    shares = {what: float(np.mean(values)) for what, values in right.items() if values}
    return {"pack": name, **shares, "pictures": {w: len(v) for w, v in right.items()}, "mistaken": mistaken}


def lines(report: Mapping[str, Any]) -> list[str]:
    """The figures as Markdown."""
    found = [
        "| rendered product | error | ≤ .02 | ≤ .04 | inner side IoU | mask IoU | error with the exact mask |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in report["rendered"]:
        alone, exact = row["picture"], row["mask"]
        given = f"{exact['error']:.3f}" if "error" in exact else exact["refused"]
        if "error" not in alone:
            found.append(f"| {row['name']} | refused: {alone['refused']} | | | | | {given} |")
            continue
        found.append(
            f"| {row['name']} | {alone['error']:.3f} | {100 * alone['close']:.0f} % | {100 * alone['near']:.0f} % |"
            f" {alone['inside_iou']:.2f} | {alone['mask_iou']:.3f} | {given} |"
        )
    for row in report["packs"]:
        counts = row["pictures"]
        parts = [
            f"{what} right {100 * row[what]:.0f} % of {counts[what]}" for what in ("kind", "sleeves") if what in row
        ]
        parts += [f"refused {100 * row['refused']:.0f} % of {counts['refused']} things"] if "refused" in row else []
        found += ["", f"`{row['pack']}`: {', '.join(parts)}."]
    return found


def _overlap(first: Image.Image, second: Image.Image) -> float:
    one, two = _mask(first), _mask(second)
    return float((one & two).sum() / max(int((one | two).sum()), 1))


def _mask(plane: Image.Image) -> NDArray[np.bool_]:
    return np.asarray(plane) > 127
