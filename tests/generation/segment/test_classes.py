"""Classes, sets of them, and label maps."""

from __future__ import annotations

import numpy as np

from shop_genai.generation.segment.classes import CLASSES, COLOURS, GARMENTS, PERSON, bits, label_map, number


def test_a_set_has_a_bit_for_each_of_its_classes() -> None:
    assert bits([]) == 0
    assert bits(["background"]) == 1
    assert bits(["hair", "skin", "hair"]) == 0b1100
    assert bits(CLASSES) == 2 ** len(CLASSES) - 1


def test_worn_garments_belong_to_the_person_and_things_alone_do_not() -> None:
    assert set(GARMENTS) < set(PERSON) < set(CLASSES)
    assert not {"background", "product"} & set(PERSON)


def test_a_label_map_holds_the_numbers_and_shows_the_colours() -> None:
    labels = np.array([[0, number("upper")], [number("other"), 1]], np.uint8)
    picture = label_map(labels)
    assert picture.mode == "P"
    assert np.array_equal(np.asarray(picture), labels)
    assert picture.convert("RGB").getpixel((1, 0)) == COLOURS[number("upper")]
