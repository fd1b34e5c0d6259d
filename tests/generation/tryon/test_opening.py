"""The inner side of garments."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from shop_genai.generation.tryon.opening import inner_side
from tests.generation.tryon.telling import HEIGHT, LINING, RED, SHIRT, WIDTH, shirt


def overlap(first: Image.Image, second: Image.Image) -> float:
    one, two = np.asarray(first) > 127, np.asarray(second) > 127
    return float((one & two).sum() / (one | two).sum())


def coarse(inside: Image.Image) -> Image.Image:
    """As a network of few cells would say it: soft, and shifted."""
    return ImageChops.offset(inside.filter(ImageFilter.GaussianBlur(4)), 3, 2)


def test_the_border_is_where_the_picture_breaks() -> None:
    picture, mask, inside = shirt()
    found, guessed = inner_side(picture, mask, coarse(inside), "upper", SHIRT)
    assert found.size == (WIDTH, HEIGHT)
    assert overlap(found, inside) > 0.88
    assert overlap(found, inside) > overlap(coarse(inside), inside)
    assert not guessed


def test_a_label_belongs_to_the_inner_side() -> None:
    picture, mask, inside = shirt()
    ImageDraw.Draw(picture).rectangle((74, 34, 86, 40), fill=(240, 240, 240))
    found, _ = inner_side(picture, mask, coarse(inside), "upper", SHIRT)
    assert np.asarray(found)[34:41, 74:87].min() > 200
    assert overlap(found, inside) > 0.8


def test_where_nothing_shows_the_border_it_is_guessed() -> None:
    picture, mask, inside = shirt()
    hidden = np.asarray(picture).copy()
    hidden[(hidden == LINING).all(axis=2)] = RED
    found, guessed = inner_side(
        Image.fromarray(hidden), mask, inside.filter(ImageFilter.GaussianBlur(3)), "upper", SHIRT
    )
    assert guessed
    assert overlap(found, inside) > 0.6


def test_what_lies_far_from_the_neck_is_no_inner_side() -> None:
    picture, mask, _ = shirt()
    wrong = Image.new("L", (WIDTH, HEIGHT))
    ImageDraw.Draw(wrong).rectangle((60, 120, 100, 150), fill=255)
    found, guessed = inner_side(picture, mask, wrong, "upper", SHIRT)
    assert found.getextrema() == (0, 0)
    assert not guessed


def test_a_waists_inner_side_is_what_the_network_says() -> None:
    picture = Image.new("RGB", (80, 120), "grey")
    mask = Image.new("L", (80, 120))
    mask.paste(255, (10, 10, 70, 110))
    crescent = Image.new("L", (80, 120))
    crescent.paste(255, (10, 10, 70, 14))
    crescent.paste(255, (20, 90, 60, 96))
    points = {
        "waist_left": (70.0, 10.0),
        "waist_right": (10.0, 10.0),
        "hip_left": (70.0, 40.0),
        "hip_right": (10.0, 40.0),
        "hem_left": (70.0, 110.0),
        "hem_right": (10.0, 110.0),
    }
    found = np.asarray(inner_side(picture, mask, crescent, "skirt", points)[0])
    assert found[11, 40] == 255
    assert found[30:].max() == 0
