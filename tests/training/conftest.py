"""A folder of small pictures to train on, and the smallest enhancer that can be trained."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from shop_genai.generation.enhance.discriminator import DiscriminatorConfig
from shop_genai.generation.enhance.network import GeneratorConfig
from shop_genai.generation.enhance.task import EnhanceConfig, PairSampler
from shop_genai.training import curves
from tests.generation.pictures import drawn

SMALL = EnhanceConfig(
    generator=GeneratorConfig(channels=8, depth=2),
    discriminator=DiscriminatorConfig(channels=4),
    sampler=PairSampler(patch=32, margin=4),
    perceptual_weight=0.0,
)


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Sums in one order, so that equal runs are equal to the bit; tiny networks need no more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def no_curves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn: at every save it would take longer than what these tests look at."""
    monkeypatch.setattr(curves, "available", lambda: False)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five pictures in two folders, one of them too small to train on."""
    folder = tmp_path_factory.mktemp("pictures")
    for number, (kind, side) in enumerate([("shirts", 64), ("shirts", 72), ("mugs", 48), ("mugs", 80), ("mugs", 20)]):
        (folder / kind).mkdir(exist_ok=True)
        drawn(side, side - 4, number).save(folder / kind / f"{number}.png")
    return folder
