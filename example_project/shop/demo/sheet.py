"""The before/after contact sheet: each photo whole, and the same detail at full size."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

TILE = 360  # pixels; the side of a detail, and of the box a whole photo is fitted into
GAP = 12
LINE = 30  # height of a line of text
INK, SOFT, PAPER = (28, 34, 36), (100, 108, 112), (250, 249, 247)
STEPS = 12  # the detail is searched in steps of its own side, divided by this
LARGEST = 24  # photos on one sheet
PLAIN = str.maketrans({"“": '"', "”": '"', "’": "'", "…": "..."})


@dataclass(frozen=True)
class Pair:
    """A photo before and after, RGB, and its name. ``after`` is an integer times as large as ``before``."""

    title: str
    before: Image.Image
    after: Image.Image


def write(pairs: Sequence[Pair], path: Path, quality: int = 88) -> None:
    """Write the sheet of the first ``LARGEST`` pairs; the file's suffix decides the format."""
    pairs = pairs[:LARGEST]
    rows = [_row(pair) for pair in pairs]
    heads = ("before", "after", "detail before, enlarged", "detail after")
    widths = [max(row[column].width for row in rows) for column in range(len(heads))]
    width = sum(widths) + GAP * (len(heads) + 1)
    heights = [max(tile.height for tile in row) + LINE + GAP for row in rows]
    page = Image.new("RGB", (width, LINE + GAP + sum(heights)), PAPER)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(16)
    lefts = [GAP + sum(widths[:column]) + GAP * column for column in range(len(heads))]
    for left, head in zip(lefts, heads, strict=True):
        draw.text((left, 8), head, SOFT, font)
    top = LINE
    for number, (pair, row) in enumerate(zip(pairs, rows, strict=True), 1):
        size = f"{pair.before.width} x {pair.before.height} to {pair.after.width} x {pair.after.height}"
        draw.text((GAP, top + 6), drawable(f"{number}  {pair.title}  ·  {size}"), INK, font)
        for left, tile in zip(lefts, row, strict=True):
            page.paste(tile, (left, top + LINE))
        top += heights[number - 1]
    page.save(path, quality=quality)


def _row(pair: Pair) -> list[Image.Image]:
    """Four tiles: both photos whole, then one detail of each at the same size."""
    shown = _fitted(pair.after.size)
    box = _detail(pair.before, pair.after)
    scale = pair.after.width / pair.before.width
    large = tuple(round(edge * scale) for edge in box)
    size = (large[2] - large[0], large[3] - large[1])
    return [
        pair.before.resize(shown, Image.Resampling.LANCZOS),
        pair.after.resize(shown, Image.Resampling.LANCZOS),
        pair.before.crop(box).resize(size, Image.Resampling.BICUBIC),
        pair.after.crop(large),
    ]


def _fitted(size: tuple[int, int]) -> tuple[int, int]:
    share = TILE / max(size)
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def _detail(before: Image.Image, after: Image.Image) -> tuple[int, int, int, int]:
    """The square of the small photo, ``TILE`` wide once enlarged, with most edges; the middle counts more."""
    side = max(1, round(TILE * before.width / after.width))
    width, height = min(side, before.width), min(side, before.height)
    step = max(1, side // STEPS)
    edges = before.convert("L").filter(ImageFilter.GaussianBlur(1)).filter(ImageFilter.FIND_EDGES)
    edges.paste(0, (0, 0, before.width, 2))  # the filter leaves the picture's own rim as it was
    edges.paste(0, (0, before.height - 2, before.width, before.height))
    coarse = edges.reduce(step)
    best, found = -1.0, (0, 0)
    for top in range(0, before.height - height + 1, step):
        for left in range(0, before.width - width + 1, step):
            window = (left // step, top // step, (left + width) // step, (top + height) // step)
            amount: float = sum(value * count for value, count in enumerate(coarse.crop(window).histogram()))
            across = abs(left + width / 2 - before.width / 2) / before.width
            along = abs(top + height / 2 - before.height / 2) / before.height
            amount *= 1 - across - along
            if amount > best:
                best, found = amount, (left, top)
    return found[0], found[1], found[0] + width, found[1] + height


def drawable(text: str) -> str:
    """Pillow's own font knows plain Latin letters: accents and curly quotes go, the rest becomes question marks."""
    plain = unicodedata.normalize("NFKD", text.translate(PLAIN))
    return "".join(c if c.isascii() or c == "·" else "?" for c in plain if not unicodedata.combining(c))
