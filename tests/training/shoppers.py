"""Drawn people in coloured shirts, from the front, laid out as the packs that the try-on learns from."""

from __future__ import annotations

import csv
from pathlib import Path

from PIL import Image

from shop_genai.generation.pose.keypoints import NAMES

WIDTH, HEIGHT = 96, 128
JOINTS = {  # of the drawn people; what is not here lies below the picture
    "nose": (48, 22),
    "left_shoulder": (62, 42),
    "right_shoulder": (34, 42),
    "left_elbow": (68, 64),
    "right_elbow": (28, 64),
    "left_wrist": (70, 84),
    "right_wrist": (26, 84),
    "left_hip": (57, 90),
    "right_hip": (39, 90),
}
COLUMNS = ["file", "split", "source", "style", "view", "region", "category", "person_mask", "garment_mask"]


def draw(folder: Path, name: str, colour: tuple[int, int, int]) -> None:
    """Somebody in a coloured shirt, before white."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    person, garment = Image.new("1", picture.size), Image.new("1", picture.size)
    skin, hair, jeans = (214, 160, 130), (60, 40, 30), (60, 70, 120)
    parts = {
        "legs": ((36, 88, 60, 128), jeans),
        "arms": ((24, 44, 72, 88), skin),
        "shirt": ((34, 40, 62, 90), colour),
        "sleeves": ((24, 40, 72, 60), colour),
        "face": ((40, 14, 56, 40), skin),
        "hair": ((38, 8, 58, 16), hair),
    }
    for part, (box, shade) in parts.items():
        picture.paste(shade, box)
        person.paste(1, box)
        if part in ("shirt", "sleeves"):
            garment.paste(1, box)
    garment.paste(0, (40, 14, 56, 40))
    picture.save(folder / f"images/{name}.png")
    style = name.split("-")[0]
    person.save(folder / f"masks/{style}.person.png")
    garment.save(folder / f"masks/{style}.garment.png")


def write_people(folder: Path) -> Path:
    """Two shots in two colours to train on, one photo of which no garment is known, a back view; one shot to test."""
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    rows = []
    for split, style in (("train", "a"), ("train", "b"), ("test", "c")):
        for colour, value in (("red", (200, 40, 50)), ("blue", (40, 60, 190))):
            draw(folder, f"{style}-{colour}", value)
            masks = (f"masks/{style}.person.png", f"masks/{style}.garment.png")
            rows.append([f"images/{style}-{colour}.png", split, "drawn", style, "main", "upper", "tee", *masks])
    draw(folder, "d-green", (40, 160, 60))
    rows.append(["images/d-green.png", "train", "drawn", "d", "main", "lower", "skirt", "masks/d.person.png", ""])
    rows.append(["images/d-green.png", "train", "drawn", "e", "back", "upper", "tee", "masks/d.person.png", ""])
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return folder


def write_joints(path: Path) -> Path:
    """Their joints, as a teacher writes them."""
    names = [f"images/{style}-{colour}.png" for style in "abc" for colour in ("red", "blue")] + ["images/d-green.png"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "view", "split", *(f"{axis}{n}" for n in range(17) for axis in "xyv")])
        for name in names:
            places = [(*JOINTS[joint], 0.9) if joint in JOINTS else (50, 200, 0.3) for joint in NAMES]
            writer.writerow([name, "main", "train", *(value for place in places for value in place)])
    return path
