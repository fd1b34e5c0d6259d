from __future__ import annotations

import numpy as np

from shop_genai.generation.segment.classes import number
from shop_genai.generation.tryon.parse import PARTS, SEEN_AS, parsed
from shop_genai.generation.tryon.skeleton import of_pose

from .person import SHIRT, Drawn, drawn


def parse_of(person: Drawn, classes: np.ndarray | None = None):
    bones = of_pose(person.pose)
    return parsed(person.picture, person.classes if classes is None else classes, bones, person.pose.point("nose"))


def overlap(found: np.ndarray, truth: np.ndarray) -> float:
    return float((found & truth).sum() / (found | truth).sum())


def test_parts_sum_to_one() -> None:
    parse = parse_of(drawn())
    np.testing.assert_allclose(parse.of(*PARTS), 1, atol=1e-3)


def test_every_class_speaks_for_some_part() -> None:
    from shop_genai.generation.segment.classes import CLASSES

    assert {name for names in SEEN_AS.values() for name in names} == set(CLASSES)


def test_a_sleeve_that_the_segmenter_takes_for_a_trouser_leg_is_a_sleeve() -> None:
    person = drawn(long=True)
    classes = person.classes.copy()
    below = np.zeros(person.shirt.shape, bool)
    below[250:] = True
    wrong = person.shirt & below
    wrong[:, 150:240] = False  # the sleeves only
    classes[number("lower")][wrong], classes[number("upper")][wrong] = 0.9, 0.1
    assert overlap(classes.argmax(axis=0) == number("upper"), person.shirt) < 0.85
    assert overlap(parse_of(person, classes)["upper"] > 0.5, person.shirt) > 0.9


def test_arms_that_the_segmenter_does_not_see_are_found_by_bones_and_colour() -> None:
    person = drawn()
    classes = person.classes.copy()
    arms = person.skin.copy()
    arms[:200] = False
    classes[number("skin")][arms], classes[number("background")][arms] = 0.1, 0.9
    parse = parse_of(person, classes)
    assert (parse["arms"] > 0.5)[arms].mean() > 0.8


def test_what_is_known_is_not_doubted() -> None:
    person = drawn()
    known = {"upper": np.full(person.shirt.shape, 0.5, np.float32)}
    known["upper"][300:320, 60:80] = 1.0  # a corner of the picture where no shirt could be
    known["upper"][200:220, 190:200] = 0.0
    bones = of_pose(person.pose)
    parse = parsed(person.picture, person.classes, bones, person.pose.point("nose"), known)
    assert parse["upper"][305:315, 65:75].min() > 0.9
    assert parse["upper"][204:216, 193:197].max() < 0.1


def test_a_shirt_in_the_colour_of_skin_is_no_skin() -> None:
    person = drawn((226, 150, 100), long=True)
    assert SHIRT != (226, 150, 100)
    assert overlap(parse_of(person)["upper"] > 0.5, person.shirt) > 0.85
