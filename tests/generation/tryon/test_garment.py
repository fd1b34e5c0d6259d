"""What is known of a garment, and how it is kept."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from shop_genai.generation.pose.keypoints import NAMES, Pose
from shop_genai.generation.tryon.garment import LARGEST, Garment
from shop_genai.generation.tryon.landmarks import OF_KIND


def garment(width: int = 90, height: int = 120) -> Garment:
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).ellipse((width // 5, height // 5, 4 * width // 5, 4 * height // 5), fill=255)
    inside = Image.new("L", (width, height))
    ImageDraw.Draw(inside).rectangle((40, 25, 50, 30), fill=255)
    points = {name: (10.123 + place, 20.0 + place) for place, name in enumerate(OF_KIND["upper"])}
    return Garment("upper", "short", "flat", points, 0.8, mask.filter(ImageFilter.GaussianBlur(1)), inside, digest="d")


def test_it_survives_being_kept_as_json() -> None:
    before = replace(garment(), open_front=True, inside_guessed=True)
    after = Garment.from_dict(json.loads(json.dumps(before.to_dict())))
    assert (after.kind, after.sleeves, after.source, after.digest) == ("upper", "short", "flat", "d")
    assert (after.open_front, after.inside_guessed, after.confidence) == (True, True, 0.8)
    assert after.landmarks == {n: pytest.approx(p, abs=0.01) for n, p in before.landmarks.items()}
    assert after.size == before.size
    assert np.abs(np.asarray(after.mask, int) - np.asarray(before.mask, int)).max() <= 9  # a soft edge in 15 steps
    assert np.array_equal(np.asarray(after.inside), np.asarray(before.inside))


def test_its_wearer_is_kept_too() -> None:
    pose = Pose(tuple((1.5 * n, 2.0 * n) for n in range(len(NAMES))), (0.9,) * len(NAMES))
    worn = replace(garment(), source="worn", wearer=pose, before=Image.new("L", (90, 120), 255))
    after = Garment.from_dict(json.loads(json.dumps(worn.to_dict())))
    assert after.wearer == pose
    assert after.before is not None
    assert after.before.getextrema() == (255, 255)


def test_masks_of_large_pictures_are_kept_small_and_come_back_in_full() -> None:
    large = garment(600, 2 * LARGEST)
    kept = large.to_dict()
    assert len(json.dumps(kept)) < 60_000
    after = Garment.from_dict(kept)
    assert after.size == (600, 2 * LARGEST)
    difference = np.abs(np.asarray(after.mask, int) - np.asarray(large.mask, int))
    assert difference.mean() < 2


def test_what_is_no_analysis_is_refused() -> None:
    good = garment().to_dict()
    for bad in ({}, {**good, "version": 0}, {**good, "kind": "sock"}, {**good, "mask": "bm8="}, {**good, "size": 3}):
        with pytest.raises(ValueError, match=r"analysis|version|unknown"):
            Garment.from_dict(bad)
    with pytest.raises(ValueError, match="lacks hem_left"):
        Garment.from_dict({**good, "landmarks": {n: p for n, p in good["landmarks"].items() if n != "hem_left"}})


def test_masks_have_one_size() -> None:
    with pytest.raises(ValueError, match="one size"):
        replace(garment(), inside=Image.new("L", (4, 4)))


def test_a_drawing_shows_landmarks_and_darkens_what_is_no_garment() -> None:
    shown = np.asarray(garment().drawn(Image.new("RGB", (90, 120), (200, 200, 200))))
    assert shown.shape == (120, 90, 3)
    assert (shown[2, 2] == 110).all()
    assert (shown[60, 60] == 200).all()
    assert (shown[28, 45] != 200).any()
