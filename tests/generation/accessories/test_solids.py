"""Things in space: their outline, their edges, what hides what."""

from __future__ import annotations

import numpy as np
import pytest

from shop_genai.generation.accessories import earrings, glasses, hats
from shop_genai.generation.accessories.head import head_of
from shop_genai.generation.accessories.light import Light
from shop_genai.generation.accessories.solids import ball, drawn, tube
from tests.generation.accessories.someone import SIZE, UNIT, face

LIGHT = Light(np.array([0.0, 0.0, -1.0]), ambient=0.6, exposure=1.0)
RED, BLUE = np.array([200.0, 0.0, 0.0]), np.array([0.0, 0.0, 200.0])
HEAD = head_of(face(), SIZE)


def test_a_ball_covers_a_disc_with_soft_edges() -> None:
    layer = drawn([ball(np.zeros(3), np.full(3, 0.3), RED)], HEAD, LIGHT, SIZE)
    assert layer is not None
    assert layer.cover.sum() == pytest.approx(np.pi * (0.3 * UNIT) ** 2, rel=0.06)
    assert ((layer.cover > 0.2) & (layer.cover < 0.8)).sum() > 40
    middle = layer.colour[layer.colour.shape[0] // 2, layer.colour.shape[1] // 2]
    assert middle == pytest.approx(RED, abs=4)
    assert layer.colour[..., 1:].max() == 0


def test_what_is_nearer_hides_what_is_behind() -> None:
    near, far = ball(np.array([0, 0, -1.0]), np.full(3, 0.2), RED), ball(np.zeros(3), np.full(3, 0.2), BLUE)
    for order in ([near, far], [far, near]):
        layer = drawn(order, HEAD, LIGHT, SIZE)
        assert layer is not None
        middle = layer.colour[layer.colour.shape[0] // 2, layer.colour.shape[1] // 2]
        assert middle[0] > 150 > middle[2]


def test_a_wire_is_as_thick_as_it_says() -> None:
    path = np.stack([np.linspace(-0.4, 0.4, 9), np.zeros(9), np.zeros(9)], axis=1)
    layer = drawn([tube(path, 0.03, RED)], HEAD, LIGHT, SIZE)
    assert layer is not None
    columns = layer.cover.sum(axis=0)
    assert np.median(columns) == pytest.approx(2 * 0.03 * UNIT, rel=0.12)


def test_what_is_out_of_the_picture_is_not_drawn() -> None:
    assert drawn([ball(np.array([40.0, 0, 0]), np.full(3, 0.2), RED)], HEAD, LIGHT, SIZE) is None


@pytest.mark.parametrize("form", sorted(glasses.FORMS))
def test_glasses_sit_before_the_eyes(form: str) -> None:
    made = glasses.glasses(glasses.FORMS[form], HEAD, face(), RED, 1.0)
    cover, high = glasses.lens_planes(made.lenses, HEAD, (0, 0, *SIZE))
    for eye in (face().mean(*numbers) for numbers in glasses.EYES):
        column, row = int(eye[0]), int(eye[1])
        assert cover[row, column] == 1
        assert 0.2 < high[row, column] < 0.7
    assert cover[int(HEAD.origin[1]), int(HEAD.origin[0])] == 0  # the bridge
    left, right = made.lenses
    assert np.sort(left[:, 0]) == pytest.approx(np.sort(-right[:, 0]), abs=0.02)


def test_an_ear_that_is_turned_away_wears_nothing() -> None:
    turned = head_of(face(35), SIZE)
    seen = {side for side in ("left", "right") if earrings.is_seen(turned, side)}
    assert len(seen) == 1
    assert {side for side in ("left", "right") if earrings.is_seen(HEAD, side)} == {"left", "right"}


@pytest.mark.parametrize("form", ["hoop", "stud", "drop"])
def test_earrings_hang_from_the_lobes(form: str) -> None:
    place = earrings.lobe(HEAD, face(), "left")
    layer = drawn(earrings.earring(form, HEAD, place, "left", RED, 1.0), HEAD, LIGHT, SIZE)
    assert layer is not None
    x, y = HEAD.seen(place)
    assert layer.left < x < layer.left + layer.cover.shape[1]
    assert layer.top <= y <= layer.top + layer.cover.shape[0]
    assert x > HEAD.origin[0] + 0.4 * UNIT


@pytest.mark.parametrize("form", sorted(hats.FORMS))
def test_hats_cover_the_top_of_the_head_and_not_the_eyes(form: str) -> None:
    made = hats.hat(hats.FORMS[form], HEAD, face(), RED, 1.0)
    layer = drawn(made.front, HEAD, LIGHT, SIZE)
    assert layer is not None
    left, top, right, bottom = layer.box
    whole = np.zeros((SIZE[1], SIZE[0]))
    whole[top:bottom, left:right] = layer.cover
    x, y = int(HEAD.origin[0]), int(HEAD.origin[1])
    assert whole[y - int(0.7 * UNIT), x] == 1
    assert whole[y - 2 :, x - 20 : x + 20].max() == 0
    wider = hats.hat(hats.FORMS[form], HEAD, face(), RED, 1.0, hair=2.0)
    assert np.ptp(wider.edge[:, 0]) == pytest.approx(hats.BROADEST * np.ptp(made.edge[:, 0]))
