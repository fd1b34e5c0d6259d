"""Pale garments on pale grounds."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from shop_genai.generation.tryon.plain import completed

WIDTH, HEIGHT = 300, 400


def pale(shirt: int = 241, ground: int = 248, noise: float = 0.4) -> tuple[Image.Image, Image.Image, Image.Image]:
    """A pale shirt on a ground whose light falls off, what is known of its mask, and the whole of it."""
    whole = Image.new("L", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(whole)
    draw.rectangle((90, 80, 210, 330), fill=255)
    draw.polygon([(90, 80), (40, 150), (60, 180), (90, 150)], fill=255)
    draw.polygon([(210, 80), (260, 150), (240, 180), (210, 150)], fill=255)
    known = whole.copy()
    known.paste(0, (0, 0, WIDTH, 190))  # its upper part is missed
    light = np.linspace(1.0, 0.93, HEIGHT)[:, None]
    edge = np.asarray(whole.filter(ImageFilter.GaussianBlur(0.7)), float) / 255
    values = ground * light * (1 - edge) + shirt * light * edge
    values = values + np.random.default_rng(0).normal(0, noise, values.shape)
    picture = Image.fromarray(np.rint(values).clip(0, 255).astype(np.uint8)).convert("RGB")
    return picture, known, whole


def overlap(first: Image.Image, second: Image.Image) -> float:
    one, two = np.asarray(first) > 127, np.asarray(second) > 127
    return float((one & two).sum() / (one | two).sum())


def test_what_the_ground_does_not_reach_is_garment() -> None:
    picture, known, whole = pale()
    assert overlap(known, whole) < 0.62
    found = completed(picture, known)
    assert overlap(found, whole) > 0.94
    assert (np.asarray(found) >= np.asarray(known)).all()


def test_a_complete_mask_stays_as_it_is() -> None:
    picture, _, whole = pale()
    assert completed(picture, whole) is whole


@pytest.mark.parametrize(
    ("shirt", "ground", "noise"),
    [(241, 248, 12.0), (60, 248, 0.4), (60, 70, 0.4)],
    ids=["a rough ground", "a dark garment", "a dark ground"],
)
def test_elsewhere_nothing_is_added(shirt: int, ground: int, noise: float) -> None:
    picture, known, _ = pale(shirt, ground, noise)
    assert completed(picture, known) is known


def test_nor_where_the_garment_fills_the_picture() -> None:
    picture, _, _ = pale()
    mask = Image.new("L", (WIDTH, HEIGHT), 255)
    mask.paste(0, (100, 100, 200, 200))
    assert completed(picture, mask) is mask
