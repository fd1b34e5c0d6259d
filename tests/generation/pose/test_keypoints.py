"""Joints: what is seen of them, and how they are kept."""

from __future__ import annotations

import json

import pytest

from shop_genai.generation.pose.keypoints import MIRRORED, NAMES, SEEN, Pose

POSE = Pose(
    tuple((n * 1.25, 100.0 - n) for n in range(17)), tuple(n / 16 for n in range(17)), "back", 0.75, 2, 0.625
)  # fmt: skip


def test_joints_that_are_not_in_the_picture_have_no_place() -> None:
    for place, name in enumerate(NAMES):
        assert POSE.score(name) == place / 16
        assert POSE.point(name) == ((place * 1.25, 100.0 - place) if place / 16 >= SEEN else None)


def test_a_pose_is_kept_as_json() -> None:
    assert Pose.from_dict(json.loads(json.dumps(POSE.as_dict()))) == POSE


@pytest.mark.parametrize("data", [{}, {**POSE.as_dict(), "points": 3}, {**POSE.as_dict(), "scores": [1.0]}])
def test_anything_else_is_no_pose(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="pose"):
        Pose.from_dict(data)


def test_a_mirror_swaps_left_and_right() -> None:
    assert [NAMES[number] for number in MIRRORED[:3]] == ["nose", "right_eye", "left_eye"]
    assert [MIRRORED[number] for number in MIRRORED] == list(range(17))
    assert all(NAMES[b].split("_")[-1] == NAMES[a].split("_")[-1] for a, b in enumerate(MIRRORED))
