"""The skeleton over a picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shop_genai.generation.pose.drawing import LEFT, RIGHT, drawn
from shop_genai.generation.pose.keypoints import NAMES, Pose
from tests.generation.pose.tiny import GREY, figure, joints

POSE = Pose(joints(100, 10, 280), (1.0,) * 17)


def colours(pose: Pose, joint: str) -> tuple[int, ...]:
    picture = drawn(figure((200, 300), 100, 10, 280), pose)
    x, y = pose.points[NAMES.index(joint)]
    return tuple(np.asarray(picture)[round(y), round(x)].tolist())


def test_the_sides_have_colours_of_their_own() -> None:
    assert colours(POSE, "left_elbow") == LEFT
    assert colours(POSE, "right_elbow") == RIGHT


def test_joints_out_of_the_picture_have_no_bones() -> None:
    scores = tuple(0.0 if name.endswith(("knee", "ankle")) else 1.0 for name in NAMES)
    shown = np.asarray(drawn(figure((200, 300), 100, 10, 280).copy(), replace(POSE, scores=scores)))
    middle = (np.array(POSE.points[11]) + np.array(POSE.points[13])) / 2  # of the thigh
    assert tuple(shown[round(middle[1]), round(middle[0])].tolist()) == GREY


def test_the_picture_itself_stays() -> None:
    picture = figure((200, 300), 100, 10, 280)
    before = picture.tobytes()
    drawn(picture, POSE)
    assert picture.tobytes() == before
