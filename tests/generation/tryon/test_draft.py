from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from shop_genai.generation.tryon.draft import MAPS, Draft, drafted
from shop_genai.generation.tryon.dressing import Worn, cloth_of, dressed
from shop_genai.generation.tryon.layers import inner_layer
from shop_genai.generation.tryon.parse import parsed
from shop_genai.generation.tryon.skeleton import of_pose
from shop_genai.generation.tryon.worn import landmarks_of_worn

from .person import SHIRT, SKIN, TROUSERS, Drawn, drawn

GREEN = (30, 160, 60)


def tensor(picture: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(picture, np.float32)).permute(2, 0, 1) / 255


def worn_by(garment: Drawn, person: Drawn) -> Worn:
    mask = Image.fromarray(np.where(garment.shirt, 255, 0).astype(np.uint8))
    landmarks, sleeves = landmarks_of_worn(garment.pose, mask, "upper")
    cloth = cloth_of(garment.picture, mask, landmarks, "upper", sleeves, of_pose(garment.pose))
    return dressed(cloth, of_pose(person.pose), person.picture.size)


@lru_cache
def draft(person: Drawn, garment: Drawn, **options: object) -> Draft:
    bones = of_pose(person.pose)
    parse = parsed(person.picture, person.classes, bones, person.pose.point("nose"))
    return drafted(tensor(person.picture), parse, bones, worn_by(garment, person), "upper", **options)


def nearest(colour: Tensor, *colours: tuple[int, int, int]) -> int:
    return int(np.argmin([np.abs(colour.numpy() * 255 - np.array(known)).sum() for known in colours]))


def test_nothing_of_the_old_shirt_is_left_under_the_new_one() -> None:
    made = draft(drawn(long=True), drawn(GREEN))
    red = made.under[0] - made.under[2]
    inside = made.region > 0.99
    assert red[inside].max() < (SHIRT[0] - SHIRT[2]) / 255 * 0.6
    assert (SKIN[0] - SKIN[2]) / 255 < (SHIRT[0] - SHIRT[2]) / 255 * 0.6


def test_the_face_and_the_ground_are_not_touched() -> None:
    person = drawn()
    made = draft(person, drawn(GREEN))
    assert made.region[60:110, 180:204].max() == 0
    assert made.region[:, :20].max() == 0
    assert made.region[:30].max() == 0
    outside = made.region == 0
    assert torch.equal(made.under[:, outside], tensor(person.picture)[:, outside])


def test_the_new_shirt_covers_what_it_covers() -> None:
    made = draft(drawn(), drawn(GREEN))
    shirt = drawn(GREEN).shirt
    covered = made.alpha.numpy() > 0.5
    assert (covered & shirt).sum() / (covered | shirt).sum() > 0.93
    assert nearest(made.warped[:, 240, 192], GREEN, SHIRT) == 0


def test_arms_that_were_in_sleeves_are_drawn_in_the_person_s_skin() -> None:
    made = draft(drawn(long=True), drawn(GREEN))
    assert made.invented > 0.05
    for x, y in ((284, 300), (100, 300)):  # half-way down the forearms
        assert nearest(made.under[:, y, x], SKIN, SHIRT, TROUSERS) == 0


def test_under_a_long_sleeve_no_arm_is_drawn() -> None:
    made = draft(drawn(long=True), drawn(GREEN, long=True))
    assert made.invented < 0.03


def test_a_shirt_that_is_tucked_in_ends_at_the_waist() -> None:
    person, garment = drawn(), drawn(GREEN)
    out, tucked = draft(person, garment), draft(person, garment, tuck="in")
    bones = of_pose(person.pose)
    below = round(float(bones.neck[1] + 0.9 * (bones.pelvis - bones.neck)[1]))
    assert out.alpha[below, 180:204].min() > 0.9
    assert tucked.alpha[below, 180:204].max() < 0.1
    assert nearest(tucked.under[:, below, 192], TROUSERS, SHIRT, SKIN) == 0


def test_hair_lies_over_the_shirt() -> None:
    person = drawn()
    bones = of_pose(person.pose)
    parse = parsed(person.picture, person.classes, bones, person.pose.point("nose"))
    planes = {name: plane.copy() for name, plane in parse.planes.items()}
    planes["hair"][170:260, 210:225], planes["upper"][170:260, 210:225] = 1.0, 0.0
    parse = type(parse)(planes)
    made = drafted(tensor(person.picture), parse, bones, worn_by(drawn(GREEN), person), "upper")
    assert made.alpha[190:240, 214:220].max() < 0.1
    assert made.region[190:240, 214:220].max() == 0


def test_the_maps_are_the_ones_that_are_named() -> None:
    made = draft(drawn(), drawn(GREEN))
    assert made.maps.shape == (len(MAPS), 512, 384)
    by_name = dict(zip(MAPS, made.maps, strict=True))
    assert by_name["face"][92, 192] > 0.8
    assert by_name["lower"][420, 160] > 0.8
    assert by_name["erased"][240, 192] == 1
    assert by_name["erased"][92, 192] == 0


def test_half_the_size_gives_half_the_draft() -> None:
    whole, half = draft(drawn(), drawn(GREEN)), draft(drawn(factor=0.5), drawn(GREEN, factor=0.5))
    pooled = torch.nn.functional.avg_pool2d(whole.alpha[None, None], 2)[0, 0]
    assert (pooled - half.alpha).abs().mean() < 0.02


def test_under_an_open_jacket_the_shirt_is_seen() -> None:
    person = drawn()
    pixels = np.asarray(person.picture).copy()
    strip = np.zeros(person.shirt.shape, bool)
    strip[:, 176:208] = True
    pixels[person.shirt & strip] = (240, 240, 235)
    bones = of_pose(person.pose)
    picture = Image.fromarray(pixels)
    parse = parsed(picture, person.classes, bones, person.pose.point("nose"))
    inner = inner_layer(tensor(picture), parse, bones)
    assert inner is not None
    assert inner[220:280, 180:204].min() == 1
    assert inner[220:280, 140:165].max() == 0
    made = drafted(tensor(picture), parse, bones, worn_by(drawn(GREEN), person), "upper", inner=inner)
    assert made.alpha[240, 192] > 0.9
    assert made.region[240, 150] == 0  # the jacket stays


def test_a_closed_shirt_is_no_open_jacket() -> None:
    person = drawn()
    bones = of_pose(person.pose)
    parse = parsed(person.picture, person.classes, bones, person.pose.point("nose"))
    assert inner_layer(tensor(person.picture), parse, bones) is None


def test_a_region_lies_where_something_changes() -> None:
    made = draft(drawn(), drawn(GREEN))
    assert 0.1 < float((made.region > 0).float().mean()) < 0.5


def test_what_was_drawn_of_the_body_is_known() -> None:
    made = draft(drawn(long=True), drawn(GREEN))
    for x, y in ((284, 300), (100, 300), (192, 240)):  # forearms, chest
        assert made.drawn[y, x] == 1
    assert made.drawn[:, :20].max() == 0
    assert made.drawn[92, 192] == 0
