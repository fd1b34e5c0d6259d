"""Accessories on a drawn person: what changes, what stays to the bit, what is refused, what is said."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from shop_genai import generation
from shop_genai.errors import (
    CategoryUnsupported,
    ExtraMissing,
    ImageTooSmall,
    InvalidInputs,
    InvalidParams,
    MultiplePeople,
    NoPerson,
    NotFrontFacing,
)
from shop_genai.generation.accessories.params import STYLES
from shop_genai.generation.accessories.pipeline import AccessoryPipeline
from shop_genai.generation.segment.classes import number
from tests.generation.accessories.someone import HAIR, SIZE, SKIN, UNIT, Faces, Seen, Segmenter, drawn_person, face
from tests.generation.segment.tiny import write_weights

STYLED = [(kind, style) for kind, styles in STYLES.items() for style in styles]


def pipeline(*faces: Any) -> AccessoryPipeline:
    return AccessoryPipeline(Faces(*(faces or (face(),))), Segmenter())


def worn(person: Image.Image, accessory: Image.Image | None = None, **params: Any) -> Any:
    slots = {"person": person} if accessory is None else {"person": person, "accessory": accessory}
    [output] = pipeline()([slots], params, [3])
    return output


@pytest.mark.parametrize(("kind", "style"), STYLED)
def test_only_the_edit_region_changes(kind: str, style: str) -> None:
    person = drawn_person()
    output = worn(person, kind=kind, style=style, colour="#30108a")
    before, after = np.asarray(person), np.asarray(output.image)
    mask = np.asarray(output.mask)
    assert output.image.size == output.mask.size == SIZE
    assert np.array_equal(before[mask == 0], after[mask == 0])
    assert set(np.unique(mask)) == {0, 255}
    assert 0.0005 < (mask > 0).mean() < 0.6
    assert np.abs(before.astype(int) - after)[mask > 0].max() > 25
    assert output.info["style"] == style


@pytest.mark.parametrize("kind", ["lipstick", "hair"])
def test_a_strength_of_nothing_changes_nothing(kind: str) -> None:
    person = drawn_person()
    output = worn(person, kind=kind, strength=0.0)
    assert output.image.tobytes() == person.tobytes()
    assert output.mask.getbbox() is None


def test_the_answer_says_nothing_of_the_face() -> None:
    output = worn(drawn_person(), kind="glasses")
    assert set(json.loads(json.dumps(output.info))) == {
        *("recipe", "kind", "style", "colour", "confidence", "warnings", "seconds", "seed", "input_size"),
        *("weights", "weights_version", "device"),
    }
    assert output.info["seed"] == 3
    assert output.info["colour"] == "#3a2a22"
    assert 0 <= output.info["confidence"] <= 1
    assert set(output.info["seconds"]) == {"person", "accessory", "drawing"}


def test_the_same_twice() -> None:
    first, second = (worn(drawn_person(), kind="hat", style="fedora") for _ in range(2))
    assert first.image.tobytes() == second.image.tobytes()


def test_transparency_and_turning_stay_with_the_photo() -> None:
    person = drawn_person()
    alpha = Image.new("L", SIZE, 255)
    alpha.paste(0, (0, 0, 10, 10))
    person.putalpha(alpha)
    output = worn(person, kind="sunglasses")
    assert output.image.mode == "RGBA"
    assert output.image.getchannel("A").tobytes() == alpha.tobytes()


def test_a_hoop_under_hair_is_not_seen() -> None:
    class Hairy(Segmenter):
        def look(self, picture: Image.Image) -> Seen:
            classes = np.zeros_like(super().look(picture).classes)
            classes[number("hair")] = 1
            return Seen(classes)

    person = drawn_person()
    # Hair is wherever it can be, and looks the same everywhere.
    flat = Image.new("RGB", SIZE, (60, 40, 30))
    [output] = AccessoryPipeline(Faces(face()), Hairy())([{"person": flat}], {"kind": "earrings"}, [0])
    assert output.info["warnings"] == ["hair_over_accessory"]
    [seen] = pipeline()([{"person": person}], {"kind": "earrings"}, [0])
    assert seen.info["warnings"] == []
    assert np.asarray(seen.mask).sum() > 2 * np.asarray(output.mask).sum()


def test_the_colour_of_a_picture_dyes() -> None:
    swatch = Image.new("RGBA", (30, 30), (40, 60, 200, 255))
    output = worn(drawn_person(), swatch, kind="hair")
    assert output.info["colour"] == "#283cc8"
    assert output.info["style"] == "picture"
    named = worn(drawn_person(), swatch, kind="hair", colour="#aa2200")
    assert named.info["colour"] == "#aa2200"


@pytest.mark.parametrize("kind", ["glasses", "sunglasses", "hat", "earrings"])
def test_a_picture_is_put_on(kind: str) -> None:
    thing = Image.new("RGB", (120, 40), "white")
    thing.paste((0, 160, 0), (10, 5, 110, 35))
    output = worn(drawn_person(), thing, kind=kind)
    changed = np.asarray(output.image)[np.asarray(output.mask) > 0].astype(int)
    green = (changed[:, 1] > changed[:, 0] + 60) & (changed[:, 1] > changed[:, 2] + 60)
    assert green.sum() > 40
    assert output.info["colour"] is None


@pytest.mark.parametrize(
    ("faces", "error"),
    [
        ([], NoPerson),
        ([face(), face(eyes=(60, 80), unit=0.8 * UNIT)], MultiplePeople),
        ([face(unit=30)], ImageTooSmall),
        ([face(yaw=50)], NotFrontFacing),
    ],
)
def test_refusals(faces: list[Any], error: type[Exception]) -> None:
    broken = AccessoryPipeline(Faces(*faces), Segmenter())
    with pytest.raises(error):
        broken([{"person": drawn_person()}], {}, [0])


def test_people_in_the_background_are_not_meant() -> None:
    [output] = pipeline(face(eyes=(30, 40), unit=40), face())([{"person": drawn_person()}], {}, [0])
    assert output.mask.getbbox()[0] > 50


def test_no_hair_no_dye() -> None:
    pixels = np.asarray(drawn_person()).copy()
    pixels[np.abs(pixels.astype(int) - HAIR).sum(axis=2) < 60] = SKIN
    with pytest.raises(CategoryUnsupported):
        worn(Image.fromarray(pixels), kind="hair")


def test_small_heads_are_looked_at_closer() -> None:
    shown = pipeline()
    shown([{"person": drawn_person()}], {}, [0])
    assert isinstance(shown.faces, Faces)
    assert len(shown.faces.near) == 2
    left, top, right, bottom = shown.faces.near[0]
    assert left < 120 < right
    assert top < 100 < bottom


def test_what_does_not_fit_together_is_refused() -> None:
    shown = pipeline()
    with pytest.raises(InvalidInputs):
        shown([{"image": drawn_person()}], {}, [0])
    with pytest.raises(InvalidInputs):
        shown([{"person": drawn_person()}], {}, [0, 1])
    with pytest.raises(InvalidParams):
        shown([{"person": drawn_person()}], {"what": 1}, [0])


def test_progress_reaches_the_end() -> None:
    shares: list[float] = []
    pipeline()([{"person": drawn_person()}] * 2, {"kind": "lipstick"}, [0, 1], shares.append)
    assert shares == [0.5, 1.0]


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("mediapipe", "mediapipe.python", "mediapipe.python.solutions"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ExtraMissing, match=r"shop-genai\[mediapipe\]"):
        generation.load("accessory", write_weights(tmp_path), "cpu")
