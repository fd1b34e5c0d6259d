"""Variants at work, with small random weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFilter

from shop_genai.errors import InvalidInputs, InvalidParams, OutOfMemory, ProductNotFound
from shop_genai.generation import load
from shop_genai.generation.variant import colours, looks
from shop_genai.generation.variant.params import VariantParams
from shop_genai.generation.variant.pipeline import VariantPipeline
from tests.generation.pictures import drawn
from tests.generation.test_pictures import of_mode


def disc(width: int = 60, height: int = 48) -> Image.Image:
    """A soft-edged mask around the middle."""
    mask = Image.new("L", (width, height))
    draw = ImageDraw.Draw(mask)
    draw.ellipse((width // 5, height // 5, width * 4 // 5, height * 4 // 5), fill=120)
    draw.ellipse((width // 4, height // 4, width * 3 // 4, height * 3 // 4), fill=255)
    return mask


def varied(pipeline: VariantPipeline, picture: Image.Image, seed: int = 0, **params: Any) -> Any:
    return pipeline([{"image": picture, "mask": disc(*picture.size)}], params, [seed])[0]


def test_only_the_product_changes(pipeline: VariantPipeline) -> None:
    picture = drawn(60, 48)
    output = varied(pipeline, picture)
    before, after, mask = (np.asarray(p) for p in (picture, output.image, disc()))
    assert (before[mask == 0] == after[mask == 0]).all()
    assert np.abs(before[mask == 255].astype(int) - after[mask == 255]).max() > 10
    assert output.mask.tobytes() == disc().tobytes()


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "CMYK", "LA", "I;16"])
def test_strength_0_is_the_picture_itself(pipeline: VariantPipeline, mode: str) -> None:
    picture = of_mode(mode, 60, 48)
    output = varied(pipeline, picture, strength=0.0)
    assert (output.image.mode, output.image.tobytes()) == (picture.mode, picture.tobytes())
    assert output.mask.getextrema() == (0, 0)


def test_small_strengths_are_close_to_the_picture(pipeline: VariantPipeline) -> None:
    picture = drawn(60, 48)
    changes = [
        np.abs(np.asarray(varied(pipeline, picture, strength=s).image, int) - np.asarray(picture)).mean()
        for s in (0.001, 0.01, 0.1, 1.0)
    ]
    assert changes == sorted(changes)
    assert changes[0] < 0.2
    assert changes[-1] > 3


@pytest.mark.parametrize(
    ("mode", "returned"), [("L", "RGB"), ("RGBA", "RGBA"), ("LA", "RGBA"), ("P", "RGB"), ("CMYK", "RGB")]
)
def test_any_mode_gains_colour_and_keeps_its_alpha(pipeline: VariantPipeline, mode: str, returned: str) -> None:
    picture = of_mode(mode, 60, 48)
    output = varied(pipeline, picture)
    assert (output.image.mode, output.image.size) == (returned, (60, 48))
    if returned == "RGBA":
        assert output.image.getchannel("A").tobytes() == picture.convert("RGBA").getchannel("A").tobytes()


def test_what_lies_under_transparent_pixels_stays(pipeline: VariantPipeline) -> None:
    picture = drawn(60, 48)
    picture.putalpha(disc())
    after = np.asarray(varied(pipeline, picture).image)
    outside = np.asarray(disc()) == 0
    assert (after[outside] == np.asarray(picture)[outside]).all()


def test_the_facts(pipeline: VariantPipeline) -> None:
    output = varied(pipeline, drawn(60, 48), seed=5, stocked="red/navy, sparkle")
    info = json.loads(json.dumps(output.info, allow_nan=False))
    assert info["target"] == "prior"
    assert info["seed"] == 5
    assert len(looks.unpack(info["look"])) == 6
    assert info["colour"] in colours.NAMES
    assert colours.is_hex(info["colour_hex"])
    assert info["preview"] is (info["colour"] not in ("red", "navy"))
    assert info["stocked_unknown"] == ["sparkle"]
    assert (info["mask_source"], info["kind"]) == ("upload", "product")
    assert (info["weights"], info["weights_version"]) == ("d" * 64, "test")


def test_a_seed_draws_the_same_looks_in_any_company(pipeline: VariantPipeline) -> None:
    a, b = drawn(60, 48, seed=1), drawn(40, 50, seed=2)
    params = VariantParams(count=3, number=1)
    together = pipeline([{"image": a}, {"image": b}], params, [7, 8])
    for picture, seed, output in zip((a, b), (7, 8), together, strict=True):
        (alone,) = pipeline([{"image": picture}], params, [seed])
        assert alone.image.tobytes() == output.image.tobytes()
        assert alone.info == output.info
    (other,) = pipeline([{"image": a}], params, [9])
    assert other.info["look"] != together[0].info["look"]


def test_numbers_show_different_looks(pipeline: VariantPipeline) -> None:
    shown = [varied(pipeline, drawn(60, 48), count=4, number=n).info["look"] for n in range(4)]
    assert len(set(shown)) == 4
    vectors = np.array([looks.unpack(look) for look in shown])
    apart = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)[np.triu_indices(4, 1)]
    plain = [looks.unpack(varied(pipeline, drawn(60, 48), seed=s).info["look"]) for s in range(4)]
    usual = np.linalg.norm(np.array(plain)[:, None] - np.array(plain)[None], axis=2)[np.triu_indices(4, 1)]
    assert apart.min() > usual.min()


def test_the_look_of_another_picture(pipeline: VariantPipeline) -> None:
    other = drawn(33, 44, seed=3)
    (output,) = pipeline([{"image": drawn(60, 48), "appearance": other}], {}, [0])
    (look,) = pipeline.looks([other])
    assert look is not None
    assert output.info["target"] == "appearance"
    assert looks.unpack(output.info["look"]) == pytest.approx(look.vector, abs=5e-3)
    (again,) = pipeline(
        [{"image": drawn(60, 48)}], {"target": "look", "look": looks.pack(look.vector)}, [0]
    )  # the same look, handed over as text
    assert again.info["look"] == output.info["look"]


def test_a_named_colour_is_its_look(pipeline: VariantPipeline) -> None:
    info = varied(pipeline, drawn(60, 48), target="colour", colour="Navy Blue").info
    assert looks.unpack(info["look"]) == pytest.approx([0, -1, 0.5, 0, 0, 0], abs=1e-3)


def test_a_colour_by_its_numbers_is_searched_for(pipeline: VariantPipeline) -> None:
    photo = {"image": drawn(64, 64).filter(ImageFilter.GaussianBlur(6))}
    reachable = pipeline([photo], {"target": "colour", "colour": "red"}, [0])[0].info["colour_hex"]
    info = pipeline([photo], {"target": "colour", "colour": reachable}, [0])[0].info
    unaimed = pipeline([photo], {"target": "colour", "colour": "white"}, [0])[0].info
    assert info["colour_difference"] < 2.5
    assert info["colour_hex"] != unaimed["colour_hex"]
    assert info["target"] == "colour"


def test_stocked_only_keeps_to_what_is_sold(pipeline: VariantPipeline) -> None:
    named = pipeline.targets.named
    asked = {"stocked": "red, navy, white", "stocked_only": True, "count": 2}
    shown = [looks.unpack(varied(pipeline, drawn(60, 48), number=n, **asked).info["look"]) for n in (0, 1)]
    for look in shown:
        assert any(look == pytest.approx(known, abs=1e-3) for known in named.values())
    assert shown[0] != shown[1]  # two numbers, two of the colours


def test_looks_of_pictures(pipeline: VariantPipeline) -> None:
    red = Image.new("RGB", (40, 30), (170, 30, 40))
    first, nothing, masked = pipeline.looks([red, Image.new("RGB", (8, 8)), red], [None, None, disc(40, 30)])
    assert nothing is None
    assert first is not None
    assert masked is not None
    assert first.colour == "red"
    assert first.weights == "d" * 64
    assert len(first.vector) == 6


@pytest.mark.parametrize(
    ("slots", "params", "error"),
    [
        ({}, {}, InvalidInputs),
        ({"image": drawn(9, 9), "person": drawn(9, 9)}, {}, InvalidInputs),
        ({"image": drawn(9, 9), "appearance_mask": disc(9, 9)}, {}, InvalidInputs),
        ({"image": drawn(9, 9)}, {"target": "appearance"}, InvalidInputs),
        ({"image": drawn(9, 9), "appearance": drawn(9, 9)}, {"target": "colour", "colour": "red"}, InvalidInputs),
        ({"image": drawn(9, 9)}, {"target": "look", "look": looks.pack([1.0, 2.0])}, InvalidParams),
        ({"image": drawn(9, 9)}, {"tint": 3}, InvalidParams),
        ({"image": drawn(9, 9), "mask": Image.new("L", (9, 9))}, {}, ProductNotFound),
        ({"image": Image.new("RGB", (9, 9))}, {}, ProductNotFound),
    ],
)
def test_what_cannot_be_done_is_refused(
    pipeline: VariantPipeline, slots: dict[str, Image.Image], params: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        pipeline([slots], params, [0])


def test_counts_must_agree(pipeline: VariantPipeline) -> None:
    with pytest.raises(InvalidInputs, match="seeds"):
        pipeline([{"image": drawn(9, 9)}], {}, [0, 1])
    with pytest.raises(InvalidInputs, match="masks"):
        pipeline.looks([drawn(9, 9)], [])


def test_a_mask_of_another_size_is_fitted(pipeline: VariantPipeline) -> None:
    (output,) = pipeline([{"image": drawn(60, 48), "mask": disc(30, 24)}], {}, [0])
    assert output.mask is not None
    assert output.mask.size == (60, 48)


def test_progress_rises_to_one_and_may_stop_the_work(pipeline: VariantPipeline) -> None:
    told: list[float] = []
    pipeline([{"image": drawn(9, 9)}] * 2, {}, [0, 1], told.append)
    assert told == [0.5, 1.0]

    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline([{"image": drawn(9, 9)}], {}, [0], stop)


def test_full_memory_has_a_code(pipeline: VariantPipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> None:
        raise torch.OutOfMemoryError("full")

    monkeypatch.setattr(pipeline.network, "encode_content", full)
    with pytest.raises(OutOfMemory) as refused:
        pipeline([{"image": drawn(9, 9)}], {}, [0])
    assert refused.value.retryable


def test_other_errors_stay_what_they_are(pipeline: VariantPipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(pipeline.network, "encode_content", broken)
    with pytest.raises(RuntimeError, match="broken"):
        pipeline([{"image": drawn(9, 9)}], {}, [0])


def test_weights_are_opened_with_what_they_bring(variant_weights: Path) -> None:
    opened = load("variant", variant_weights, "cpu")
    assert opened.version == "test"
    assert opened.prior.radius > 0
    assert not opened.targets.named
    assert not opened.network.training
