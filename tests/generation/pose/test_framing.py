"""Which part of a picture is looked at more closely."""

from __future__ import annotations

import numpy as np
import pytest

from shop_genai.generation.pose.framing import HEAD, ROOM, closer, trunk
from shop_genai.generation.pose.keypoints import NAMES
from tests.generation.pose.tiny import joints

POINTS = np.array(joints(500, 200, 300))  # the trunk: shoulders at 260, hips at 350
TRUNK = 90.0


def test_the_trunk_is_the_bodys_unit() -> None:
    assert trunk(POINTS) == pytest.approx(TRUNK)
    assert trunk(np.zeros((17, 2))) == 1


def test_a_closer_look_has_room_for_the_head_and_the_hands() -> None:
    box = closer(POINTS, np.ones(17), (0, 0, 1000, 900))
    assert box == pytest.approx((443 - ROOM * TRUNK, 224 - HEAD * TRUNK, 557 + ROOM * TRUNK, 479 + ROOM * TRUNK))


def test_it_ends_where_the_picture_ends_and_joints_beyond_it_count_for_nothing() -> None:
    box = closer(POINTS, np.ones(17), (450, 0, 560, 400))
    assert box == pytest.approx((450, 224 - HEAD * TRUNK, 560, 350 + ROOM * TRUNK))  # below the hips all is cut off


def test_without_a_head_there_is_no_room_for_it() -> None:
    inside = np.array([float(name.split("_")[-1] in ("shoulder", "elbow", "wrist", "hip")) for name in NAMES])
    box = closer(POINTS, inside, (0, 0, 1000, 900))
    assert box is not None
    assert box[1] == pytest.approx(260 - ROOM * TRUNK)


def test_few_joints_are_nothing_to_look_at() -> None:
    assert closer(POINTS, np.array([1.0] * 3 + [0.0] * 14), (0, 0, 1000, 900)) is None
    assert closer(POINTS / 1000, np.ones(17), (0, 0, 1, 1)) is None
