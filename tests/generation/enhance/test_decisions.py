"""Presets and light in the pipeline, with tiny random weights."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from shop_genai.errors import LightUnavailable
from shop_genai.generation import load, weights
from shop_genai.generation.enhance.light import Light, LightConfig, LightNetwork
from shop_genai.generation.enhance.pipeline import EnhancePipeline
from tests.generation.pictures import drawn
from tests.generation.test_pictures import SRGB

DARK = Light(0.4, 0.4, 0.6, -0.1)  # natural logarithms: lighter, and bluer


def good(width: int = 900, height: int = 700) -> Image.Image:
    """Sharp, free of noise, bright."""
    picture = Image.new("RGB", (width, height), (250, 250, 250))
    for i in range(12):
        picture.paste((20 * i, 250 - 20 * i, 90), (60 * i + 20, 40, 60 * i + 60, height - 40))
    return picture


def codes(info: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in info["decision"]["reasons"]]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "CMYK"])
def test_a_good_picture_comes_back_to_the_bit(tiny: EnhancePipeline, mode: str) -> None:
    picture = good().convert(mode)
    picture.info["icc_profile"] = SRGB
    told: list[float] = []
    (output,) = tiny([{"image": picture}], {"preset": "auto"}, [5], told.append)
    assert (output.image.mode, output.image.tobytes()) == (mode, picture.tobytes())
    assert output.image is not picture
    assert output.image.info == {"icc_profile": SRGB}
    assert codes(output.info) == ["large_enough", "already_good"]
    assert (output.info["scale"], output.info["strength"], output.info["light"]) == (1, 0, 0)
    assert told == [1]


def test_each_picture_of_a_batch_gets_its_own_decision(tiny: EnhancePipeline) -> None:
    told: list[float] = []
    pictures = [good(), drawn(60, 40), drawn(90, 90)]
    params = [{"preset": "auto"}, {"preset": "catalogue"}, {"scale": 2}]
    outputs = tiny([{"image": picture} for picture in pictures], params, [0, 0, 0], told.append)
    assert [output.image.size for output in outputs] == [(900, 700), (240, 160), (180, 180)]
    assert [output.info["preset"] for output in outputs] == ["auto", "catalogue", "custom"]
    assert codes(outputs[1].info)[:2] == ["too_small", "noisy"]
    assert "decision" not in outputs[2].info
    assert json.loads(json.dumps([output.info for output in outputs])) == [output.info for output in outputs]
    assert told == sorted(told)
    assert told[-1] == 1


def test_an_enlarged_picture_is_shrunk_to_the_aim_and_its_alpha_with_it(tiny: EnhancePipeline) -> None:
    picture = good(450, 100)
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    (output,) = tiny([{"image": picture}], {"preset": "catalogue"}, [0])
    assert output.image.size == (1600, 356)
    assert output.image.mode == "RGBA"
    assert output.info["scale"] == 4
    assert output.info["decision"]["size"] == [1600, 356]
    assert codes(output.info)[0] == "small_shrunk"


def test_what_a_preset_decides_is_what_the_same_numbers_do(tiny: EnhancePipeline) -> None:
    picture = drawn(60, 40)
    (decided,) = tiny([{"image": picture}], {"preset": "auto"}, [0])
    used = {name: decided.info[name] for name in ("scale", "strength", "light")}
    (asked,) = tiny([{"image": picture}], used, [0])
    assert decided.image.tobytes() == asked.image.tobytes()


def repairing(pipeline: EnhancePipeline, seen: list[tuple[int, ...]] | None = None) -> EnhancePipeline:
    """The pipeline with a repair that is always the same."""

    def estimate(pixels: np.ndarray[Any, Any]) -> Light:
        if seen is not None:
            seen.append(pixels.shape)
        return DARK

    pipeline.light = estimate
    return pipeline


@pytest.mark.parametrize("amount", [0.5, 1.0])
def test_light_is_repaired_before_the_network_sees_the_picture(tiny: EnhancePipeline, amount: float) -> None:
    picture = drawn(40, 30)
    lit = Image.fromarray(DARK.scaled(amount).apply(np.asarray(picture)))
    (expected,) = tiny([{"image": lit}], {"scale": 2}, [0])
    (output,) = repairing(tiny)([{"image": picture}], {"scale": 2, "light": amount}, [0])
    assert output.image.tobytes() == expected.image.tobytes()
    assert output.info["light"] == amount


def test_light_is_judged_by_a_small_copy_of_what_is_visible(tiny: EnhancePipeline) -> None:
    seen: list[tuple[int, ...]] = []
    picture = Image.new("RGBA", (1600, 400), (200, 0, 0, 0))
    picture.paste((90, 80, 70, 255), (100, 50, 1500, 350))
    repairing(tiny, seen)([{"image": picture}], {"scale": 1, "light": 1.0}, [0])
    [(height, width, channels)] = seen
    assert (width, channels) == (768, 3)
    assert height == pytest.approx(768 * 300 / 1400, abs=1)


def test_a_dark_picture_is_repaired_by_a_preset_and_nothing_else_is(tiny: EnhancePipeline) -> None:
    dark = good().point(lambda value: value // 2)
    outputs = repairing(tiny)([{"image": dark}, {"image": good()}], {"preset": "auto"}, [0, 0])
    assert codes(outputs[0].info) == ["large_enough", "dark"]
    assert outputs[0].info["light"] == 0.5
    assert np.asarray(outputs[0].image).mean() > np.asarray(dark).mean() + 5
    assert outputs[1].image.tobytes() == good().tobytes()


def test_without_a_repair_light_is_refused_when_asked_for_and_left_by_presets(tiny: EnhancePipeline) -> None:
    with pytest.raises(LightUnavailable) as refused:
        tiny([{"image": drawn(8, 8)}], {"light": 0.1}, [0])
    assert (refused.value.code, refused.value.details["field"]) == ("light_unavailable", "light")
    dark = good().point(lambda value: value // 2)
    (output,) = tiny([{"image": dark}], {"preset": "auto"}, [0])
    assert codes(output.info) == ["large_enough", "dark", "light_unavailable"]
    assert output.info["light"] == 0


def test_weights_with_the_role_light_can_repair(tiny_weights: Path, tmp_path: Path) -> None:
    manifest = weights.manifest("enhance", tiny_weights)
    config = LightConfig(side=32, channels=4)
    torch.manual_seed(0)
    network = LightNetwork(config)
    torch.nn.init.constant_(network.last.bias, 0.5)  # always lighter
    states = {role: weights.tensors(manifest, role) for role in ("pixel", "gan")} | {"light": network.state_dict()}
    content = {key: value for key, value in manifest.content.items() if key != "files"}
    weights.write(tmp_path, {**content, "light": asdict(config)}, states)
    pipeline = load("enhance", tmp_path, "cpu", "float32")
    pictures = [
        pipeline([{"image": drawn(40, 30)}], {"scale": 1, "light": light}, [0])[0].image for light in (0.0, 1.0)
    ]
    assert np.asarray(pictures[1]).mean() > np.asarray(pictures[0]).mean() + 20
