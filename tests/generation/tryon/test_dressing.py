from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from shop_genai.generation.tryon.dressing import Cloth, cloth_of, dressed, spread
from shop_genai.generation.tryon.placement import flat_skeleton, parts
from shop_genai.generation.tryon.skeleton import Skeleton, of_pose, on_limb
from shop_genai.generation.tryon.worn import landmarks_of_worn

from .person import Drawn, drawn, joints, pose_of

FLAT_TEE = {
    "neck_left": (236.0, 51.0),
    "neck_right": (163.0, 51.0),
    "neck_front": (200.0, 86.0),
    "shoulder_left": (300.0, 70.0),
    "shoulder_right": (100.0, 70.0),
    "cuff_outer_left": (370.0, 124.0),
    "cuff_inner_left": (347.0, 170.0),
    "cuff_outer_right": (30.0, 124.0),
    "cuff_inner_right": (53.0, 170.0),
    "armpit_left": (310.0, 154.0),
    "armpit_right": (90.0, 154.0),
    "hem_left": (312.0, 347.0),
    "hem_right": (88.0, 347.0),
}
LONG = FLAT_TEE | {
    "cuff_outer_left": (370.0, 330.0),
    "cuff_inner_left": (335.0, 335.0),
    "cuff_outer_right": (30.0, 330.0),
    "cuff_inner_right": (65.0, 335.0),
}


def cloth(person: Drawn) -> Cloth:
    mask = Image.fromarray(np.where(person.shirt, 255, 0).astype(np.uint8))
    landmarks, sleeves = landmarks_of_worn(person.pose, mask, "upper")
    return cloth_of(person.picture, mask, landmarks, "upper", sleeves, of_pose(person.pose))


def body() -> Skeleton:
    return of_pose(pose_of(joints(), 1e9))


@pytest.mark.parametrize("long", [False, True])
def test_a_shirt_put_back_on_its_wearer_is_the_shirt(long: bool) -> None:
    person = drawn(long=long)
    worn = dressed(cloth(person), of_pose(person.pose), person.picture.size)
    covered = worn.alpha.numpy() > 0.5
    assert (covered & person.shirt).sum() / (covered | person.shirt).sum() > 0.99
    # One pixel inside the edge, whose own colours hold some of the ground.
    inner = torch.from_numpy(person.shirt)[None, None].float()
    inside = -torch.nn.functional.max_pool2d(-inner, 5, 1, 2)[0, 0].numpy() > 0.5
    shown = worn.colour.permute(1, 2, 0).numpy() * 255
    assert np.abs(shown - np.asarray(person.picture, np.float32))[inside].max() < 2


def test_a_shirt_goes_where_the_other_body_is() -> None:
    small, large = drawn(), drawn(factor=1.5, lean=0.08)
    worn = dressed(cloth(small), of_pose(large.pose), large.picture.size)
    covered = worn.alpha.numpy() > 0.5
    assert (covered & large.shirt).sum() / (covered | large.shirt).sum() > 0.9


@pytest.mark.parametrize(("long", "sleeves"), [(False, "short"), (True, "long")])
def test_sleeves_are_as_long_as_they_are(long: bool, sleeves: str) -> None:
    made = cloth(drawn(long=long))
    assert made.sleeves == sleeves
    reach = dressed(made, body(), (384, 512)).reach
    assert 1.75 < reach < 2.3 if long else 0.4 < reach < 0.85


def test_arms_before_a_shirt_leave_no_hole_in_it() -> None:
    person = drawn()
    shirt = person.shirt.copy()
    shirt[230:270, 150:200] = False  # an arm that was folded over it
    before = np.zeros(shirt.shape, np.uint8)
    before[230:270, 150:200] = 255
    mask = Image.fromarray(np.where(shirt, 255, 0).astype(np.uint8))
    landmarks, sleeves = landmarks_of_worn(person.pose, mask, "upper")
    bones = of_pose(person.pose)
    made = cloth_of(person.picture, mask, landmarks, "upper", sleeves, bones, Image.fromarray(before))
    worn = dressed(made, bones, person.picture.size)
    assert worn.alpha[240:260, 160:190].min() > 0.95
    assert float((worn.colour[0] - worn.colour[2])[240:260, 160:190].mean()) > 0.4  # of the shirt's red


def test_a_flat_shirt_hangs_from_the_shoulders_to_the_hips() -> None:
    bones = body()
    old = flat_skeleton(FLAT_TEE, "upper", "short")
    trunk = next(p for p in parts(FLAT_TEE, "upper", "short", old, bones, flat=True) if p.name == "trunk")
    end = dict(zip([name for name in FLAT_TEE if not name.startswith("cuff")], trunk.end, strict=True))
    for side in ("left", "right"):
        assert np.linalg.norm(end[f"shoulder_{side}"] - bones[f"{side}_shoulder"]) < 0.3 * bones.width
    assert end["neck_front"][1] < end["armpit_left"][1] < end["hem_left"][1]
    assert end["hem_left"][1] == pytest.approx(bones.pelvis[1], abs=0.45 * bones.width)
    worn, flat = end["hem_left"][0] - end["hem_right"][0], 312 - 88
    assert worn / bones.width < flat / old.width  # cloth that goes round a body shows less of its width


def test_long_sleeves_end_at_the_wrists_whatever_their_measures() -> None:
    bones = body()
    old = flat_skeleton(LONG, "upper", "long")
    for piece in parts(LONG, "upper", "long", old, bones, flat=True):
        if piece.name == "trunk":
            continue
        side = piece.name.split("_")[0]
        limb = (f"{side}_shoulder", f"{side}_elbow", f"{side}_wrist")
        assert max(on_limb(point, bones, limb)[0] for point in piece.end) == pytest.approx(1.95, abs=0.2)


def test_colours_go_on_beyond_an_edge() -> None:
    picture = torch.zeros(1, 3, 32, 32)
    picture[:, 0, :, :16], picture[:, 2, :, 16:] = 1.0, 1.0
    mask = torch.zeros(1, 1, 32, 32)
    mask[..., :8] = 1
    filled = spread(picture, mask)
    assert torch.equal(filled[..., :8], picture[..., :8])
    assert filled[:, 0].min() > 0.99
    assert filled[:, 2].max() < 0.01


def test_an_empty_mask_is_no_garment() -> None:
    with pytest.raises(ValueError, match="empty"):
        cloth_of(Image.new("RGB", (50, 50)), Image.new("L", (50, 50)), FLAT_TEE, "upper", "short", None)


def test_ground_between_sleeve_and_trunk_is_no_garment_even_if_the_mask_says_so() -> None:
    picture = Image.new("RGB", (400, 400), (245, 245, 245))
    mask = Image.new("L", picture.size)
    for canvas, colour in ((picture, (20, 60, 140)), (mask, 255)):
        pen = ImageDraw.Draw(canvas)
        pen.polygon([(88, 70), (312, 70), (312, 347), (88, 347)], fill=colour)
    ImageDraw.Draw(mask).polygon([(312, 154), (312, 200), (325, 154)], fill=255)  # a wedge of ground
    made = cloth_of(picture, mask, FLAT_TEE, "upper", "short", None)
    blue = made.picture[0, 2] - made.picture[0, 0]
    assert float((made.mask[0, 0] * (blue < 0.1)).sum()) < 0.02 * float(made.mask.sum())
    pale = cloth_of(picture.point(lambda value: 240 + value // 20), mask, FLAT_TEE, "upper", "short", None)
    assert float(pale.mask.sum()) > float(made.mask.sum())  # pale cloth on a pale ground: the mask is all there is
