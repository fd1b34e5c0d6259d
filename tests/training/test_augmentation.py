"""Random changes of training pictures."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from shop_genai.training import augmentation
from shop_genai.training.augmentation import PRESETS, Augmentation, named
from tests.generation.pictures import drawn

ONLY_MIRROR = Augmentation(1.0, zoom=1.0, tilt=0.0, brightness=0.0, contrast=0.0, saturation=0.0)
CHANGES = {
    "zoom": (augmentation.zoomed, 0.4),
    "tilt": (augmentation.tilted, 20.0),
    "brightness": (augmentation.brightened, 0.5),
    "contrast": (augmentation.contrasted, 0.5),
    "saturation": (augmentation.saturated, 0.5),
    "hue": (augmentation.hued, 0.3),
}


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def pixels(picture: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(picture, dtype=np.float64)


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_seeded_and_keeps_size_and_mode(name: str) -> None:
    change, far = CHANGES[name]
    picture = drawn(40, 30)
    first, again, other = (change(picture, rng(seed), far) for seed in (1, 1, 2))
    assert (first.size, first.mode) == ((40, 30), "RGB")
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() not in (picture.tobytes(), other.tobytes())


def test_all_together_are_seeded_and_keep_size_and_mode() -> None:
    picture, strong = drawn(41, 33), replace(PRESETS["strong"], hue=0.2)
    first, again = strong(picture, rng(7)), strong(picture, rng(7))
    assert (first.size, first.mode) == ((41, 33), "RGB")
    assert first.tobytes() == again.tobytes()
    assert len({strong(picture, rng(seed)).tobytes() for seed in range(5)}) == 5


@pytest.mark.parametrize("seed", range(5))
def test_nothing_happens_without_probability(seed: int) -> None:
    picture = drawn(40, 30)
    assert replace(PRESETS["strong"], p=0.0)(picture, rng(seed)).tobytes() == picture.tobytes()
    assert PRESETS["none"](picture, rng(seed)).tobytes() == picture.tobytes()


def test_half_of_the_pictures_are_mirrored() -> None:
    picture = drawn(40, 30)
    turned = ImageOps.mirror(picture).tobytes()
    made = [ONLY_MIRROR(picture, rng(seed)).tobytes() for seed in range(200)]
    assert set(made) == {picture.tobytes(), turned}
    assert made.count(turned) / 200 == pytest.approx(0.5, abs=0.1)


def test_a_zoom_shows_the_middle_larger() -> None:
    picture = Image.new("RGB", (100, 100), "white")
    picture.paste((0, 0, 0), (40, 40, 60, 60))
    dark = float((pixels(augmentation.zoomed(picture, rng(), 0.5)) < 128).mean())
    assert 0.04 < dark < 0.04 * 1.5**2 * 1.05


def test_a_tilt_keeps_a_plain_background() -> None:
    picture = Image.new("RGB", (60, 60), (200, 210, 220))
    picture.paste((0, 0, 0), (25, 25, 35, 35))
    corners = pixels(augmentation.tilted(picture, rng(), 30.0))[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert np.abs(corners - [200, 210, 220]).max() <= 1


def test_brightness_stays_within_its_share() -> None:
    grey = Image.new("RGB", (4, 4), (100, 100, 100))
    values = [pixels(augmentation.brightened(grey, rng(seed), 0.2)).mean() for seed in range(100)]
    assert 79 <= min(values) < 85
    assert 115 < max(values) <= 121


def test_saturation_leaves_grey_and_hue_leaves_brightness() -> None:
    grey = Image.new("RGB", (4, 4), (90, 90, 90))
    assert augmentation.saturated(grey, rng(), 0.9).tobytes() == grey.tobytes()
    red = Image.new("RGB", (4, 4), (200, 20, 20))
    turned = augmentation.hued(red, rng(), 0.4)
    assert pixels(turned).max() == pytest.approx(200, abs=2)
    assert pixels(turned)[0, 0].argmax() != 0 or pixels(turned)[0, 0, 1:].max() > 25


def test_no_preset_touches_the_hue() -> None:
    assert all(preset.hue == 0 for preset in PRESETS.values())


def test_presets_can_be_changed_by_name() -> None:
    assert named("strong") == PRESETS["strong"]
    assert named("light,hue=0.1,mirror=0") == replace(PRESETS["light"], hue=0.1, mirror=False)
    for wrong in ("loud", "light,volume=1", "light,zoom=much", "light,zoom=0.5", "light,p=2", "light,hue=1"):
        with pytest.raises(ValueError, match=r"none of|could not convert|must lie|must lie in"):
            named(wrong)


def test_it_travels_to_other_processes() -> None:
    assert pickle.loads(pickle.dumps(PRESETS["strong"])) == PRESETS["strong"]
