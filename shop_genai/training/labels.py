"""What the packs say of their pictures' pixels, as the segmentation learns it.

A pack says it in columns of its manifest:

    labels                        a map of all pixels, of a rendered person; the numbers are those of `RENDERED`
    person_mask, garment_mask     of a person on a white ground; `region` (upper, lower, dress) says what is sold
    mask                          of a thing that is shown alone

Without any of them, a thing on a clean white ground is cut out by a threshold; other pictures are left out.

Beside the sold garment a person is not labelled. What a pixel there can be is narrowed down by where it lies (no hair
below the chest, no shoes where the feet are not in the picture) and by one rule of colour: skin is reddish. What is
left is a set of classes, not a guess.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from shop_genai.generation.segment.classes import bits
from shop_genai.generation.segment.labelled import Labelled
from shop_genai.generation.segment.losses import UNKNOWN_SOLD

from .packs import Entry, open_rgb

Map = NDArray[np.bool_]

# Values of the rendered people's label maps. Legs count as "other" there, with glasses.
RENDERED = {
    0: bits(["background"]),
    1: bits(["hair"]),
    2: bits(["skin"]),
    3: bits(["skin"]),
    4: bits(["skin"]),
    5: bits(["skin"]),
    6: bits(["upper"]),
    7: bits(["lower"]),
    8: bits(["shoes"]),
    9: bits(["other", "skin", "shoes"]),
}
WHITE = 244  # least value of every channel of a white ground
CLEAN = 0.985  # share of the border that must be white
NOTICED = 10  # steps of 1/255 below the ground that a thing differs by
FLOOR = 0.8  # share of the picture's height below which a pale grey pixel may be a shadow
BACKGROUND = bits(["background"])


def is_told(entry: Entry) -> bool:
    """Whether anything is known of a picture's pixels."""
    named = any(entry.facts.get(column) for column in ("labels", "person_mask", "mask"))
    return named or _is_white_around(np.asarray(open_rgb(entry.path)))


