from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop_genai.generation.pose.keypoints import NAMES, Pose
from shop_genai.generation.tryon.skeleton import (
    TRUNK,
    Skeleton,
    at_limb,
    carried_by_trunk,
    of_pose,
    on_limb,
)

from .person import joints, pose_of

ARM = ("left_shoulder", "left_elbow", "left_wrist")
places = st.floats(-200, 600)


def body(lean: float = 0.0, factor: float = 1.0) -> Skeleton:
    return of_pose(pose_of(joints(factor, lean), 1e9))


@given(places, places, st.floats(-0.2, 0.2))
def test_a_point_carried_to_the_same_bones_stays_where_it_is(x: float, y: float, lean: float) -> None:
    bones, point = body(lean), np.array([x, y])
    np.testing.assert_allclose(carried_by_trunk(point, bones, bones), point, atol=1e-6)
    np.testing.assert_allclose(at_limb(*on_limb(point, bones, ARM), bones, ARM), point, atol=1e-6)


@given(places, places)
def test_a_body_twice_as_large_carries_a_point_twice_as_far(x: float, y: float) -> None:
    point = np.array([x, y])
    np.testing.assert_allclose(carried_by_trunk(point, body(), body(factor=2.0)), 2 * point, atol=1e-6)


def test_an_elbow_lies_at_one_and_a_wrist_at_two() -> None:
    bones = body()
    assert on_limb(bones["left_elbow"], bones, ARM)[0] == pytest.approx(1)
    assert on_limb(bones["left_wrist"], bones, ARM)[0] == pytest.approx(2)
    half_way = (bones["left_shoulder"] + bones["left_elbow"]) / 2
    assert on_limb(half_way, bones, ARM) == pytest.approx((0.5, 0.0))


def test_the_width_is_the_distance_between_the_shoulders_unless_the_body_is_turned() -> None:
    bones = body()
    assert bones.width == pytest.approx(248 - 136)
    turned = dict(bones.joints) | {"left_shoulder": (200.0, 170.0), "right_shoulder": (184.0, 170.0)}
    assert Skeleton(turned).width == pytest.approx((330 - 170) / TRUNK * 0.8)


def test_joints_out_of_the_picture_are_put_where_a_body_has_them() -> None:
    pose = pose_of(joints(), 400)  # knees and ankles are below
    bones = of_pose(pose)
    assert bones.guessed == {"left_knee", "right_knee", "left_ankle", "right_ankle"}
    assert bones["left_ankle"][1] > bones["left_knee"][1] > bones["left_hip"][1]


def test_without_shoulders_there_is_no_skeleton() -> None:
    nowhere = Pose(((0.0, 0.0),) * len(NAMES), (0.0,) * len(NAMES))
    with pytest.raises(ValueError, match="shoulders"):
        of_pose(nowhere)
