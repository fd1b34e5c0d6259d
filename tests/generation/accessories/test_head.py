"""Heads in space, and light on them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shop_genai.generation.accessories.head import head_of
from shop_genai.generation.accessories.light import Light, light_on
from tests.generation.accessories.someone import EYES, SIZE, UNIT, drawn_person, face


@pytest.mark.parametrize("yaw", [-30, 0, 20])
def test_where_a_head_is_and_how_it_is_turned(yaw: float) -> None:
    head = head_of(face(yaw), SIZE)
    assert head.yaw == pytest.approx(yaw, abs=1.5)
    assert head.pitch == pytest.approx(0, abs=1.5)
    assert head.unit == pytest.approx(UNIT, rel=0.02)
    assert head.origin[:2] == pytest.approx(EYES, abs=3)
    assert head.axes.T @ head.axes == pytest.approx(np.eye(3), abs=1e-9)


def test_points_are_seen_where_they_were_seen() -> None:
    shown = face(15)
    head = head_of(shown, SIZE)
    assert head.seen(head.of(shown.points)) == pytest.approx(shown.points[:, :2])


def test_what_is_nearer_is_larger() -> None:
    head = head_of(face(), (900, 1000))
    wide = [np.ptp(head.seen(np.array([[-0.5, 0, z], [0.5, 0, z]]))[:, 0]) for z in (-0.5, 0.0, 0.5)]
    assert head.distance == pytest.approx(10, rel=0.02)  # units: 0.9 * 1000 / 90
    assert wide == pytest.approx([UNIT * 10 / 9.5, UNIT, UNIT * 10 / 10.5], rel=0.03)


def test_things_hang_straight_down_from_a_tilted_head() -> None:
    head = head_of(face(25), SIZE)
    assert head.turned(head.hanging(2.0)) == pytest.approx([0, 2, 0])


def test_light_comes_from_the_brighter_side() -> None:
    pixels = np.asarray(drawn_person(), np.float32)
    falling = np.linspace(1.0, 0.45, SIZE[0])[None, :, None]
    lit = Image.fromarray(np.rint(pixels * falling).astype(np.uint8))
    shown = face()
    left = light_on(lit, shown, head_of(shown, SIZE))
    right = light_on(lit.transpose(Image.Transpose.FLIP_LEFT_RIGHT), shown, head_of(shown, SIZE))
    assert left.towards[0] < -0.3
    assert right.towards[0] > left.towards[0] + 0.5
    assert np.linalg.norm(left.towards) == pytest.approx(1)
    assert left.towards[2] < 0  # from the camera's side


def test_shading() -> None:
    light = Light(np.array([0.0, 0.0, -1.0]), ambient=0.5, exposure=1.0)
    colour = np.array([200.0, 100.0, 50.0])
    towards, away, half = light.shaded(colour, np.array([[0, 0, -1.0], [0, 0, 1.0], [np.sqrt(0.75), 0, -0.5]]))
    assert towards == pytest.approx(colour)
    assert away == pytest.approx(colour * 0.5 ** (1 / 2.2))
    assert half == pytest.approx(colour * 0.75 ** (1 / 2.2))
    assert (
        light.shaded(colour, np.array([[0, 0, -1.0]]), gloss=0.5)[0].min() > 100
    )  # a highlight has the light's colour
    dim = Light(light.towards, 0.5, exposure=0.6)
    assert dim.shaded(colour, np.array([[0, 0, -1.0]]))[0] == pytest.approx(0.6 * colour)
