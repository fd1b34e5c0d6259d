"""Restored pictures against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from shop_genai.generation.enhance import degradation
from shop_genai.training import metrics
from shop_genai.training.evaluating import enhance
from shop_genai.training.packs import read_pack
from tests.generation.pictures import drawn


class Nearest:
    """Stands in for an enhancer: repeats pixels."""

    def __call__(self, inputs: Sequence[Any], params: Any, seeds: Sequence[int]) -> list[Any]:
        low, scale = inputs[0]["image"], params["scale"]
        size = (low.width * scale, low.height * scale)
        return [SimpleNamespace(image=low.resize(size, Image.Resampling.NEAREST))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(3):
        drawn(70, 66, number).save(tmp_path / f"{number}.png")
    return tmp_path


def test_every_scale_and_strength_is_measured_against_the_input(folder: Path) -> None:
    said: list[tuple[int, int]] = []
    entries = read_pack(folder, "test")
    found = enhance.restore(Nearest(), entries, lambda done, total: said.append((done, total)))  # type: ignore[arg-type]  # a stand-in
    methods = [f"x{s} {m}" for s in (2, 4) for m in ("bicubic", "strength 0", "strength 0.5", "strength 1")]
    assert set(methods) <= found.keys()
    assert said == [(1, 3), (2, 3), (3, 3)]
    # By hand: x2, the stand-in, averaged over the pictures.
    ratios = []
    for entry in entries:
        target = Image.open(entry.path).crop((0, 0, 68, 64))
        low = degradation.degrade(target, 2, degradation.sample(degradation.seeded(entry.name, 2)))
        ratios.append(metrics.psnr_y(np.asarray(low.resize((68, 64), Image.Resampling.NEAREST)), np.asarray(target)))
    assert found["x2 strength 0"]["psnr_y"] == pytest.approx(np.mean(ratios))
    assert 0 < found["x4 bicubic"]["ssim_y"] < 1


def test_inputs_that_need_no_restoring_do_not_count(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(degradation, "sample", lambda rng: degradation.Degradation("area"))
    found = enhance.restore(Nearest(), read_pack(folder, "test"))  # type: ignore[arg-type]  # a stand-in
    assert not [name for name in found if name.startswith("x1")]


def test_large_photos_are_shrunk_first(folder: Path) -> None:
    assert enhance._target(drawn(1600, 402)).size == (768, 192)
