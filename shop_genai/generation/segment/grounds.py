"""Grounds to put products and people on, drawn by code or taken from beside the product of another photo.

Every ground is (H, W, 3) float32 in 0..255 and a pure function of its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from .classes import bits
from .labelled import Labelled

Pixels = NDArray[np.float32]
Size = tuple[int, int]  # height, width
Drawing = Callable[[Size, np.random.Generator], Pixels]
BACKGROUND = bits(["background"])
TRIES = 12  # random boxes until one holds nothing but ground


def ground(size: Size, others: Sequence[Labelled], rng: np.random.Generator) -> Pixels:
    """One at random: beside another picture's product, drawn, or another picture out of focus."""
    choice = rng.random()
    if choice < 0.4 and others:
        found = beside(others[int(rng.integers(len(others)))], size, rng)
        if found is not None:
            return found
    if choice < 0.55 and others:
        return out_of_focus(others[int(rng.integers(len(others)))].picture, size, rng)
    drawn = DRAWN[int(rng.integers(len(DRAWN)))]
    return drawn(size, rng)


def beside(example: Labelled, size: Size, rng: np.random.Generator) -> Pixels | None:
    """A part of a photo that shows ground only, enlarged; None where no such part is found."""
    empty = example.possible == BACKGROUND
    height, width = empty.shape
    for _ in range(TRIES):
        share = rng.uniform(0.18, 0.5)
        h, w = max(8, int(height * share)), max(8, int(width * share))
        y, x = int(rng.integers(max(1, height - h))), int(rng.integers(max(1, width - w)))
        if empty[y : y + h, x : x + w].mean() > 0.99:
            part = example.picture.crop((x, y, x + w, y + h))
            # Mirrored to twice its size each way, so that a thing's edge can appear but the grain stays fine.
            tile = np.asarray(part, np.uint8)
            tile = np.concatenate([tile, tile[:, ::-1]], axis=1)
            tile = np.concatenate([tile, tile[::-1]], axis=0)
            return _fitted(Image.fromarray(tile), size)
    return None


def out_of_focus(picture: Image.Image, size: Size, rng: np.random.Generator) -> Pixels:
    """A whole picture, so blurred that nothing in it can be taken for a product."""
    small = picture.resize((size[1], size[0]), Image.Resampling.BOX)
    blurred = small.filter(ImageFilter.GaussianBlur(float(max(size) * rng.uniform(0.06, 0.16))))
    return np.asarray(blurred, np.float32)


def plain(size: Size, rng: np.random.Generator) -> Pixels:
    """One colour, often near white, that grows lighter or darker across the picture."""
    base = rng.uniform(225, 255) + rng.normal(0, 3, 3) if rng.random() < 0.4 else _colour(rng)
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    angle, slope = rng.uniform(0, 2 * np.pi), rng.uniform(0, 60)
    ramp = (np.cos(angle) * (x / size[1] - 0.5) + np.sin(angle) * (y / size[0] - 0.5)) * slope
    return np.asarray(base + ramp[:, :, None], np.float32)


def clouds(size: Size, rng: np.random.Generator) -> Pixels:
    """Two colours mixed by noise of many scales: plaster, concrete, carpet, leaves."""
    return _mixed(_noise(size, rng, rng.uniform(0.5, 1.1)), rng)


def folds(size: Size, rng: np.random.Generator) -> Pixels:
    """A sheet: soft ridges in one colour."""
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32) / max(size)
    shade = np.zeros(size, np.float32)
    for _ in range(int(rng.integers(3, 8))):
        angle = rng.uniform(0, np.pi)
        along = x * np.cos(angle) + y * np.sin(angle) + 0.06 * np.sin(9 * (x * np.sin(angle) - y * np.cos(angle)))
        shade += np.sin(along * rng.uniform(6, 40) + rng.uniform(0, 6)) ** 3
    return (_colour(rng) + (shade * rng.uniform(4, 16))[:, :, None]).astype(np.float32)


