"""Reading pictures to train on or to measure with: a data pack, or any folder of images.

A pack is a folder with a `manifest.csv` whose columns include `file` and `split` and may include `kind` and `label`. A
folder without one is a pack whose pictures all belong to every split, labelled by the folder that holds them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from shop_genai.generation.example import Example

MANIFEST = "manifest.csv"
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


@dataclass(frozen=True)
class Entry:
    """One picture of a pack."""

    path: Path
    kind: str  # the manifest's kind, or the name of the folder that holds the file
    facts: Mapping[str, str] = field(default_factory=dict)  # the manifest's row; empty without a manifest

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def label(self) -> str:
        """What the picture shows: the manifest's `label`, else its `category`, else the kind."""
        return self.facts.get("label") or self.facts.get("category") or self.kind


def read_pack(folder: Path, split: str) -> list[Entry]:
    """The pictures of one split, in the order of the manifest (of the file names, without one).

    Raises:
        FileNotFoundError: no such folder, or it has no picture in that split.
    """
    manifest = folder / MANIFEST
    if manifest.is_file():
        with manifest.open(newline="", encoding="utf-8") as lines:
            rows = [row for row in csv.DictReader(lines) if row["split"] == split]
        entries = [Entry(folder / row["file"], row.get("kind") or Path(row["file"]).parent.name, row) for row in rows]
    elif folder.is_dir():
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
        entries = [Entry(path, path.parent.name) for path in paths]
    else:
        raise FileNotFoundError(f"there is no folder {folder}")
    if not entries:
        raise FileNotFoundError(f"{folder} has no pictures in the split {split!r}")
    return entries


def open_rgb(path: Path) -> Image.Image:
    """The picture as RGB, fully read."""
    with Image.open(path) as image:
        return image.convert("RGB")


class Pictures:
    """Decoded pictures by index, each read once and then kept in memory.

    Pictures with a side below `smallest` pixels are left out.
    """

    def __init__(self, entries: list[Entry], smallest: int = 1) -> None:
        self.entries = [entry for entry in entries if min(_size(entry.path)) >= smallest]
        if not self.entries:
            raise FileNotFoundError(f"none of the {len(entries)} pictures has sides of at least {smallest} pixels")
        self._read: dict[int, Image.Image] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> Image.Image:
        if index not in self._read:
            self._read[index] = open_rgb(self.entries[index].path)
        return self._read[index]

    def example(self, index: int) -> Example:
        """A picture with its label and facts."""
        entry = self.entries[index]
        return Example(self[index], entry.label, entry.facts)


def _size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size
