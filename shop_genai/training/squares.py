"""Training pictures kept as the small squares that the teaching networks see, so that each is shrunk only once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from shop_genai.generation.example import Example
from shop_genai.generation.squares import squared

from .kinds import entries
from .packs import MANIFEST, Entry, Pictures, open_rgb

WHITE = (255, 255, 255)
MARGIN = 0.06  # of the longer side, left around a product that is cut out


class Squares(Pictures):
    """Squares of `side` pixels by index.

    With `white`, products are cut out by the masks that the pack's column `mask` names, and put on white with an even
    margin; pictures without a mask are left out.

    Raises:
        FileNotFoundError: none is left.
    """

    def __init__(self, entries: list[Entry], side: int, *, white: bool = False) -> None:
        super().__init__([entry for entry in entries if entry.facts.get("mask") or not white])
        self.side = side
        self.white = white

    def __getitem__(self, index: int) -> Image.Image:
        if index not in self._read:
            entry = self.entries[index]
            picture = on_white(entry) if self.white else open_rgb(entry.path)
            self._read[index] = squared(picture, self.side)
        return self._read[index]

    def examples(self) -> list[Example]:
        """All of them, in order."""
        return [self.example(index) for index in range(len(self))]


def held_out(folders: Sequence[Path], side: int, *, white: bool) -> list[Example]:
    """The test splits of the packs; a folder without a manifest has none, all its pictures are trained on."""
    packs = [folder for folder in folders if (folder / MANIFEST).is_file()]
    return Squares(entries(packs, "test"), side, white=white).examples() if packs else []


def on_white(entry: Entry) -> Image.Image:
    """The product alone on a white square.

    Raises:
        ValueError: the mask is empty or of another size.
    """
    picture = open_rgb(entry.path)
    pack = entry.path.parents[len(Path(entry.facts["file"]).parts) - 1]
    with Image.open(pack / entry.facts["mask"]) as image:
        mask = image.convert("L")
    box = mask.getbbox()
    if box is None or mask.size != picture.size:
        raise ValueError(f"{entry.facts['mask']} is no mask of {entry.name}")
    width, height = box[2] - box[0], box[3] - box[1]
    side = round(max(width, height) * (1 + 2 * MARGIN))
    square = Image.new("RGB", (side, side), WHITE)
    square.paste(picture.crop(box), ((side - width) // 2, (side - height) // 2), mask.crop(box))
    return square
