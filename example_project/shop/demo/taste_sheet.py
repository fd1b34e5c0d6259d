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


@dataclass(frozen=True)
class Tile:
    """A picture, RGB, and up to two short lines under it."""

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
    lines = max(((tile.caption != "") + (tile.note != "") for tile in tiles), default=0)
    return LINE + 8 + TILE + 20 * lines + GAP


def _draw(page: Image.Image, draw: ImageDraw.ImageDraw, tile: Tile, left: int, top: int) -> None:
    page.paste(ImageOps.pad(tile.picture, (TILE, TILE), Image.Resampling.LANCZOS, color=PAPER), (left, top))
    font = ImageFont.load_default(13)
    for number, (text, colour) in enumerate(((tile.caption, INK), (tile.note, SOFT))):
        draw.text((left, top + TILE + 3 + 18 * number), _fitting(drawable(text), font), colour, font)


def _fitting(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """The text, cut where the tile ends."""
    while text and font.getlength(text) > TILE:
        text = text[:-2].rstrip() + "…" if not text.endswith("…") else text[:-3].rstrip() + "…"
    return text
