"""The analysis of garments: flat, worn, and refused."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from shop_genai.errors import CategoryUnsupported, GarmentNotFound, WeightsMissing
from shop_genai.generation import weights
from shop_genai.generation.pose.keypoints import NAMES, Pose
from shop_genai.generation.tryon.analyst import GarmentAnalyst
from shop_genai.generation.tryon.flat import Finder
from shop_genai.generation.tryon.garment import LARGEST
from shop_genai.generation.tryon.landmark_network import LandmarkConfig, LandmarkNetwork
from tests.generation.segment.tiny import painter
from tests.generation.tryon.telling import HEIGHT, SHIRT, WIDTH, Telling, shirt

CPU = torch.device("cpu")
JOINTS = {
    "nose": (80.0, 10.0),
    "left_shoulder": (118.0, 40.0),
    "right_shoulder": (42.0, 40.0),
    "left_elbow": (140.0, 80.0),
    "right_elbow": (20.0, 80.0),
    "left_wrist": (150.0, 120.0),
    "right_wrist": (10.0, 120.0),
    "left_hip": (104.0, 150.0),
    "right_hip": (56.0, 150.0),
}
POSE = Pose(tuple(JOINTS.get(n, (0.0, 0.0)) for n in NAMES), tuple(0.9 * (n in JOINTS) for n in NAMES))


class Standing:
    """Sees one person, always in the same pose."""

    digest = "pose"

    def __init__(self, pose: Pose = POSE) -> None:
        self.pose = pose

    def look(self, picture: Image.Image) -> Pose:
        return self.pose


def analyst(network: Telling | None = None, pose: Standing | None = None, worn: bool = False) -> GarmentAnalyst:
    return GarmentAnalyst(Finder(network or Telling(), None, CPU), painter(worn), pose, "digest")


def with_head(picture: Image.Image) -> Image.Image:
    picture.paste((200, 150, 120), (50, 0, 110, 30))
    return picture


def test_a_flat_garment_is_analysed() -> None:
    picture, mask, _ = shirt()
    garment = analyst().analyse(picture, mask)
    assert (garment.kind, garment.sleeves, garment.source) == ("upper", "short", "flat")
    assert garment.size == (WIDTH, HEIGHT)
    assert garment.confidence > 0.8
    assert not garment.open_front
    for name, place in SHIRT.items():
        assert garment.landmarks[name] == pytest.approx(place, abs=4)
    inside = np.asarray(garment.inside)
    assert inside[40, 80] == 255
    assert inside[100:].max() == 0


def test_without_a_mask_the_segmentation_finds_it() -> None:
    picture, mask, _ = shirt()
    garment = analyst().analyse(picture)
    found, truth = np.asarray(garment.mask) > 127, np.asarray(mask) > 127
    assert (found & truth).sum() / (found | truth).sum() > 0.7


def test_what_is_no_garment_is_refused() -> None:
    picture, mask, _ = shirt()
    with pytest.raises(CategoryUnsupported, match="no top"):
        analyst(Telling(kind="other")).analyse(picture, mask)
    with pytest.raises(GarmentNotFound):
        analyst().analyse(Image.new("RGB", (60, 60), (200, 200, 200)))
    with pytest.raises(GarmentNotFound):
        analyst().analyse(picture, Image.new("L", picture.size))


def test_what_could_be_anything_is_refused_unless_somebody_says_what_it_is() -> None:
    picture, mask, _ = shirt()
    unsure = analyst(Telling(certainty=1.0))  # e / (e + 4) = .40
    with pytest.raises(CategoryUnsupported):
        unsure.analyse(picture, mask)
    assert unsure.analyse(picture, mask, "upper").kind == "upper"
    with pytest.raises(CategoryUnsupported):
        analyst(Telling(kind="other")).analyse(picture, mask, "upper")


def test_a_garment_of_another_category_is_refused() -> None:
    picture, mask, _ = shirt()
    with pytest.raises(CategoryUnsupported) as refused:
        analyst().analyse(picture, mask, "lower")
    assert refused.value.details["seems"] == "upper"
    assert analyst().analyse(picture, mask, "upper").kind == "upper"


def test_where_nothing_can_be_made_out_no_garment_is_found() -> None:
    picture, mask, _ = shirt()
    with pytest.raises(GarmentNotFound, match="made out"):
        analyst(Telling(points={})).analyse(picture, mask)


def test_a_worn_garment_hangs_on_its_wearers_bones() -> None:
    picture = with_head(shirt()[0])
    garment = analyst(pose=Standing(), worn=True).analyse(picture)
    assert (garment.source, garment.kind) == ("worn", "upper")
    assert garment.wearer == POSE
    assert garment.inside.getextrema() == (0, 0)
    assert garment.before is not None
    assert garment.before.size == garment.size == picture.size
    assert garment.landmarks["hem_left"][1] > 150
    assert garment.landmarks["shoulder_left"][0] > garment.landmarks["shoulder_right"][0]


def test_of_several_people_of_backs_and_without_a_pose_nothing_is_taken() -> None:
    picture = with_head(shirt()[0])
    for pose in (replace(POSE, people=2), replace(POSE, facing="back")):
        with pytest.raises(GarmentNotFound, match="alone"):
            analyst(pose=Standing(pose), worn=True).analyse(picture)
    with pytest.raises(GarmentNotFound, match="pose"):
        analyst(worn=True).analyse(picture)
    faceless = Standing(replace(POSE, scores=(0.0,) * len(NAMES)))
    with pytest.raises(GarmentNotFound, match="too little"):
        analyst(pose=faceless, worn=True).analyse(picture)


def test_large_pictures_are_answered_in_their_own_pixels() -> None:
    picture, mask, _ = shirt()
    scale = 10
    assert HEIGHT * scale > LARGEST
    large = analyst().analyse(
        picture.resize((WIDTH * scale, HEIGHT * scale)), mask.resize((WIDTH * scale, HEIGHT * scale))
    )
    assert large.size == (WIDTH * scale, HEIGHT * scale)
    assert large.inside.size == large.size
    assert large.landmarks["hem_left"] == pytest.approx((1200, 1800), abs=60)


def test_weights_are_read_as_they_ship(tmp_path: Path) -> None:
    torch.manual_seed(0)
    shapes = {role: LandmarkConfig(side=32, widths=(8, 8)) for role in ("whole", "neck")}
    content = {
        "kind": "landmarks",
        "version": "1",
        "promoted": True,
        "network": {r: asdict(s) for r, s in shapes.items()},
    }
    weights.write(tmp_path, content, {role: LandmarkNetwork(shape).state_dict() for role, shape in shapes.items()})
    opened = GarmentAnalyst.packaged(painter(), None, source=tmp_path)
    assert opened.finder.neck is not None
    assert opened.finder.whole.config == shapes["whole"]
    assert opened.digest != GarmentAnalyst.packaged(painter(), Standing(), source=tmp_path).digest
    with pytest.raises(WeightsMissing):
        GarmentAnalyst.packaged(painter(), None, source=tmp_path / "none")
