"""Names of landmarks."""

from __future__ import annotations

import pytest

from shop_genai.generation.tryon.landmarks import KINDS, LINES, NAMES, OF_KIND, around_neck, mirrored


@pytest.mark.parametrize(("kind", "count"), [("upper", 13), ("lower", 9), ("skirt", 6), ("dress", 15)])
def test_every_kind_has_its_landmarks(kind: str, count: int) -> None:
    (names,) = [OF_KIND[each] for each in KINDS if each == kind]
    assert len(set(names)) == len(names) == count
    assert set(names) <= set(NAMES)


def test_a_mirror_swaps_the_sides_and_keeps_the_middle() -> None:
    assert mirrored("cuff_outer_left") == "cuff_outer_right"
    assert mirrored("hem_right") == "hem_left"
    assert mirrored("crotch") == "crotch"
    assert {mirrored(name) for name in NAMES} == set(NAMES)


def test_what_is_drawn_joins_every_landmark_of_its_kind_and_no_other() -> None:
    for kind in KINDS:
        assert {name for line in LINES[kind] for name in line} == set(OF_KIND[kind])


def test_the_square_around_the_neck_holds_its_landmarks() -> None:
    deep = {"neck_left": (60.0, 10.0), "neck_right": (40.0, 10.0), "neck_front": (50.0, 60.0)}
    x, y, half = around_neck(deep)
    assert (x, y) == pytest.approx((50, 80 / 3))
    assert half == pytest.approx(1.05 * 50)
    assert all(abs(px - x) < half and abs(py - y) < half for px, py in deep.values())
