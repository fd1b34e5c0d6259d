"""What methods of others may change: where cloth can lie, never the face."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shop_genai.generation.tryon import backends
from shop_genai.generation.tryon.backends import BackendOptions, Backends, Capabilities, Fit, FitRequest
from shop_genai.generation.tryon.body import Body, studied
from shop_genai.generation.tryon.reach import may_change
from tests.generation.tryon.dressing_requests import request
from tests.generation.tryon.person import drawn

PERSON = drawn()


@pytest.fixture(scope="module")
def body() -> Body:
    return studied(PERSON.picture, PERSON.pose, PERSON.classes, "upper")


def at(mask: Image.Image, name: str) -> int:
    point = PERSON.pose.point(name)
    assert point is not None
    value = mask.getpixel((int(point[0]), int(point[1])))
    assert isinstance(value, int)
    return value


def test_a_top_goes_over_trunk_and_arms_and_a_little_beside_them(body: Body) -> None:
    mask = may_change(body, PERSON.picture.size, "upper")
    assert mask.size == PERSON.picture.size
    assert np.asarray(mask)[PERSON.shirt].mean() > 230
    assert at(mask, "left_elbow") > 200
    assert at(mask, "nose") < 30
    assert mask.getpixel((5, 5)) == 0
    outline = np.flatnonzero(PERSON.shirt[250])
    assert mask.getpixel((int(outline[0]) - 6, 250)) > 100


def test_trousers_leave_trunk_and_hands_alone() -> None:
    legs = studied(PERSON.picture, PERSON.pose, PERSON.classes, "lower")
    mask = may_change(legs, PERSON.picture.size, "lower")
    assert at(mask, "left_knee") > 150
    assert mask.getpixel((192, 220)) == 0
    assert at(mask, "nose") == 0
    assert at(mask, "left_wrist") < 80


def test_a_method_that_redraws_the_whole_picture_does_not_touch_the_face(body: Body) -> None:
    class Redraws:
        def capabilities(self) -> Capabilities:
            return Capabilities("redraws", ("upper",), commercial_ok=True)

        def fit(self, asked: FitRequest) -> Fit:
            size = asked.person.size
            return Fit(Image.new("RGB", size, (9, 200, 9)), Image.new("L", size, 255), 0.9)

    backends.register_backend("redraws", lambda pipeline: Redraws())
    try:
        asked = request(person=PERSON.picture, body=body, region=None)
        fit = Backends(BackendOptions(), None).fit("redraws", asked)
    finally:
        backends.unregister_backend("redraws")
    nose = PERSON.pose.point("nose")
    assert nose is not None
    place = (int(nose[0]), int(nose[1]))
    face, before = fit.picture.getpixel(place), PERSON.picture.getpixel(place)
    assert isinstance(face, tuple)
    assert isinstance(before, tuple)
    assert max(abs(a - b) for a, b in zip(face, before, strict=True)) < 30
    assert fit.picture.getpixel((192, 260)) == (9, 200, 9)
    outside = np.asarray(fit.region) == 0
    assert np.array_equal(np.asarray(fit.picture)[outside], np.asarray(PERSON.picture)[outside])
