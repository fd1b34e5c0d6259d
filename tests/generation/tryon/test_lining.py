"""What a wearer hides of a top."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from shop_genai.generation.tryon.landmarks import Point
from shop_genai.generation.tryon.lining import with_what_is_behind
from tests.generation.tryon.telling import HEIGHT, SHIRT, WIDTH, shirt


def test_behind_the_opening_everything_is_hidden_up_to_the_edge() -> None:
    _, mask, inside = shirt()
    found = Image.new("L", mask.size)
    ImageDraw.Draw(found).polygon([(70, 38), (90, 38), (80, 56)], fill=255)  # the back's edge is left
    hidden = np.asarray(with_what_is_behind(found, mask, inside, SHIRT))
    assert hidden[32, 72:88].min() == 255  # above what was found
    assert hidden[33, 66:94].min() > 200  # and in the corners, where the network believes in it
    assert hidden[70:].max() == 0
    assert hidden[45, 62] == hidden[45, 98] == 0  # the front stays
    assert (hidden <= np.asarray(mask)).all()


def test_what_hangs_on_nothing_any_more_is_hidden_too() -> None:
    _, mask, inside = shirt()
    ImageDraw.Draw(mask).rectangle((90, 10, 110, 24), fill=255)  # a hanger's hook
    hidden = np.asarray(with_what_is_behind(inside, mask, inside, SHIRT))
    assert hidden[15, 93:107].min() > 200


def test_a_hood_comes_down() -> None:
    _, shirts, _ = shirt()
    mask, opening = (Image.new("L", (WIDTH, HEIGHT + 60)) for _ in range(2))
    mask.paste(shirts, (0, 60))
    ImageDraw.Draw(mask).ellipse((50, 10, 110, 110), fill=255)
    ImageDraw.Draw(opening).ellipse((62, 20, 98, 118), fill=255)
    landmarks = {name: (x, y + 60) for name, (x, y) in SHIRT.items()}
    nothing = Image.new("L", mask.size)
    for found in (opening, nothing):  # with its opening, and turned so that none is seen
        hidden = np.asarray(with_what_is_behind(found, mask, found, landmarks))
        assert hidden[40, 58:102].min() == 255
    hidden = np.asarray(with_what_is_behind(opening, mask, opening, landmarks))
    assert hidden[40, 58:102].min() == 255  # its rim over the neck
    assert hidden[86, 55] == 0  # beside the neck it stands up
    assert hidden[160:].max() == 0


@pytest.mark.parametrize("turn", [-25, 25])
def test_it_may_lie_askew(turn: int) -> None:
    _, mask, inside = shirt()
    centre = (WIDTH / 2, HEIGHT / 2)
    cosine, sine = np.cos(np.radians(turn)), np.sin(np.radians(turn))

    def moved(x: float, y: float) -> Point:
        x, y = x - centre[0], y - centre[1]
        return float(cosine * x - sine * y + centre[0]), float(sine * x + cosine * y + centre[1])

    found = Image.new("L", mask.size)
    ImageDraw.Draw(found).polygon([(70, 38), (90, 38), (80, 56)], fill=255)
    planes = [plane.rotate(-turn, Image.Resampling.BILINEAR) for plane in (found, mask, inside)]
    landmarks = {name: moved(x, y) for name, (x, y) in SHIRT.items()}
    opening, cloth, chance = planes
    hidden = with_what_is_behind(opening, cloth, chance, landmarks).rotate(turn, Image.Resampling.BILINEAR)
    assert np.asarray(hidden)[33, 74:86].min() > 150
    assert np.asarray(hidden)[75:].max() == 0


def test_nothing_is_hidden_where_nothing_was_found() -> None:
    _, mask, _ = shirt()
    nothing = Image.new("L", mask.size)
    assert with_what_is_behind(nothing, mask, nothing, SHIRT).getextrema() == (0, 0)
