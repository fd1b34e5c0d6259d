"""The contact sheet of the try-on: garments across, people down, each one wearing each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from example_project.shop.demo.sheet import GAP, INK, PAPER, SOFT, drawable

WIDTH, HEIGHT = 288, 384  # pixels; a person's tile, upright as their photos are
LINE = 24  # height of what stands below a tile
MOST = 36  # letters in it


@dataclass(frozen=True)
class Shown:
    """A picture, RGB, and what stands below it."""

    picture: Image.Image
    caption: str = ""


def write(
    garments: Sequence[Shown], people: Sequence[tuple[Shown, Sequence[Shown]]], path: Path, quality: int = 90
) -> None:
    """Write the sheet; the file's suffix decides the format.

    Args:
        garments: the shop's own pictures, from left to right.
        people: each one's photo, and the same person in each garment.
    """
    across, down = WIDTH + GAP, HEIGHT + LINE
    head = WIDTH + LINE + GAP  # garments are shown square
    page = Image.new("RGB", (GAP + across * (len(garments) + 1), GAP + head + down * len(people)), PAPER)
    for column, garment in enumerate(garments, 1):
        _draw(page, garment, (GAP + column * across, GAP), (WIDTH, WIDTH))
    for row, (photo, worn) in enumerate(people):
        for column, shown in enumerate([photo, *worn]):
            _draw(page, shown, (GAP + column * across, GAP + head + row * down), (WIDTH, HEIGHT))
    page.save(path, quality=quality)


def _draw(page: Image.Image, shown: Shown, corner: tuple[int, int], size: tuple[int, int]) -> None:
    page.paste(ImageOps.pad(shown.picture, size, Image.Resampling.LANCZOS, color=PAPER), corner)
    text = drawable(shown.caption)
    text = text if len(text) <= MOST else f"{text[: MOST - 3].rstrip()}..."
    colour = SOFT if text.startswith("(") else INK
    ImageDraw.Draw(page).text((corner[0], corner[1] + size[1] + 3), text, colour, ImageFont.load_default(14))
