"""Lipstick and hair colour: the colour comes, light and texture stay."""

from __future__ import annotations

import numpy as np
import pytest

from shop_genai.generation.accessories import hair, lipstick
from shop_genai.generation.lab import lab
from tests.generation.accessories.someone import face

Values = np.ndarray


def textured(colour: tuple[int, int, int], amount: float = 12.0) -> Values:
    random = np.random.default_rng(3)
    waves = amount * np.sin(np.arange(60) * 0.9)[None, :, None] + random.normal(0, 2, (40, 60, 1))
    return np.clip(np.array(colour) + waves, 0, 255)


def full() -> Values:
    return np.ones((40, 60), np.float32)


@pytest.mark.parametrize("wanted", [(138, 74, 43), (214, 180, 120), (70, 80, 130), (20, 15, 14)])
def test_hair_takes_the_colour_and_keeps_its_strands(wanted: tuple[int, int, int]) -> None:
    before = textured((70, 50, 40))
    after = hair.dyed(before, full(), wanted, 1.0)
    middle = np.median(lab(after).reshape(-1, 3), axis=0)
    assert middle == pytest.approx(lab(np.array(wanted, np.float64)), abs=6)
    strands = np.corrcoef(lab(before)[..., 0].ravel(), lab(after)[..., 0].ravel())[0, 1]
    assert strands > 0.95


def test_half_a_dye_lies_half_way() -> None:
    before = textured((70, 50, 40))
    whole, half = (hair.dyed(before, full(), (200, 160, 90), strength) for strength in (1.0, 0.5))
    assert half == pytest.approx((before + whole) / 2)


@pytest.mark.parametrize("colour", [hair.dyed, lambda p, c, k, s: lipstick.coloured(p, c, k, "satin", s)])
def test_where_nothing_covers_nothing_changes(colour: object) -> None:
    before = textured((150, 90, 90))
    cover = full()
    cover[:, 30:] = 0
    after = colour(before, cover, (200, 20, 60), 0.9)  # type: ignore[operator]  # both are functions
    assert np.array_equal(after[:, 30:], before[:, 30:])
    assert np.abs(after[:, :30] - before[:, :30]).mean() > 10
    assert np.array_equal(colour(before, 0 * cover, (200, 20, 60), 0.9), before)  # type: ignore[operator]  # as above


def test_lipstick_covers_as_its_finish_says() -> None:
    before = textured((170, 110, 105), 5)
    wanted = lab(np.array((120, 20, 40), np.float64))
    away = {}
    for finish in ("matte", "satin", "gloss"):
        after = lab(lipstick.coloured(before, full(), (120, 20, 40), finish, 1.0))
        away[finish] = float(np.linalg.norm(np.median(after.reshape(-1, 3), axis=0) - wanted))
    assert away["matte"] < away["satin"] < away["gloss"] < np.linalg.norm(lab(np.array([170.0, 110, 105])) - wanted)
    assert away["matte"] < 8


def test_gloss_has_brighter_lights_than_matte() -> None:
    before = textured((170, 110, 105), 5)
    before[10:14, 20:30] += 50
    lights = {
        finish: np.ptp(lab(lipstick.coloured(before, full(), (150, 30, 60), finish, 1.0))[..., 0])
        for finish in ("matte", "gloss")
    }
    assert lights["gloss"] > lights["matte"] + 10


def test_teeth_stay_white() -> None:
    before = textured((150, 80, 80), 4)
    before[18:22, 10:50] = (235, 230, 222)
    after = lipstick.coloured(before, full(), (160, 20, 50), "satin", 1.0)
    assert np.abs(after[18:22, 10:50] - before[18:22, 10:50]).max() < 2


def test_lips_are_a_ring_around_an_open_mouth() -> None:
    shown = face()
    cover = lipstick.lips(shown, (60, 120, 180, 220))
    x, y = (shown[13][:2] + shown[14][:2]) / 2 - (60, 120)
    assert cover[int(y), int(x)] < 0.2
    upper = (shown[0][:2] + shown[13][:2]) / 2 - (60, 120)
    lower = (shown[17][:2] + shown[14][:2]) / 2 - (60, 120)
    assert min(cover[int(lower[1]), int(lower[0])], cover[int(upper[1]), int(upper[0])]) > 0.8
    assert cover[5, 5] == 0