def planks(size: Size, rng: np.random.Generator) -> Pixels:
    """Boards with grain and dark joints, upright or lying."""
    height, width = size if rng.random() < 0.5 else size[::-1]
    grain = np.repeat(rng.normal(0, 1, (1, width)), height, axis=0) + rng.normal(0, 0.3, (height, width))
    board = int(rng.integers(max(6, width // 14), max(8, width // 3)))
    place = (np.arange(width) + int(rng.integers(board))) // board
    tone = rng.normal(0, 14, int(place.max()) + 1)[place]
    joint = np.where((np.arange(width) + int(rng.integers(board))) % board == 0, -rng.uniform(10, 60), 0)
    shade = (grain * rng.uniform(2, 9) + tone + joint).astype(np.float32)
    wood = np.array([165, 120, 80]) * rng.uniform(0.5, 1.4) if rng.random() < 0.6 else _colour(rng)
    pixels = (wood + shade[:, :, None]).astype(np.float32)
    turned = pixels if (height, width) == size else pixels.transpose(1, 0, 2)
    return np.ascontiguousarray(turned, np.float32)


def tiles(size: Size, rng: np.random.Generator) -> Pixels:
    """Squares in two colours, or one colour with joints, turned at random."""
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    angle, edge = rng.uniform(0, np.pi), rng.uniform(0.06, 0.35) * max(size)
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    if rng.random() < 0.5:
        pattern = ((np.floor(u / edge) + np.floor(v / edge)) % 2).astype(np.float32)
    else:
        pattern = ((np.mod(u, edge) < 2) | (np.mod(v, edge) < 2)).astype(np.float32)
    return _mixed(pattern + 0.1 * _noise(size, rng, 0.6), rng)


def stripes(size: Size, rng: np.random.Generator) -> Pixels:
    """Bands in two colours: bed sheets, blinds."""
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    angle, edge = rng.uniform(0, np.pi), rng.uniform(0.02, 0.2) * max(size)
    return _mixed((np.sin((x * np.cos(angle) + y * np.sin(angle)) * np.pi / edge) > rng.uniform(-0.7, 0.7)) * 1.0, rng)


def room(size: Size, rng: np.random.Generator) -> Pixels:
    """A wall above a floor, with some plain furniture before it."""
    wall, floor = plain(size, rng), (planks, clouds, plain)[int(rng.integers(3))](size, rng)
    line = int(size[0] * rng.uniform(0.45, 0.95))
    pixels = wall.copy()
    pixels[line:] = floor[line:]
    for _ in range(int(rng.integers(0, 4))):
        h, w = int(size[0] * rng.uniform(0.1, 0.6)), int(size[1] * rng.uniform(0.06, 0.4))
        y, x = max(0, line - h + int(rng.integers(-8, 9))), int(rng.integers(-w // 2, size[1]))
        pixels[y : y + h, max(0, x) : x + w] = plain(size, rng)[y : y + h, max(0, x) : x + w]
    soft = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return np.asarray(soft.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 3)))), np.float32)


DRAWN: tuple[Drawing, ...] = (
    plain,
    plain,
    clouds,
    folds,
    planks,
    tiles,
    stripes,
    room,
    room,
)


def _colour(rng: np.random.Generator) -> Pixels:
    """Rooms and floors are mostly dull."""
    grey = rng.uniform(25, 245)
    return np.clip(grey + rng.normal(0, rng.choice([6.0, 22.0, 55.0]), 3), 0, 255).astype(np.float32)


def _mixed(pattern: NDArray[np.floating], rng: np.random.Generator) -> Pixels:
    """A pattern of about 0..1 → two colours, not always far from each other."""
    a = _colour(rng)
    b = a + rng.normal(0, 18, 3) if rng.random() < 0.5 else _colour(rng)
    return (a + np.asarray(pattern, np.float32)[:, :, None] * (b - a)).astype(np.float32)


def _noise(size: Size, rng: np.random.Generator, persistence: float) -> Pixels:
    """Values of about 0..1 with structure at every scale from 4 cells a side to single pixels."""
    total, weight, cells = np.zeros(size, np.float32), 0.0, 4
    while cells < max(size):
        coarse = Image.fromarray(rng.uniform(0, 1, (cells, cells)).astype(np.float32))
        strength = persistence ** np.log2(cells / 4)
        total += strength * np.asarray(coarse.resize((size[1], size[0]), Image.Resampling.BICUBIC))
        weight += strength
        cells *= 2
    spread = (total / weight - 0.5) * 2 + 0.5
    return spread.astype(np.float32)


def _fitted(picture: Image.Image, size: Size) -> Pixels:
    return np.asarray(picture.resize((size[1], size[0]), Image.Resampling.BICUBIC), np.float32)
