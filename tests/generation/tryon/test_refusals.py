"""Which photos are refused, by whom they show, and in which order it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from shop_genai.errors import (
    GenaiError,
    ImageTooSmall,
    MultiplePeople,
    NoPerson,
    NotFrontFacing,
    TorsoCutOff,
)
from shop_genai.generation.pose.keypoints import NAMES, Pose
from shop_genai.generation.segment.classes import CLASSES, number
from shop_genai.generation.tryon.refusals import check_person
from tests.generation.tryon.person import joints, pose_of

POSE = pose_of(joints())  # of 384 x 512 pixels, knees in the picture, ankles not


def seen(person: float = 0.4) -> Any:
    """What the segmenter says: so much of the photo is a person."""
    classes = np.zeros((len(CLASSES), 8, 8), np.float32)
    classes[number("skin")] = person
    classes[0] = 1 - person
    return SimpleNamespace(classes=classes)


def check(pose: Pose, kind: str = "upper", size: tuple[int, int] = (384, 512), person: float = 0.4) -> None:
    check_person(Image.new("RGB", size), pose, seen(person), kind=kind)


def without(*names: str, pose: Pose = POSE) -> Pose:
    scores = tuple(0.05 if name in names else score for name, score in zip(NAMES, pose.scores, strict=True))
    return replace(pose, scores=scores)


HIPS, KNEES = ("left_hip", "right_hip"), ("left_knee", "right_knee")
REFUSED: Mapping[str, tuple[type[GenaiError], str, Mapping[str, Any]]] = {
    "a small photo": (ImageTooSmall, "image_too_small", {"size": (255, 900)}),
    "nobody": (NoPerson, "no_person", {"pose": replace(POSE, people=0)}),
    "a garment alone": (NoPerson, "no_person", {"person": 0.0}),
    "no joints": (NoPerson, "no_person", {"pose": replace(POSE, scores=(0.0,) * 17, people_confidence=0.4)}),
    "two": (MultiplePeople, "multiple_people", {"pose": replace(POSE, people=2, people_confidence=0.9)}),
    "a back": (NotFrontFacing, "not_front_facing", {"pose": replace(POSE, facing="back", facing_confidence=0.9)}),
    "a side": (NotFrontFacing, "not_front_facing", {"pose": replace(POSE, facing="side", facing_confidence=0.9)}),
    "a face": (TorsoCutOff, "torso_cut_off", {"pose": without(*NAMES[5:])}),
    "one shoulder": (TorsoCutOff, "torso_cut_off", {"pose": without("left_shoulder")}),
    "no hips for a dress": (TorsoCutOff, "torso_cut_off", {"pose": without(*HIPS), "kind": "dress"}),
    "no hips for trousers": (TorsoCutOff, "torso_cut_off", {"pose": without(*HIPS), "kind": "lower"}),
    "no knees for trousers": (TorsoCutOff, "torso_cut_off", {"pose": without(*KNEES), "kind": "lower"}),
    "no knees for a skirt": (TorsoCutOff, "torso_cut_off", {"pose": without(*KNEES), "kind": "skirt"}),
    "somebody far away": (
        ImageTooSmall,
        "image_too_small",
        {"pose": replace(POSE, points=tuple((x * 0.4, y * 0.4) for x, y in POSE.points))},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(name: str) -> None:
    error, code, given = REFUSED[name]
    with pytest.raises(error) as refusal:
        check(**{"pose": POSE, **given})
    assert refusal.value.code == code
    assert refusal.value.details["field"] == "person"
    assert not refusal.value.retryable


@pytest.mark.parametrize("kind", ["upper", "lower", "skirt", "dress"])
def test_somebody_from_the_front_is_accepted(kind: str) -> None:
    check(POSE, kind)


def test_hints_that_are_not_sure_turn_nobody_away() -> None:
    check(replace(POSE, people=2, people_confidence=0.5))
    check(replace(POSE, facing="back", facing_confidence=0.5))


@pytest.mark.parametrize(("height", "accepted"), [(278, True), (256, False)])
def test_for_a_top_most_of_the_trunk_is_enough(height: int, accepted: bool) -> None:
    """The shoulders are 112 pixels apart at 170, so the hips are taken to lie 1.45 x 112 = 162 below them; of that
    60 % end at 267."""
    portrait = without(*HIPS, *KNEES)
    if accepted:
        check(portrait, size=(384, height))
    else:
        with pytest.raises(TorsoCutOff):
            check(portrait, size=(384, height))


def test_what_is_wrong_first_is_told_first() -> None:
    """A photo of two people from behind, cut off, and too small: the first reason is one that they can act on."""
    bad = without(*HIPS, pose=replace(POSE, people=2, people_confidence=0.9, facing="back"))
    cases: list[tuple[type[GenaiError], dict[str, Any]]] = [
        (ImageTooSmall, {"size": (200, 200), "pose": bad}),
        (MultiplePeople, {"pose": bad}),
        (NotFrontFacing, {"pose": replace(bad, people=1)}),
        (TorsoCutOff, {"pose": replace(bad, people=1, facing="front"), "kind": "dress"}),
    ]
    for error, given in cases:
        with pytest.raises(error):
            check(**given)


def test_a_face_that_fills_the_photo_is_somebody_of_whom_too_little_is_seen() -> None:
    face = without(*NAMES[1:])
    with pytest.raises(TorsoCutOff):
        check(replace(face, people=1, people_confidence=0.8))
    with pytest.raises(NoPerson):
        check(replace(face, people=0, people_confidence=0.8))
    with pytest.raises(NoPerson):  # a garment in which the network is not sure to see anybody
        check(replace(face, people=1, people_confidence=0.4))
