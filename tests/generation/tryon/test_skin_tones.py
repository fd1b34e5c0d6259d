"""Skin in other tones."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shop_genai.generation.tryon.skin_tones import another_tone, tone_of


def test_only_skin_changes_and_blue_more_than_red() -> None:
    picture = Image.new("RGB", (8, 4), (220, 170, 140))
    skin = Image.new("L", picture.size)
    skin.paste(255, (0, 0, 4, 4))
    made = np.asarray(tone_of(1.0)(picture, skin))
    assert tuple(made[0, 7]) == (220, 170, 140)
    assert tuple(made[0, 0]) == (round(220 * np.exp(-0.8)), round(170 * np.exp(-1.0)), round(140 * np.exp(-1.15)))
    assert np.array_equal(np.asarray(tone_of(0.0)(picture, skin)), np.asarray(picture))


def test_a_soft_border_changes_half() -> None:
    picture, skin = Image.new("RGB", (2, 2), (200, 200, 200)), Image.new("L", (2, 2), 128)
    made = float(np.asarray(tone_of(1.0)(picture, skin))[0, 0, 1])
    assert made == pytest.approx(200 * (1 - 128 / 255 * (1 - np.exp(-1.0))), abs=0.6)


def test_tones_are_drawn_from_light_to_dark() -> None:
    rng = np.random.default_rng(0)
    picture, skin = Image.new("RGB", (1, 1), (200, 150, 120)), Image.new("L", (1, 1), 255)
    reds = [int(np.asarray(another_tone(rng)(picture, skin))[0, 0, 0]) for _ in range(60)]
    assert min(reds) < 90
    assert max(reds) > 190
