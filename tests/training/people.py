"""A pack of drawn people and things, laid out as the packs that the segmentation learns from."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PIL import Image

SKIN, HAIR, RED, BLUE, BLACK = (214, 160, 130), (60, 40, 30), (200, 30, 50), (40, 60, 170), (20, 20, 20)
WIDTH, HEIGHT = 60, 120


def person(region: str = "upper") -> tuple[Image.Image, Image.Image, Image.Image]:
    """A figure on white with hair, face, shirt, trousers and shoes; the mask of all, and that of the sold garment."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    boxes = {
        "hair": ((24, 6, 36, 12), HAIR),
        "face": ((24, 12, 36, 24), SKIN),
        "upper": ((18, 24, 42, 60), RED),
        "lower": ((20, 60, 40, 100), BLUE),
        "shoes": ((20, 100, 40, 110), BLACK),
    }
    mask, garment = Image.new("1", picture.size), Image.new("1", picture.size)
    for name, (box, colour) in boxes.items():
        picture.paste(colour, box)
        mask.paste(1, box)
        if name == region:
            garment.paste(1, box)
    return picture, mask, garment


def write_pack(folder: Path, split: str = "train") -> Path:
    """Two people, a thing with a mask, one on clean white, one rendered person, and one that nothing is known of."""
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    rows = []
    for region in ("upper", "lower"):
        picture, mask, garment = person(region)
        picture.save(folder / f"images/{region}.png")
        mask.save(folder / f"masks/{region}.person.png")
        garment.save(folder / f"masks/{region}.garment.png")
        masks = {"person_mask": f"masks/{region}.person.png", "garment_mask": f"masks/{region}.garment.png"}
        rows.append({"file": f"images/{region}.png", "region": region, **masks})
    thing = Image.new("RGB", (50, 50), (120, 110, 90))
    thing.paste(RED, (15, 10, 35, 40))
    thing.save(folder / "images/thing.png")
    cover = Image.new("1", thing.size)
    cover.paste(1, (15, 10, 35, 40))
    cover.save(folder / "masks/thing.png")
    rows.append({"file": "images/thing.png", "mask": "masks/thing.png", "region": "upper"})
    ring = Image.new("RGB", (60, 60), "white")
    ring.paste(BLUE, (15, 15, 45, 45))
    ring.paste("white", (25, 25, 35, 35))
    ring.save(folder / "images/ring.png")
    rows.append({"file": "images/ring.png"})
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[24:60, 18:42], labels[6:12, 24:36] = 6, 1
    Image.fromarray(labels).save(folder / "masks/rendered.png")
    person()[0].save(folder / "images/rendered.png")
    rows.append({"file": "images/rendered.png", "labels": "masks/rendered.png"})
    Image.new("RGB", (40, 40), (90, 120, 60)).save(folder / "images/meadow.png")
    rows.append({"file": "images/meadow.png"})
    columns = ["file", "split", "region", "person_mask", "garment_mask", "mask", "labels"]
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        for each in ("train", "test") if split == "both" else (split,):
            writer.writerows({**row, "split": each} for row in rows)
    return folder
