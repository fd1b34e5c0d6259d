"""Landmarks of garments that lie alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from shop_genai.generation.tryon.flat import Finder, landmarks_of
from shop_genai.generation.tryon.landmark_network import LandmarkConfig, LandmarkNetwork
from shop_genai.generation.tryon.landmarks import NECK, OF_KIND
from tests.generation.tryon.telling import SHIRT, Telling, shirt

CPU = torch.device("cpu")


def test_what_the_network_says_comes_back_in_the_pictures_pixels() -> None:
    picture, mask, inside = shirt()
    found = Finder(Telling(), None, CPU).look(picture, mask)
    for name, place in SHIRT.items():
        assert found.points[name] == pytest.approx(place, abs=0.8), name
        assert found.sure[name] > 0.9
    assert found.kinds["upper"] > 0.9
    assert found.sleeves["short"] > 0.9
    assert found.opens < 0.1
    seems, truth = np.asarray(found.inside) > 127, np.asarray(inside) > 127
    assert (seems & truth).sum() / (seems | truth).sum() > 0.6


def test_misplaced_corners_are_put_back_on_the_outline() -> None:
    picture, mask, _ = shirt()
    found = Finder(Telling(off=0.8), None, CPU).look(picture, mask)  # the mirror image is misplaced the other way
    askew = found.points["hem_left"]
    landmarks = landmarks_of(found, "upper", "short", mask)
    assert set(landmarks) == set(OF_KIND["upper"])
    for name in ("hem_left", "hem_right", "cuff_outer_left", "cuff_outer_right"):
        assert math.dist(landmarks[name], SHIRT[name]) < 3, name
    assert math.dist(landmarks["hem_left"], SHIRT["hem_left"]) <= math.dist(askew, SHIRT["hem_left"]) + 1


def test_without_sleeves_they_end_where_they_would_begin() -> None:
    picture, mask, _ = shirt()
    found = Finder(Telling(), None, CPU).look(picture, mask)
    landmarks = landmarks_of(found, "upper", "none", mask)
    for side in ("left", "right"):
        assert landmarks[f"cuff_outer_{side}"] == landmarks[f"shoulder_{side}"]
        assert landmarks[f"cuff_inner_{side}"] == landmarks[f"armpit_{side}"]


def test_the_neck_is_looked_at_closely_where_there_is_one() -> None:
    picture, mask, _ = shirt()
    torch.manual_seed(0)
    neck = LandmarkNetwork(LandmarkConfig(side=32, names=NECK, widths=(8, 8)))
    plain = Finder(Telling(), None, CPU).look(picture, mask)
    closer = Finder(Telling(), neck, CPU).look(picture, mask)
    assert closer.points["hem_left"] == plain.points["hem_left"]
    assert closer.points["neck_front"] != plain.points["neck_front"]
    trousers = Finder(Telling(kind="lower"), neck, CPU).look(picture, mask)
    assert trousers.points == plain.points
