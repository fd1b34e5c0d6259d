"""Other people's files, opened and used like our own weights."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from shop_genai.errors import InvalidParams, LightUnavailable, WeightsMissing, WeightsTampered, WeightsUnsupported
from shop_genai.generation import load, weights
from shop_genai.generation.enhance.foreign import describe
from shop_genai.generation.enhance.pipeline import EnhancePipeline
from tests.generation.enhance.foreign import reference
from tests.generation.pictures import drawn


def calm(state: reference.State) -> reference.State:
    """Weights whose results stay within 0..1 for the most part, as trained ones do."""
    last = "conv_last" if "conv_last.weight" in state else f"body.{max(int(name.split('.')[1]) for name in state)}"
    deep = last == "conv_last"
    state[f"{last}.weight"] *= 0.3 if deep else 0.1
    state[f"{last}.bias"] += 0.4 if deep else 0.1
    return state


KINDS = {
    "compact": calm(reference.compact_state(12, 3, 4, True)),
    "esrgan": calm(reference.esrgan_state(8, 4, 2, 2, 1)),
    "esrgan folded": calm(reference.esrgan_state(8, 4, 2, 2, 2)),
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name, state in KINDS.items():
        save_file({key: tensor.contiguous() for key, tensor in state.items()}, tmp_path / f"{name}.safetensors")
    return tmp_path


def opened(place: Path, kind: str = "compact") -> EnhancePipeline:
    return load("enhance", place / f"{kind}.safetensors", "cpu")


def enhanced(pipeline: EnhancePipeline, picture: Image.Image, **params: Any) -> Image.Image:
    return pipeline([{"image": picture}], params, [0])[0].image


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("size", [(1, 1), (3, 50), (77, 45)])
def test_any_size_comes_back_enlarged(place: Path, kind: str, size: tuple[int, int]) -> None:
    pipeline = opened(place, kind)
    for scale in pipeline.restorer.scales:
        result = enhanced(pipeline, drawn(*size).convert("RGBA"), scale=scale)
        assert (result.mode, result.size) == ("RGBA", (size[0] * scale, size[1] * scale))


@pytest.mark.parametrize("kind", list(KINDS))
def test_tiles_join_without_a_seam(place: Path, kind: str) -> None:
    pipeline = opened(place, kind)
    unit = pipeline.restorer.grid(1).unit
    halo = pipeline.restorer.grid(1).halo // unit
    for scale in pipeline.restorer.scales:
        pipeline.tile = 400
        whole = np.asarray(enhanced(pipeline, drawn(110, 90), scale=scale), np.int16)
        pipeline.tile = 2 * halo + 24
        tiled = np.asarray(enhanced(pipeline, drawn(110, 90), scale=scale), np.int16)
        assert np.abs(whole - tiled).max() <= 2
        assert whole.std() > 10


def test_a_smaller_scale_is_the_own_one_shrunk_and_a_larger_one_is_refused(place: Path) -> None:
    pipeline = opened(place)
    assert pipeline.restorer.scales == (1, 2, 4)
    large = enhanced(pipeline, drawn(30, 20), scale=4)
    small = np.asarray(enhanced(pipeline, drawn(30, 20), scale=2), np.int16)
    expected = np.asarray(large.resize((60, 40), Image.Resampling.LANCZOS), np.int16)
    # At the picture's border the tile knows its mirrored surroundings, the plain shrinking does not.
    assert np.abs(small - expected)[4:-4, 4:-4].max() <= 1
    folded = opened(place, "esrgan folded")
    assert folded.restorer.scales == (1, 2)
    with pytest.raises(InvalidParams) as refused:
        enhanced(folded, drawn(8, 8), scale=4)
    assert refused.value.details["field"] == "scale"


def test_the_facts_name_the_file(place: Path) -> None:
    pipeline = opened(place)
    (output,) = pipeline([{"image": drawn(8, 8)}], {"scale": 4, "strength": 0.5}, [0])
    content = (place / "compact.safetensors").read_bytes()
    assert output.info["weights"] == pipeline.digest == hashlib.sha256(content).hexdigest()
    assert output.info["weights_version"] == "compact"
    assert output.info["dtype"] == "float32"
    assert output.info["strength"] == 0
    assert output.info["decision"]["reasons"][0]["code"] == "strength_unavailable"
    with pytest.raises(LightUnavailable):
        pipeline([{"image": drawn(8, 8)}], {"light": 0.5}, [0])
    with pytest.raises(WeightsUnsupported):
        _ = pipeline.config


def test_presets_choose_among_the_scales_that_there_are(place: Path) -> None:
    pipeline = opened(place, "esrgan folded")
    (output,) = pipeline([{"image": drawn(40, 30)}], {"preset": "catalogue"}, [0])
    assert output.image.size == (80, 60)
    assert output.info["decision"]["reasons"][0]["code"] == "too_small"


def described(place: Path, **more: Any) -> Path:
    file = place / "compact.safetensors"
    content = file.read_bytes()
    entry = {"file": file.name, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    manifest = {"kind": "enhance", "version": "x4-9", "promoted": True, "licence": "BSD-3-Clause", **more}
    (place / "enhance.json").write_text(json.dumps({**manifest, "files": {"network": entry}}))
    return place


def test_a_manifest_names_version_licence_and_architecture(place: Path) -> None:
    pipeline = load("enhance", described(place, architecture="compact"), "cpu", "bfloat16")
    assert pipeline.version == "x4-9"
    assert pipeline.digest == weights.digest("enhance", place)
    exact = enhanced(opened(place), drawn(20, 20), scale=4)
    assert opened(place).version == "x4-9"
    difference = np.asarray(enhanced(pipeline, drawn(20, 20), scale=4), np.int16) - np.asarray(exact, np.int16)
    assert np.abs(difference).max() <= 8


def test_a_manifest_can_be_written(place: Path) -> None:
    manifest = describe(place / "compact.safetensors", "x4 small", "BSD-3-Clause")
    assert (manifest.version, manifest.content["licence"]) == ("x4 small", "BSD-3-Clause")
    assert (manifest.content["architecture"], manifest.content["scale"]) == ("compact", 4)
    by_folder, by_file = load("enhance", place, "cpu"), opened(place)
    assert (by_folder.digest, by_folder.version, by_file.version) == (manifest.digest, "x4 small", "x4 small")
    assert enhanced(by_folder, drawn(9, 9)).tobytes() == enhanced(by_file, drawn(9, 9)).tobytes()
    with pytest.raises(FileExistsError):
        describe(place / "esrgan.safetensors", "other", "MIT")
    assert load("enhance", place / "esrgan.safetensors", "cpu").version == "esrgan"  # that manifest is not about it


def test_a_manifest_that_is_wrong_is_refused(place: Path) -> None:
    with pytest.raises(WeightsUnsupported, match="esrgan"):
        load("enhance", described(place, architecture="esrgan"), "cpu")
    with (place / "compact.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x7f")
    with pytest.raises(WeightsTampered):
        load("enhance", place, "cpu")


@pytest.mark.parametrize("suffix", ["pth", "pt", "ckpt"])
def test_pickles_are_never_opened(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"x4.{suffix}"
    torch.save({"body.0.weight": torch.zeros(1)}, file)
    with pytest.raises(WeightsUnsupported, match="safetensors"):
        load("enhance", file, "cpu")


def test_damaged_and_missing_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x4.safetensors").write_bytes(b"nonsense")
    with pytest.raises(WeightsUnsupported, match="not a safetensors file"):
        load("enhance", tmp_path / "x4.safetensors", "cpu")
    with pytest.raises(WeightsMissing):
        load("enhance", tmp_path / "none.safetensors", "cpu")


class Descriptor:
    """What spandrel returns for a network, as far as it is used here."""

    input_channels = output_channels = 3
    scale = 2
    architecture = SimpleNamespace(id="SwinIR")
    size_requirements = SimpleNamespace(multiple_of=8)

    def __init__(self) -> None:
        self.model = torch.nn.Conv2d(3, 3, 1)
        torch.nn.init.dirac_(self.model.weight)
        torch.nn.init.zeros_(self.model.bias)

    def __call__(self, low: torch.Tensor) -> torch.Tensor:
        assert low.shape[2] % 8 == low.shape[3] % 8 == 0
        return self.model(low).repeat_interleave(2, 2).repeat_interleave(2, 3)


class UnsupportedModelError(Exception):
    pass


def fake_spandrel(result: Any) -> Any:
    class Loader:
        def __init__(self, device: str) -> None:
            pass

        def load_from_file(self, path: Path) -> Any:
            if isinstance(result, Exception):
                raise result
            return result

    return SimpleNamespace(
        ModelLoader=Loader, ImageModelDescriptor=Descriptor, UnsupportedModelError=UnsupportedModelError
    )


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    save_file({"attention.weight": torch.zeros(4)}, tmp_path / "strange.safetensors")
    return tmp_path / "strange.safetensors"


def test_spandrel_opens_what_is_unknown_here(strange: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spandrel", fake_spandrel(Descriptor()))
    pipeline = load("enhance", strange, "cpu")
    assert pipeline.restorer.architecture == "swinir"
    picture = drawn(150, 21)
    result = enhanced(pipeline, picture, scale=2)
    assert result.tobytes() == picture.resize((300, 42), Image.Resampling.NEAREST).tobytes()


def test_what_spandrel_cannot_do_is_said(strange: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spandrel", fake_spandrel(UnsupportedModelError()))
    with pytest.raises(WeightsUnsupported, match="does not know it either"):
        load("enhance", strange, "cpu")
    monkeypatch.setitem(sys.modules, "spandrel", fake_spandrel(SimpleNamespace()))
    with pytest.raises(WeightsUnsupported, match="RGB"):
        load("enhance", strange, "cpu")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import torchvision_of_tests", "needs torchvision_of_tests"),
        ("raise RuntimeError('built for another torch')", "another torch"),
    ],
)
def test_a_spandrel_that_cannot_be_imported_says_why(
    strange: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str
) -> None:
    (tmp_path / "spandrel.py").write_text(body)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "spandrel", raising=False)
    with pytest.raises(WeightsUnsupported, match=said):
        load("enhance", strange, "cpu")