def labelled(entry: Entry, longest: int) -> Labelled:
    """The picture, at most `longest` pixels a side, with what its pack says of it."""
    picture = open_rgb(entry.path)
    scale = min(1.0, longest / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    picture = picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    base = Labelled(picture, entry.label, entry.facts, possible=np.zeros(size[::-1], np.uint16), sold=_unknown(size))
    if entry.facts.get("labels"):
        return _rendered(base, _file(entry, "labels"))
    if entry.facts.get("person_mask"):
        garment = _mask(entry, "garment_mask", size) if entry.facts.get("garment_mask") else None
        return _worn(base, _mask(entry, "person_mask", size), garment, entry.facts["region"])
    if entry.facts.get("mask"):
        return _alone(base, _mask(entry, "mask", size))
    return _on_white(base)


def _rendered(base: Labelled, path: Path) -> Labelled:
    with Image.open(path) as image:
        values = np.asarray(image.resize(base.picture.size, Image.Resampling.NEAREST))
    table = np.zeros(256, np.uint16)
    for value, classes in RENDERED.items():
        table[value] = classes
    matte = _soft(Image.fromarray(np.where(values > 0, 255, 0).astype(np.uint8)), 1)
    return replace(base, possible=table[values], matte=matte)


def _alone(base: Labelled, cover: Image.Image) -> Labelled:
    sold = np.asarray(cover) >= 128
    possible = np.where(sold, bits(["product"]), BACKGROUND).astype(np.uint16)
    return replace(base, possible=possible, sold=sold.astype(np.uint8), matte=_soft(cover, 0))


def _is_white_around(pixels: NDArray[np.uint8]) -> bool:
    return bool((_border(pixels).min(axis=1) >= WHITE).mean() >= CLEAN)


def _border(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def _on_white(base: Labelled) -> Labelled:
    """A thing on white."""
    pixels = np.asarray(base.picture)
    ground = pixels.min(axis=2).astype(int) >= int(np.median(_border(pixels))) - NOTICED
    outside = _connected_to_border(ground)
    cover = Image.fromarray(np.where(outside, 0, 255).astype(np.uint8))
    cover = cover.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.MaxFilter(3))  # without specks
    found = _alone(base, cover)
    # A pale grey seam to the ground is a shadow, or the thing's edge; white inside is a hole, or a print: nobody knows.
    pale = (pixels.min(axis=2) > 200) & (np.ptp(pixels, axis=2) < 16) & (found.sold == 1)
    doubtful = pale & (np.asarray(cover.filter(ImageFilter.GaussianBlur(6))) < 230)
    doubtful |= ground & (found.sold == 1)
    possible = np.where(doubtful, bits(["background", "product"]), found.possible).astype(np.uint16)
    return replace(found, possible=possible, sold=np.where(doubtful, UNKNOWN_SOLD, found.sold).astype(np.uint8))


def _worn(base: Labelled, person: Image.Image, garment: Image.Image | None, region: str) -> Labelled:
    body = np.asarray(person) >= 128
    pixels = np.asarray(base.picture).astype(int)
    matte = _soft(person, 1)
    possible = np.where(body, 0, BACKGROUND).astype(np.uint16)
    if not body.any():
        return replace(base, possible=possible)
    reddish = _reddish(pixels)
    possible[body] = bits(["hair", "upper", "lower", "shoes", "other", *(["dress"] if region == "dress" else [])])
    possible[body & reddish] |= bits(["skin"])
    sold = np.zeros(body.shape, np.uint8)
    if garment is None:
        sold[body] = UNKNOWN_SOLD
    else:
        cloth = np.asarray(garment) >= 128
        possible[body & ~cloth] = _beside(body, cloth, reddish, region)[body & ~cloth]
        possible[cloth] = bits([region])
        sold[cloth] = 1
        body = body & ~cloth
    # The photos' white studio floor shows soft shadows, which the pack's masks count to the person.
    rows = np.arange(body.shape[0])[:, None] >= FLOOR * body.shape[0]
    shadow = body & rows & (pixels.min(axis=2) > 190) & (np.ptp(pixels, axis=2) < 20)
    possible[shadow] |= bits(["background", "shoes"])
    thin = np.clip((255 - pixels.min(axis=2)) * 2.5, 0, 255).astype(np.uint8)
    matte = np.where(shadow, np.minimum(matte, thin), matte).astype(np.uint8)
    return replace(base, possible=possible, sold=sold, matte=matte)


def _beside(body: Map, cloth: Map, reddish: Map, region: str) -> NDArray[np.uint16]:
    """What a person's pixels can be beside the sold garment: a set for every pixel of the picture."""
    rows = np.arange(body.shape[0])[:, None] * np.ones(body.shape, int)
    inside = np.flatnonzero(body.any(axis=1))
    top, bottom = int(inside[0]), int(inside[-1])
    sold = np.flatnonzero(cloth.any(axis=1))
    first, middle = (int(sold[0]), int(sold.mean())) if sold.size else (bottom, bottom)
    head = top > 2 and region != "lower"  # the top of the head is in the picture
    feet = bottom < body.shape[0] - 2

    possible = np.full(body.shape, bits(["other"]), np.uint16)
    possible[reddish] |= bits(["skin"])
    if head:
        possible[(rows < top + 0.5 * (bottom - top)) & (rows < middle)] |= bits(["hair"])
    if feet:
        possible[rows > bottom - 0.22 * (bottom - top)] |= bits(["shoes"])
    if region == "lower":
        possible[rows < middle] |= bits(["upper"])
    else:
        # Sleeves of another colour, or what is worn under a jacket; skin is told by its colour.
        possible[(rows >= first) & ~reddish] |= bits(["upper"])
    if region == "upper":
        possible[rows > middle] |= bits(["lower"])
    return possible


def _reddish(pixels: NDArray[np.int_]) -> Map:
    """Whether a colour can be that of skin in any tone, in the even light of a studio; blond and brown hair can too."""
    red, green, blue = pixels[:, :, 0], pixels[:, :, 1], pixels[:, :, 2]
    span, top = np.ptp(pixels, axis=2), pixels.max(axis=2)
    reddish: Map = (red > 60) & (red > green + 8) & (green >= blue - 6) & (span > 20)
    reddish &= (span < 0.75 * (top + 1)) & (red - green < 95)
    return reddish


def _connected_to_border(ground: Map) -> Map:
    """The part of a map that reaches its border."""
    padded = np.pad(np.where(ground, 255, 0), 1, constant_values=255).astype(np.uint8)
    framed = Image.fromarray(padded).copy()  # floodfill leaves an array's own memory, which is read-only, in silence
    ImageDraw.floodfill(framed, (0, 0), 128)
    outside: Map = np.asarray(framed)[1:-1, 1:-1] == 128
    return outside


def _soft(cover: Image.Image, shrunk: int) -> NDArray[np.uint8]:
    """A matte: the mask, drawn in by some pixels, so that no rim of the old ground comes along, with a soft edge."""
    for _ in range(shrunk):
        cover = cover.filter(ImageFilter.MinFilter(3))
    return np.asarray(cover.filter(ImageFilter.GaussianBlur(0.6)))


def _unknown(size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.full(size[::-1], UNKNOWN_SOLD, np.uint8)


def _mask(entry: Entry, column: str, size: tuple[int, int]) -> Image.Image:
    with Image.open(_file(entry, column)) as image:
        return image.convert("L").resize(size, Image.Resampling.BOX)


def _file(entry: Entry, column: str) -> Path:
    pack = entry.path.parents[len(Path(entry.facts["file"]).parts) - 1]
    return pack / entry.facts[column]
