"""The pipeline: with a stand-in that sees coloured dots, and with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from shop_genai.errors import InvalidInputs, InvalidParams, WeightsMissing
from shop_genai.generation import load
from shop_genai.generation.pose.keypoints import NAMES, Pose
from shop_genai.generation.pose.network import PoseConfig
from shop_genai.generation.pose.pipeline import PosePipeline, cut
from tests.generation.pictures import drawn
from tests.generation.pose.tiny import dots, figure, joints, write_weights

BODY = NAMES.index("left_shoulder")


@pytest.mark.parametrize(
    ("size", "middle", "top", "high"),
    [((300, 400), 150, 10, 380), ((640, 480), 430, 60, 380), ((1200, 1600), 500, 400, 1000)],
)
def test_joints_are_found_in_the_pixels_of_the_picture(
    size: tuple[int, int], middle: float, top: float, high: float
) -> None:
    pose = dots().look(figure(size, middle, top, high))
    errors = np.linalg.norm(np.array(pose.points) - np.array(joints(middle, top, high)), axis=1)
    assert errors[BODY:].max() < 0.01 * high  # eyes and nose are too near each other for dots
    assert min(pose.scores[BODY:]) > 0.9
    assert (pose.people, pose.facing) == (1, "front")


def test_what_is_small_is_looked_at_more_closely() -> None:
    picture = figure((900, 900), 620.3, 400.4, 420)
    pipeline = dots()
    truth = np.array(joints(620.3, 400.4, 420))[BODY:]
    fine = np.array(pipeline.look(picture).points)[BODY:]
    coarse = pipeline._looked_at(picture, (0, 0, *picture.size)).points[BODY:]
    assert np.linalg.norm(fine - truth, axis=1).mean() < 0.7 * np.linalg.norm(coarse - truth, axis=1).mean()
    views: Any = pipeline.network
    assert len(views.views) == 6  # three looks of the pipeline, one at each half, and one of this test


def test_joints_beyond_the_picture_are_not_seen() -> None:
    pose = dots().look(figure((300, 250), 150, 10, 380))  # ends above the knees
    assert pose.point("left_hip") is not None
    assert pose.point("left_knee") is None
    assert pose.point("right_ankle") is None


@pytest.mark.parametrize(("people", "facing"), [(0, "front"), (2, "front"), (1, "back")])
def test_people_and_facing_are_what_the_network_says(people: int, facing: str) -> None:
    pose = dots(people, facing).look(figure((300, 400), 150, 10, 380))
    assert (pose.people, pose.facing) == (people, facing)
    assert pose.people_confidence > 0.9
    assert pose.facing_confidence > 0.9


def test_two_people_side_by_side_are_told_by_the_halves() -> None:
    alone, other = figure((300, 400), 150, 10, 380), figure((300, 400), 140, 20, 370)
    both = Image.new("RGB", (600, 400))
    both.paste(alone, (0, 0))
    both.paste(other, (300, 0))
    pose = dots().look(both)
    assert pose.people == 2
    assert pose.people_confidence >= 0.9
    wide = Image.new("RGB", (600, 400), (128, 128, 128))
    wide.paste(alone, (140, 0))
    assert dots().look(wide).people == 1
    wide = Image.new("RGB", (600, 400), (128, 128, 128))
    wide.paste(alone, (0, 0))
    assert dots().look(wide).people == 1


def test_shoulders_over_each_other_are_a_side_view() -> None:
    picture = figure((600, 800), 300, 20, 760)
    narrow = picture.resize((120, 800))
    pose = dots().look(narrow)
    assert pose.facing == "side"
    assert 0.5 <= pose.facing_confidence <= 1


def test_an_output_shows_the_skeleton_and_says_what_is_kept() -> None:
    picture = figure((300, 400), 150, 10, 380)
    seen: list[float] = []
    (output, other) = dots()([{"image": picture}, {"image": picture.convert("RGBA")}], {}, [3, 4], seen.append)
    assert seen == [0.5, 1.0]
    assert output.image.size == picture.size
    assert np.asarray(output.image).tobytes() != np.asarray(picture).tobytes()
    assert Pose.from_dict(output.info).people == 1
    assert (output.info["recipe"], output.info["seed"], output.info["weights"]) == ("pose", 3, "d" * 64)
    assert other.info["points"] == output.info["points"]


def test_what_cannot_be_done_is_refused() -> None:
    picture = drawn(80, 60, 1)
    with pytest.raises(InvalidParams):
        dots()([{"image": picture}], {"speed": 2}, [0])
    with pytest.raises(InvalidParams):
        dots()([{"image": picture}], [{"speed": 2}], [0])
    with pytest.raises(InvalidInputs):
        dots()([{"image": picture}], {}, [0, 1])
    with pytest.raises(InvalidInputs):
        dots()([{"photo": picture}], {}, [0])


def test_a_view_keeps_proportions_and_goes_on_beyond_the_box() -> None:
    picture = drawn(200, 100, 5)
    view, scale, corner = cut(picture, (50, 25, 150, 75), (100, 100))
    assert (scale, corner) == (1.0, (50.0, 0.0))
    assert np.abs(np.asarray(view, int) - np.asarray(picture.crop((50, 0, 150, 100)), int)).max() <= 1
    beyond, scale, corner = cut(picture, (0, 0, 200, 100), (100, 100))
    assert (scale, corner) == (2.0, (0.0, -50.0))
    border = np.median(np.asarray(picture)[[0, -1]].reshape(-1, 3), axis=0)
    assert np.abs(np.asarray(beyond)[:20] - border).max() <= 1


def test_weights_are_opened_by_name(tmp_path: Path) -> None:
    pipeline = load("pose", write_weights(tmp_path), device="cpu", dtype="float32")
    assert isinstance(pipeline, PosePipeline)
    assert (pipeline.network.config.width, pipeline.version) == (64, "test")
    assert len(pipeline.look(drawn(120, 90, 2)).points) == 17
    with pytest.raises(WeightsMissing):
        load("pose", tmp_path / "nothing")


def test_equal_pictures_have_equal_poses() -> None:
    torch.manual_seed(1)
    pipeline = dots(config=PoseConfig(96, 128))
    picture = Image.new("RGB", (50, 70), (10, 20, 30))
    assert pipeline.look(picture) == pipeline.look(picture)  # too few joints: one look is enough
    views: Any = pipeline.network
    assert len(views.views) == 2
