"""A whole training of the light network, in a few steps."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from shop_genai.generation.enhance.light import LightConfig, LightNetwork, estimate
from shop_genai.generation.enhance.light_task import LightTask, LightTaskConfig, SpoiledSampler
from shop_genai.generation.example import Example
from shop_genai.training import checkpoint
from shop_genai.training.light import Plan, run

TINY = LightTaskConfig(LightConfig(side=16, channels=4), SpoiledSampler(side=16))


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    """Coloured goods on white: the ground says what white is."""
    folder = tmp_path / "studio"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(12):
        picture = Image.new("RGB", (40, 40), "white")
        picture.paste(tuple(int(c) for c in rng.integers(30, 220, 3)), (12, 12, 30, 30))
        picture.save(folder / f"{number}.png")
    return folder


def test_it_learns_to_find_white_again(studio: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(Plan([studio], out, minutes=None, steps=120, batch=16, device="cpu", processes=0, config=TINY))
    network = LightNetwork(TINY.network)
    network.load_state_dict(checkpoint.read(out / "checkpoint.pt", "steady"))
    dark = np.full((30, 30, 3), (110, 100, 80), np.uint8)
    dark[10:20, 10:20] = (40, 10, 10)
    mended = estimate(network, dark).apply(dark)
    assert mended[0, 0].min() > 110  # lighter
    assert np.ptp(mended[0, 0].astype(int)) < 30  # and less yellow
    assert json.loads((out / "settings.json").read_text())["config"]["network"] == {"side": 16, "channels": 4}


def test_a_batch_holds_good_and_spoiled_views_of_one_place() -> None:
    picture = Image.new("RGB", (40, 40), (200, 180, 160))
    batch = TINY.sampler([Example(picture)] * 40, np.random.default_rng(0))
    assert batch["good"].shape == batch["spoiled"].shape == (40, 16, 16, 3)
    same = (batch["good"] == batch["spoiled"]).all(axis=(1, 2, 3))
    assert (same[batch["harmless"]]).all()
    assert not same.all()


def test_harmless_photos_count_more_and_there_is_no_discriminator() -> None:
    torch.manual_seed(0)
    batch = TINY.sampler([Example(Image.new("RGB", (40, 40), (150, 140, 90)))] * 4, np.random.default_rng(0))
    batch["harmless"][:] = True
    batch["spoiled"] = batch["good"] // 2
    errors = []
    for weight in (1.0, 3.0):
        task = LightTask(replace(TINY, harmless_weight=weight), torch.device("cpu"))
        task.forward(batch, task.generator, 0.0)
        errors.append(task.backward_G()["error"].item())
    assert errors[1] == pytest.approx(3 * errors[0])
    with pytest.raises(RuntimeError, match="no discriminator"):
        task.backward_D()
