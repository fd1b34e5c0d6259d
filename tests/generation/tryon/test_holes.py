"""Holes in masks."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from shop_genai.generation.tryon.holes import filled
from tests.generation.tryon.telling import SHIRT, shirt


def test_a_label_is_no_hole() -> None:
    mask = shirt()[1]
    ImageDraw.Draw(mask).rectangle((74, 62, 86, 70), fill=0)
    closed = np.asarray(filled(mask, "upper", SHIRT))
    assert closed[62:71, 74:87].min() == 255
    assert np.array_equal(closed > 127, np.asarray(shirt()[1]) > 127)


def test_between_a_sleeve_and_the_body_there_is_ground() -> None:
    mask = shirt()[1]
    ImageDraw.Draw(mask).ellipse((124, 62, 134, 72), fill=0)
    assert filled(mask, "upper", SHIRT) is mask


def test_what_opens_to_the_outside_and_what_is_large_stays() -> None:
    mask = shirt()[1]
    ImageDraw.Draw(mask).rectangle((74, 0, 86, 60), fill=0)
    ImageDraw.Draw(mask).rectangle((50, 90, 110, 150), fill=0)
    assert filled(mask, "upper", SHIRT) is mask


def test_a_mask_without_holes_stays_as_it_is() -> None:
    mask = shirt()[1]
    assert filled(mask, "upper", SHIRT) is mask
    assert filled(Image.new("L", (20, 20), 255), "upper", SHIRT).getextrema() == (255, 255)
