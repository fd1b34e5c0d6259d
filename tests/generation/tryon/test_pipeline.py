from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from shop_genai.errors import (
    GarmentNotFound,
    GenaiError,
    ImageTooSmall,
    InvalidInputs,
    InvalidParams,
    MultiplePeople,
    NoPerson,
    NotFrontFacing,
    OutOfMemory,
    ProductNotFound,
    TorsoCutOff,
)
from shop_genai.generation.pose.keypoints import Pose
from shop_genai.generation.tryon.composer import Composer, ComposerConfig
from shop_genai.generation.tryon.garment import Garment
from shop_genai.generation.tryon.params import TryOnParams
from shop_genai.generation.tryon.pipeline import Eyes, TryOnPipeline
from shop_genai.generation.tryon.wardrobe import Remembered

from .person import drawn, joints, pose_of
from .test_fitting import GREEN, garment_of

PERSON, OTHER = drawn(), drawn(GREEN)


class Segmenter:
    def look(self, picture: Image.Image) -> Any:
        return SimpleNamespace(classes=PERSON.classes)


class PoseFinder:
    def __init__(self, pose: Pose) -> None:
        self.pose = pose

    def look(self, picture: Image.Image) -> Pose:
        return self.pose


class Analyst:
    digest = "d" * 64

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.looked = error, 0

    def analyse(self, picture: Image.Image, mask: Image.Image | None = None, category: str = "auto") -> Garment:
        self.looked += 1
        if self.error is not None:
            raise self.error
        return garment_of(OTHER)


def pipeline(pose: Pose = PERSON.pose, analyst: Analyst | None = None, **options: Any) -> TryOnPipeline:
    composer = Composer(ComposerConfig(widths=(16, 16, 16, 16), blocks=(1, 1, 1, 1)))
    eyes = Eyes(Segmenter(), PoseFinder(pose), analyst or Analyst())
    return TryOnPipeline(composer, torch.device("cpu"), eyes, "c" * 64, "1.0", **options)


def slots(**changes: Image.Image) -> dict[str, Image.Image]:
    return {"person": PERSON.picture, "garment": OTHER.picture, **changes}


def test_a_person_wears_the_garment() -> None:
    shares: list[float] = []
    [output] = pipeline()([slots()], {}, [7], shares.append)
    assert output.mask is not None
    changed = np.asarray(output.mask) > 0
    before, after = np.asarray(PERSON.picture, int), np.asarray(output.image, int)
    assert np.array_equal(before[~changed], after[~changed])
    chest = after[230:290, 170:215].mean(axis=(0, 1))
    assert np.abs(chest - np.array(GREEN)).max() < 25
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_what_is_told_is_plain_and_says_nothing_of_the_body() -> None:
    [output] = pipeline()([slots()], {"tuck": "in"}, [7])
    info = json.loads(json.dumps(output.info))
    assert info["backend"] == "landmark_gan"
    assert info["kind"] == "upper"
    assert info["tuck"] == "in"
    assert 0 < info["confidence"] <= 1
    assert info["weights"] == "c" * 64
    assert info["seed"] == 7
    assert set(info["seconds"]) == {"garment", "person", "fit", "paste"}
    assert not {"points", "scores", "facing", "pose", "joints", "face"} & set(info)


def test_equal_inputs_give_equal_pictures_whatever_else_is_in_the_batch() -> None:
    made = pipeline()([slots(), slots(), slots()], {}, [1, 2, 3])
    assert made[0].image.tobytes() == made[2].image.tobytes()


def test_a_garment_is_looked_at_once() -> None:
    analyst = Analyst()
    tried = pipeline(analyst=analyst)
    tried([slots(), slots()], {}, [0, 0])
    tried([slots()], {}, [0])
    assert analyst.looked == 1
    tried([slots()], {"category": "upper"}, [0])
    assert analyst.looked == 2  # another question


def test_a_garment_that_another_process_looked_at_is_not_looked_at() -> None:
    cache, first, second = Remembered(), Analyst(), Analyst()
    pipeline(analyst=first, garments=cache)([slots()], {}, [0])
    [output] = pipeline(analyst=second, garments=cache)([slots()], {}, [0])
    assert (first.looked, second.looked) == (1, 0)
    assert output.info["garment_source"] == "worn"


def test_a_kept_analysis_of_another_version_is_made_again() -> None:
    cache, analyst = Remembered(), Analyst()
    made = pipeline(analyst=analyst, garments=cache)
    made.analyse(OTHER.picture)
    key = made.wardrobe.key(OTHER.picture, None, "auto")
    cache.put(key, {**dict(cache.get(key) or {}), "version": -1})
    made.analyse(OTHER.picture)
    assert analyst.looked == 2


def test_an_alpha_channel_of_the_photo_stays() -> None:
    photo = PERSON.picture.copy()
    photo.putalpha(Image.linear_gradient("L").resize(photo.size))
    [output] = pipeline()([slots(person=photo)], {}, [0])
    assert output.image.mode == "RGBA"
    assert output.image.getchannel("A").tobytes() == photo.getchannel("A").tobytes()


def looking(**changes: Any) -> Pose:
    pose = PERSON.pose
    return Pose(**{**pose.__dict__, **changes})


@pytest.mark.parametrize(
    ("pose", "refusal"),
    [
        (looking(people=0), NoPerson),
        (looking(people=2, people_confidence=0.9), MultiplePeople),
        (looking(facing="back"), NotFrontFacing),
        (looking(facing="side"), NotFrontFacing),
        (pose_of(joints(), 160), TorsoCutOff),  # nothing under the face is in the photo
        (pose_of({name: (192 + (x - 192) * 0.3, y) for name, (x, y) in joints().items()}), ImageTooSmall),
    ],
)
def test_photos_that_cannot_be_dressed_are_refused(pose: Pose, refusal: type[GenaiError]) -> None:
    with pytest.raises(refusal):
        pipeline(pose)([slots()], {}, [0])


def test_a_tiny_photo_is_refused() -> None:
    with pytest.raises(ImageTooSmall):
        pipeline()([slots(person=PERSON.picture.resize((190, 250)))], {}, [0])


def test_no_garment_is_a_refusal_of_the_garment() -> None:
    with pytest.raises(GarmentNotFound) as refused:
        pipeline(analyst=Analyst(ProductNotFound("nothing")))([slots()], {}, [0])
    assert refused.value.details["field"] == "garment"


def test_wrong_questions_are_refused() -> None:
    tried = pipeline()
    with pytest.raises(InvalidInputs):
        tried([{"person": PERSON.picture}], {}, [0])
    with pytest.raises(InvalidInputs):
        tried([slots(shoes=OTHER.picture)], {}, [0])
    with pytest.raises(InvalidInputs):
        tried([slots()], {}, [0, 1])
    with pytest.raises(InvalidParams):
        tried([slots()], {"backend": "nobody_s"}, [0])
    for wrong in ({"category": "hat"}, {"tuck": "half"}, {"outer": "burn"}, {"backend": "no name"}):
        with pytest.raises(InvalidParams):
            TryOnParams(**wrong)


def test_memory_that_runs_out_has_its_own_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise MemoryError

    tried = pipeline()
    monkeypatch.setattr(tried.composer, "forward", full)
    with pytest.raises(OutOfMemory):
        tried([slots()], {}, [0])
