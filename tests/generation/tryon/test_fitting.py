from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
import torch
from PIL import Image

from shop_genai.generation.tryon.backends import FAMILIES, FitRequest
from shop_genai.generation.tryon.body import studied
from shop_genai.generation.tryon.composer import Composer, ComposerConfig
from shop_genai.generation.tryon.fitting import OwnMethod, confidence, draft_for, warnings
from shop_genai.generation.tryon.frame import HEIGHT, WIDTH, framed
from shop_genai.generation.tryon.garment import Garment
from shop_genai.generation.tryon.skeleton import of_pose
from shop_genai.generation.tryon.worn import landmarks_of_worn

from .person import Drawn, drawn

GREEN = (30, 160, 60)


class Networks:
    """A composer that knows nothing yet: it changes nothing."""

    device = torch.device("cpu")
    composer = Composer(ComposerConfig(widths=(16, 16, 16, 16), blocks=(1, 1, 1, 1))).eval()


def garment_of(person: Drawn) -> Garment:
    mask = Image.fromarray(np.where(person.shirt, 255, 0).astype(np.uint8))
    landmarks, sleeves = landmarks_of_worn(person.pose, mask, "upper")
    nothing = Image.new("L", mask.size)
    return Garment("upper", sleeves, "worn", landmarks, 0.9, mask, nothing, wearer=person.pose, before=nothing)


@lru_cache
def request(factor: float = 1.0, cut: int = 0, tuck: str = "auto") -> FitRequest:
    """A person of some size in a red shirt, and a green one; of the photo's left, so many pixels are missing."""
    person, other = drawn(factor=factor), drawn(GREEN)
    photo = person.picture.crop((cut, 0, *person.picture.size))
    pose = person.pose
    pose = type(pose)(tuple((x - cut, y) for x, y in pose.points), pose.scores)
    classes = person.classes[:, :, cut:]
    body = studied(photo, pose, classes, "upper")
    return FitRequest(photo, body, other.picture, garment_of(other), "upper", tuck, "replace", 0)


@pytest.mark.parametrize(("factor", "cut"), [(1.0, 0), (2.3, 0), (1.37, 81)])
def test_outside_the_region_the_photo_is_equal_to_the_bit(factor: float, cut: int) -> None:
    asked = request(factor, cut)
    fit = OwnMethod(Networks(), composed=True).fit(asked)
    assert fit.picture.size == fit.region.size == asked.person.size
    changed = np.asarray(fit.region) > 0
    old, new = np.asarray(asked.person), np.asarray(fit.picture)
    assert np.array_equal(old[~changed], new[~changed])
    assert (old[changed] != new[changed]).any(axis=1).mean() > 0.6
    assert 0.08 < changed.mean() < 0.6


def test_a_network_that_knows_nothing_gives_the_plain_warp() -> None:
    plain, composed = (OwnMethod(Networks(), composed=on).fit(request()).picture for on in (False, True))
    difference = np.abs(np.asarray(plain, int) - np.asarray(composed, int))
    assert difference.max() <= 3  # coverage is kept off 0 and 1 by 1/255


def test_a_print_is_as_sharp_as_its_picture() -> None:
    """On a photo of twice the working size, stripes that the working size cannot hold arrive."""
    asked = request(2.3)
    pixels = np.asarray(asked.garment_picture.resize((WIDTH * 2, HEIGHT * 2))).copy()
    pixels[:, ::4] = pixels[:, 1::4] = (250, 250, 250)
    larger = drawn(GREEN, factor=2.0)
    finer = FitRequest(
        asked.person, asked.body, Image.fromarray(pixels), garment_of(larger), "upper", "auto", "replace", 0
    )
    made = np.asarray(OwnMethod(Networks(), composed=False).fit(finer).picture.convert("L"), float)
    x, y = (int(value * 2.3) for value in (192, 250))
    chest = made[y - 60 : y + 60, x - 60 : x + 60]
    assert chest.std() > 25


def test_it_does_all_families_and_may_be_sold() -> None:
    for composed, name in ((True, "landmark_gan"), (False, "warp_only")):
        able = OwnMethod(Networks(), composed=composed).capabilities()
        assert (able.name, able.categories, able.commercial_ok) == (name, FAMILIES, True)


def test_confidence_falls_with_what_is_not_known() -> None:
    asked = request()
    draft = draft_for(asked, _cloth(asked))
    sure = confidence(asked, draft)
    assert 0.6 < sure < 1
    doubtful = FitRequest(**{**asked.__dict__, "garment": _doubtful(asked.garment)})
    assert confidence(doubtful, draft) < 0.5 * sure
    assert "garment_low_confidence" in warnings(doubtful, draft)
    assert "garment_low_confidence" not in warnings(asked, draft)


def test_a_dark_photo_is_named() -> None:
    asked = request()
    night = FitRequest(**{**asked.__dict__, "person": asked.person.point(lambda value: value // 6)})
    assert "dark_photo" in warnings(night, draft_for(asked, _cloth(asked)))


@pytest.mark.parametrize("kind", ["upper", "lower", "skirt", "dress"])
def test_a_frame_has_the_working_proportions_and_holds_the_joints(kind: str) -> None:
    person = drawn()
    bones = of_pose(person.pose)
    frame = framed(bones, kind, person.pose.point("nose"), person.picture.size)
    assert (frame.right - frame.left) / (frame.bottom - frame.top) == pytest.approx(WIDTH / HEIGHT, abs=0.01)
    matrix = frame.matrix
    for name in ("left_hip", "right_hip") if kind != "upper" else ("left_shoulder", "right_wrist", "left_hip"):
        x, y = matrix[:, :2] @ bones[name] + matrix[:, 2]
        assert 0 < x < WIDTH
        assert 0 < y < HEIGHT


def _cloth(asked: FitRequest):
    from shop_genai.generation.tryon.fitting import cloth_for

    return cloth_for(asked)


def _doubtful(garment: Garment) -> Garment:
    return Garment(**{**garment.__dict__, "confidence": 0.3})


def test_a_lining_is_left_out_and_a_print_that_was_taken_for_one_is_not() -> None:
    asked = request()
    whole = float(_cloth(asked).mask.sum())
    for share, believed in ((0.05, True), (0.4, False)):
        inside = np.zeros(asked.garment.size[::-1], np.uint8)
        rows = np.flatnonzero(np.asarray(asked.garment.mask).any(axis=1))
        inside[rows[0] : rows[0] + round(share * len(rows))] = 255
        inside = np.minimum(inside, np.asarray(asked.garment.mask))
        garment = Garment(**{**asked.garment.__dict__, "inside": Image.fromarray(inside)})
        kept = float(_cloth(FitRequest(**{**asked.__dict__, "garment": garment})).mask.sum()) / whole
        assert kept < 0.995 if believed else kept == pytest.approx(1.0)
