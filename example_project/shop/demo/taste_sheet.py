"""The contact sheet of two tastes: what each shopper liked, the same products in each one's taste, both rankings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from example_project.shop.demo.sheet import GAP, INK, LINE, PAPER, SOFT, drawable

TILE = 176  # pixels; the side of the square that a picture is fitted into
ACROSS = 6  # tiles in a row
MARK = (13, 85, 99)
FONT = ImageFont.load_default(13)
STEP = 18  # from line to line


@dataclass(frozen=True)
class Tile:
    """A picture, RGB; under it a line that names it, and up to two more that say something about it."""

    picture: Image.Image
    caption: str = ""
    note: str = ""


@dataclass(frozen=True)
class Person:
    """One shopper's part of the sheet."""

    name: str
    liked: Sequence[Tile]
    variants: Sequence[Tile]
    ranking: Sequence[Tile]


def write(products: Sequence[Tile], people: Sequence[Person], path: Path, quality: int = 88) -> None:
    """Write the sheet; the file's suffix decides the format.

    Args:
        products: the shop's own pictures of what was varied.
        people: each one's part, below each other.
    """
    bands = [("The shop's pictures", products, False)]
    for person in people:
        bands.append((f"{person.name}: looked at, bought, liked", person.liked, True))
        bands.append((f"{person.name}: the same products in this taste", person.variants, False))
        bands.append((f"{person.name}: recommended, best first", person.ranking, False))
    heights = [_height(tiles) for _title, tiles, _first in bands]
    page = Image.new("RGB", (GAP + ACROSS * (TILE + GAP), sum(heights) + GAP), PAPER)
    draw = ImageDraw.Draw(page)
    top = 0
    for (title, tiles, first), height in zip(bands, heights, strict=True):
        if first:
            draw.line([(GAP, top + 3), (page.width - GAP, top + 3)], MARK, 3)
        draw.text((GAP, top + 12), drawable(title), INK, ImageFont.load_default(17))
        for number, tile in enumerate(tiles[:ACROSS]):
            _draw(page, draw, tile, GAP + number * (TILE + GAP), top + LINE + 8)
        top += height
    page.save(path, quality=quality)


def _height(tiles: Sequence[Tile]) -> int:
    lines = max((len(_lines(tile)) for tile in tiles[:ACROSS]), default=0)
    return LINE + 8 + TILE + 4 + STEP * lines + GAP


def _draw(page: Image.Image, draw: ImageDraw.ImageDraw, tile: Tile, left: int, top: int) -> None:
    page.paste(ImageOps.pad(tile.picture, (TILE, TILE), Image.Resampling.LANCZOS, color=PAPER), (left, top))
    for number, (text, colour) in enumerate(_lines(tile)):
        draw.text((left, top + TILE + 3 + STEP * number), text, colour, FONT)


def _lines(tile: Tile) -> list[tuple[str, tuple[int, int, int]]]:
    """What stands under a picture: the caption, then the note in at most two lines, each as wide as the tile."""
    caption = [(line, INK) for line in _broken(drawable(tile.caption), 1)]
    return caption + [(line, SOFT) for line in _broken(drawable(tile.note), 2)]


def _broken(text: str, most: int) -> list[str]:
    """Lines of at most a tile's width; what does not fit into the last one is cut off there."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < most:
        count = max((n for n in range(1, len(words) + 1) if _fits(" ".join(words[:n]))), default=1)
        last = len(lines) == most - 1
        lines.append(_cut(" ".join(words)) if last else " ".join(words[:count]))
        words = words[count:]
    return lines


def _cut(text: str) -> str:
    """The text, with dots where the tile ends."""
    if _fits(text):
        return text
    while text and not _fits(f"{text}..."):
        text = text[:-1].rstrip()
    return f"{text}..."


def _fits(text: str) -> bool:
    return FONT.getlength(text) <= TILE
