"""The enhancer at work, with tiny random weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from torch import Tensor

from shop_genai.errors import ImageTooLarge, InvalidInputs, InvalidParams, OutOfMemory, WeightsTampered
from shop_genai.generation import load, weights
from shop_genai.generation.enhance import restorers
from shop_genai.generation.enhance.network import Generator
from shop_genai.generation.enhance.params import EnhanceParams
from shop_genai.generation.enhance.pipeline import EnhancePipeline
from tests.generation.pictures import drawn
from tests.generation.test_pictures import of_mode

scales = st.sampled_from([1, 2, 4])
modes = st.sampled_from(["RGB", "L", "RGBA", "P", "CMYK", "LA", "I;16"])


def enhanced(pipeline: EnhancePipeline, picture: Image.Image, **params: Any) -> Image.Image:
    return pipeline([{"image": picture}], params, [0])[0].image


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(width=st.integers(1, 70), height=st.integers(1, 70), mode=modes, scale=scales)
def test_any_size_and_mode_comes_back_enlarged(
    tiny: EnhancePipeline, width: int, height: int, mode: str, scale: int
) -> None:
    result = enhanced(tiny, of_mode(mode, width, height), scale=scale)
    assert result.size == (width * scale, height * scale)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(width=st.integers(1, 150), height=st.integers(1, 150), scale=scales)
def test_tiles_join_without_a_seam(tiny: EnhancePipeline, width: int, height: int, scale: int) -> None:
    picture = drawn(width, height)
    tiny.tile = restorers.TILE
    whole = np.asarray(enhanced(tiny, picture, scale=scale), np.int16)
    tiny.tile = 32
    tiled = np.asarray(enhanced(tiny, picture, scale=scale), np.int16)
    assert np.abs(whole - tiled).max() <= 2


def test_the_network_never_sees_more_than_a_tile(tiny: EnhancePipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, ...]] = []
    forward = Generator.forward

    def watched(self: Generator, low: Tensor, scale: int) -> Tensor:
        seen.append(tuple(low.shape))
        return forward(self, low, scale)

    monkeypatch.setattr(Generator, "forward", watched)
    enhanced(tiny, drawn(700, 90), scale=2)
    assert len(seen) > 1
    assert all(shape[0] == 1 and max(shape[2:]) <= 2 * restorers.TILE for shape in seen)


def test_a_picture_alone_and_in_company_comes_out_the_same(tiny: EnhancePipeline) -> None:
    pictures = [drawn(20, 14, seed=1), drawn(33, 21, seed=2).convert("L"), drawn(20, 14, seed=3)]
    asked = [{"scale": 2}, {"scale": 4, "strength": 1.0}, EnhanceParams(2)]
    together = tiny([{"image": picture} for picture in pictures], asked, [1, 2, 3])
    for picture, params, output in zip(pictures, asked, together, strict=True):
        (alone,) = tiny([{"image": picture}], params, [0])
        assert alone.image.tobytes() == output.image.tobytes()
    assert [output.info["seed"] for output in together] == [1, 2, 3]


def test_strength_blends_the_two_sets_of_weights(tiny: EnhancePipeline) -> None:
    name = "tail.weight"
    pixel, gan = tiny.restorer.states["pixel"][name], tiny.restorer.states["gan"][name]
    assert torch.equal(tiny.network(0.0).tail.weight, pixel)
    assert torch.equal(tiny.network(1.0).tail.weight, gan)
    assert torch.allclose(tiny.network(0.25).tail.weight, 0.75 * pixel + 0.25 * gan)
    pictures = [enhanced(tiny, drawn(16, 16), strength=s).tobytes() for s in (0.0, 0.5, 1.0)]
    assert len(set(pictures)) == 3


def test_only_the_last_strengths_are_kept_ready(tiny: EnhancePipeline) -> None:
    first = tiny.network(0.0)
    for strength in (0.1, 0.2, 0.0, 0.3):
        tiny.network(strength)
    assert tiny.network(0.0) is first
    assert len(tiny.restorer._ready) == restorers.READY


def test_bfloat16_is_close_to_float32(tiny_weights: Path, tiny: EnhancePipeline) -> None:
    half = load("enhance", tiny_weights, "cpu", "bfloat16")
    assert half.network(0.5).tail.weight.dtype == torch.bfloat16
    assert half.network(0.5).tail.weight.is_contiguous(memory_format=torch.channels_last)
    difference = np.asarray(enhanced(tiny, drawn(32, 32)), np.int16) - np.asarray(enhanced(half, drawn(32, 32)))
    assert np.abs(difference).max() <= 4


def test_progress_rises_to_one_over_all_pictures(tiny: EnhancePipeline) -> None:
    told: list[float] = []
    tiny.tile = 32
    tiny([{"image": drawn(90, 60)}, {"image": drawn(9, 9)}], [{"scale": 2}, {"scale": 1}], [0, 0], told.append)
    assert told == sorted(told)
    assert len(told) > 2
    assert told[-1] == 1


def test_progress_may_stop_the_work(tiny: EnhancePipeline) -> None:
    class Stopped(Exception):
        pass

    def stop(share: float) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        tiny([{"image": drawn(9, 9)}], {}, [0], stop)


@pytest.mark.parametrize(
    ("slots", "params", "seeds", "error"),
    [
        ({}, {}, [0], InvalidInputs),
        ({"image": drawn(4, 4), "mask": drawn(4, 4)}, {}, [0], InvalidInputs),
        ({"image": drawn(4, 4)}, {}, [0, 1], InvalidInputs),
        ({"image": drawn(4, 4)}, {"scale": 3}, [0], InvalidParams),
        ({"image": drawn(4, 4)}, {"colour": 1}, [0], InvalidParams),
        ({"image": drawn(4, 4)}, [{}, {}], [0], InvalidParams),
        ({"image": Image.new("F", (4, 4))}, {}, [0], InvalidInputs),
        ({"image": Image.new("1", (5000, 5000))}, {"scale": 4}, [0], ImageTooLarge),
    ],
)
def test_what_cannot_be_done_is_refused(
    tiny: EnhancePipeline, slots: dict[str, Image.Image], params: Any, seeds: list[int], error: type[Exception]
) -> None:
    with pytest.raises(error):
        tiny([slots], params, seeds)


def test_tampered_weights_are_not_opened(tiny_weights: Path, tmp_path: Path) -> None:
    for file in tiny_weights.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "enhance_gan.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x7f")
    with pytest.raises(WeightsTampered):
        load("enhance", tmp_path)


def failing_above(
    pixels: int, error: Exception, calls: list[tuple[int, ...]]
) -> Callable[[Generator, Tensor, int], Tensor]:
    """A forward pass that has memory for so many trunk positions only."""
    forward = Generator.forward

    def limited(self: Generator, low: Tensor, scale: int) -> Tensor:
        calls.append(tuple(low.shape))
        if low.shape[0] * low.shape[2] * low.shape[3] > pixels:
            raise error
        return forward(self, low, scale)

    return limited


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_when_memory_runs_out_batches_and_then_tiles_shrink(
    tiny: EnhancePipeline, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = drawn(70, 66)
    expected = np.asarray(enhanced(tiny, picture, scale=4), np.int16)
    tiny.batch, tiny.tile = 4, 64
    calls: list[tuple[int, ...]] = []
    told: list[float] = []
    monkeypatch.setattr(Generator, "forward", failing_above(32 * 32, error, calls))
    (output,) = tiny([{"image": picture}], {"scale": 4}, [0], told.append)
    assert (tiny.batch, tiny.tile) == (1, 32)
    assert [shape[0] for shape in calls[:3]] == [4, 2, 1]
    assert output.info["device"] == "cpu"
    assert np.abs(np.asarray(output.image, np.int16) - expected).max() <= 2
    assert told == sorted(told)
    assert told[-1] == 1


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_when_nothing_fits_the_error_has_a_code(
    tiny: EnhancePipeline, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Generator, "forward", failing_above(0, MemoryError(), []))
    tiny.device = torch.device(device)
    with pytest.raises(OutOfMemory) as refused:
        enhanced(tiny, drawn(64, 64), scale=2)
    assert refused.value.code == "out_of_memory"
    assert refused.value.retryable


def test_when_a_gpu_is_full_this_call_is_computed_on_the_cpu_and_the_next_tries_again(
    tiny: EnhancePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = drawn(70, 66)
    expected = enhanced(tiny, picture, scale=2)
    forward = Generator.forward
    tried: list[str] = []

    def full(self: Generator, low: Tensor, scale: int) -> Tensor:
        tried.append(low.device.type)
        if low.device.type == "meta":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(self, low, scale)

    monkeypatch.setattr(Generator, "forward", full)
    tiny.device = torch.device("meta")  # a device without memory stands in for a GPU without free memory
    tiny.batch = 4
    told: list[float] = []
    for _ in range(2):
        (output,) = tiny([{"image": picture}], {"scale": 2}, [0], told.append)
        assert output.info["device"] == "cpu"
        assert output.image.tobytes() == expected.tobytes()
        assert tried[0] == "meta"
        assert tried[-1] == "cpu"
        assert tiny.tile == restorers.TILE
        tried.clear()
    assert told[-1] == 1


@pytest.mark.parametrize("scale", [1, 2, 4])
@pytest.mark.parametrize("side", [5, 40, 133])
def test_a_flat_picture_is_the_same_at_its_edge_as_inside(tiny: EnhancePipeline, scale: int, side: int) -> None:
    pixels = np.asarray(enhanced(tiny, Image.new("RGB", (side, side), (200, 180, 160)), scale=scale), np.int16)
    cell = pixels[:4, :4]  # random weights leave a pattern of one cell, which must be the same everywhere
    for y in range(0, side * scale, 4):
        for x in range(0, side * scale, 4):
            found = pixels[y : y + 4, x : x + 4]
            assert np.abs(found - cell[: found.shape[0], : found.shape[1]]).max() <= 1


@pytest.mark.parametrize("turn", [3, 6, 7])
def test_a_photo_comes_back_upright(tiny: EnhancePipeline, turn: int) -> None:
    picture = drawn(20, 14)
    picture.getexif()[0x0112] = turn
    upright = ImageOps.exif_transpose(picture)
    (output,) = tiny([{"image": picture}], {"scale": 2}, [0])
    assert output.info["input_size"] == list(upright.size)
    assert output.image.tobytes() == enhanced(tiny, upright, scale=2).tobytes()


def test_one_sharpness_only_is_used_and_said(tiny_weights: Path, tmp_path: Path) -> None:
    content = json.loads((tiny_weights / "enhance.json").read_text())
    pixel = weights.tensors(weights.manifest("enhance", tiny_weights), "pixel")
    weights.write(tmp_path, {key: value for key, value in content.items() if key != "files"}, {"pixel": pixel})
    pipeline = load("enhance", tmp_path, "cpu", "float32")
    (output,) = pipeline([{"image": drawn(12, 9)}], {"strength": 1.0}, [0])
    assert output.info["strength"] == 0.0
    assert [reason["code"] for reason in output.info["decision"]["reasons"]] == ["strength_unavailable"]
    assert output.image.tobytes() == enhanced(pipeline, drawn(12, 9), strength=0.0).tobytes()
    assert "decision" not in pipeline([{"image": drawn(12, 9)}], {"strength": 0.0}, [0])[0].info


def test_other_errors_are_not_taken_for_missing_memory(tiny: EnhancePipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[int, ...]] = []
    monkeypatch.setattr(Generator, "forward", failing_above(0, RuntimeError("shapes differ"), calls))
    with pytest.raises(RuntimeError, match="shapes differ"):
        enhanced(tiny, drawn(8, 8))
    assert len(calls) == 1
