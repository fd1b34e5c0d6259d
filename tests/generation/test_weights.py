"""Weights on disk: what is written is what is read, and nothing else is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch

from shop_genai.errors import WeightsMissing, WeightsTampered
from shop_genai.generation import weights

STATE = {"a": torch.tensor([1.0, -2.5]), "b": torch.full((2, 2), 0.1)}


def packed(folder: Path, version: str = "1", **content: object) -> weights.Manifest:
    return weights.write(folder, {"kind": "toy", "version": version, "promoted": True, **content}, {"pixel": STATE})


def test_tensors_come_back_in_float32_as_fp16_keeps_them(tmp_path: Path) -> None:
    manifest = packed(tmp_path)
    state = weights.tensors(manifest, "pixel")
    assert state["a"].tolist() == [1.0, -2.5]
    assert state["b"].dtype == torch.float32
    assert torch.allclose(state["b"], STATE["b"], atol=1e-4)
    assert manifest.roles == ("pixel",)
    assert manifest.version == "1"


def test_the_digest_is_the_sum_of_the_files(tmp_path: Path) -> None:
    manifest = packed(tmp_path)
    sha = hashlib.sha256((tmp_path / "toy_pixel.safetensors").read_bytes()).hexdigest()
    expected = hashlib.sha256(f"pixel {sha}\n".encode()).hexdigest()
    assert manifest.digest == weights.digest("toy", tmp_path) == expected


def test_a_changed_file_is_never_loaded(tmp_path: Path) -> None:
    manifest = packed(tmp_path)
    path = tmp_path / "toy_pixel.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsTampered) as refused:
        weights.tensors(manifest, "pixel")
    assert refused.value.code == "weights_tampered"


def test_a_longer_file_is_refused(tmp_path: Path) -> None:
    manifest = packed(tmp_path)
    with (tmp_path / "toy_pixel.safetensors").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(WeightsTampered):
        weights.tensors(manifest, "pixel")


def test_a_missing_file_or_role_is_named(tmp_path: Path) -> None:
    manifest = packed(tmp_path)
    with pytest.raises(WeightsMissing, match="gan"):
        weights.tensors(manifest, "gan")
    (tmp_path / "toy_pixel.safetensors").unlink()
    with pytest.raises(WeightsMissing, match=r"toy_pixel\.safetensors"):
        weights.tensors(manifest, "pixel")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"kind": "toy"}',
        '{"kind": "toy", "version": "1", "files": []}',
        '{"kind": "toy", "version": "1", "files": {"pixel": {"file": "x"}}}',
    ],
)
def test_a_broken_manifest_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "toy.json").write_text(text)
    with pytest.raises(WeightsMissing):
        weights.manifest("toy", tmp_path)


def test_of_several_manifests_the_promoted_one_counts(tmp_path: Path) -> None:
    first = packed(tmp_path)
    content = {**first.content, "version": "2", "promoted": False}
    (tmp_path / "toy-2.json").write_text(json.dumps(content))
    assert weights.manifest("toy", tmp_path).version == "1"
    (tmp_path / "toy.json").write_text(json.dumps({**first.content, "promoted": False}))
    (tmp_path / "toy-2.json").write_text(json.dumps({**content, "promoted": True}))
    assert weights.manifest("toy", tmp_path).version == "2"


def test_a_manifest_can_be_named_itself_but_not_for_another_kind(tmp_path: Path) -> None:
    path = packed(tmp_path, promoted=False).path
    assert weights.manifest("toy", path).version == "1"
    with pytest.raises(WeightsMissing):
        weights.manifest("enhance", path)


def test_a_rewritten_manifest_is_read_again(tmp_path: Path) -> None:
    packed(tmp_path)
    before = weights.digest("toy", tmp_path)
    weights.write(tmp_path, {"kind": "toy", "version": "1", "promoted": True}, {"pixel": {"a": torch.zeros(3)}})
    assert weights.digest("toy", tmp_path) != before


def test_what_is_too_large_to_package_is_not_written(tmp_path: Path) -> None:
    state = {"a": torch.zeros(weights.LARGEST_FILE // 2 + 1)}
    with pytest.raises(ValueError, match="more than"):
        weights.write(tmp_path, {"kind": "toy", "version": "1"}, {"pixel": state})
    assert not list(tmp_path.iterdir())
