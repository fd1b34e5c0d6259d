"""`load`: one door to every generator."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from shop_genai import generation
from shop_genai.errors import TorchMissing, UnknownRecipe, WeightsMissing
from tests.generation.pictures import drawn


def test_a_loaded_pipeline_makes_pictures(tiny_weights: Path) -> None:
    pipeline = generation.load("enhance", str(tiny_weights), "cpu")
    (output,) = pipeline([{"image": drawn(12, 8)}], {"scale": 2}, [7])
    assert output.image.size == (24, 16)
    assert output.mask is None
    assert output.info["seed"] == 7
    assert output.info["weights"] == pipeline.digest
    assert output.info["weights_version"] == "test"
    assert output.info["input_size"] == [12, 8]


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownRecipe, match="There are: accessory, cutout, dcgan, enhance, "):
        generation.load("paint")


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        generation.load("enhance", tmp_path)


@pytest.mark.parametrize("package", ["torch", "safetensors", "numpy"])
def test_a_process_without_pytorch_says_so(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)

    monkeypatch.setattr(generation, "import_module", absent)
    with pytest.raises(TorchMissing, match=package):
        generation.load("enhance")


def test_other_missing_modules_are_not_mistaken_for_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError("No module named 'left_out'", name="left_out")

    monkeypatch.setattr(generation, "import_module", absent)
    with pytest.raises(ModuleNotFoundError, match="left_out"):
        generation.load("enhance")


def test_neither_door_imports_what_it_must_not() -> None:
    code = (
        "import sys, shop_genai.generation, shop_genai.generation.weights, shop_genai.generation.enhance.params\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules\n"
        "import shop_genai.generation.enhance.pipeline, shop_genai.training.command\n"
        "assert 'django' not in sys.modules and 'torch' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
