"""Hair around a face, also where the segmenter hardly saw it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shop_genai.generation.accessories.head import head_of
from shop_genai.generation.accessories.light import light_on
from shop_genai.generation.accessories.photo import Photo
from shop_genai.generation.segment.classes import number
from tests.generation.accessories.someone import HAIR, SIZE, Segmenter, drawn_person, face


def photo_with(weak: float) -> tuple[Photo, np.ndarray]:
    picture, shown = drawn_person(), face()
    classes = Segmenter().look(picture).classes.copy()
    classes[number("background")] += (1 - weak) * classes[number("hair")]
    classes[number("hair")] *= weak
    head = head_of(shown, SIZE)
    truth = np.abs(np.asarray(picture, np.int64) - HAIR).sum(axis=2) < 60
    return Photo(picture, classes, shown, head, light_on(picture, shown, head)), truth


@pytest.mark.parametrize("weak", [1.0, 0.4])
def test_hair_is_found(weak: float) -> None:
    photo, truth = photo_with(weak)
    found = photo.hair((0, 0, *SIZE)) > 0.5
    assert (found & truth).sum() / (found | truth).sum() > 0.9


def test_a_part_is_the_same_as_in_the_whole() -> None:
    photo, _ = photo_with(1.0)
    whole = photo.hair((0, 0, *SIZE))
    assert np.array_equal(photo.hair((70, 50, 150, 90)), whole[50:90, 70:150])


def test_ground_is_neither_person_nor_hair() -> None:
    photo, truth = photo_with(1.0)
    ground = photo.ground((0, 0, *SIZE))
    assert ground[truth].mean() < 0.1
    assert ground[:20, :20].mean() > 0.95
    assert ground[140, 120] < 0.05


def test_the_photo_that_came_is_left_alone() -> None:
    picture = drawn_person()
    copy = picture.copy()
    photo, _ = photo_with(1.0)
    photo.shade((0, 0, 50, 50), np.full((50, 50), 0.5, np.float32))
    assert photo.picture.getpixel((10, 10)) != picture.getpixel((10, 10))
    assert picture.tobytes() == copy.tobytes()
    assert photo.mask.getbbox() == (0, 0, 50, 50)
    assert isinstance(photo.picture, Image.Image)
