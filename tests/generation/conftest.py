"""Weights for tests: tiny, random, written and read as real ones are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from shop_genai.generation import load, weights
from shop_genai.generation.enhance.network import Generator, GeneratorConfig
from shop_genai.generation.enhance.pipeline import EnhancePipeline

TINY = GeneratorConfig(channels=8, depth=2)


@pytest.fixture(scope="session", autouse=True)
def _two_threads() -> Iterator[None]:
    """Small networks gain nothing from many threads, and results do not depend on the machine's number of cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(min(2, before))
    yield
    torch.set_num_threads(before)


def random_generator(seed: int, config: GeneratorConfig = TINY) -> Generator:
    """A generator whose last layer, zero before training, adds visible detail."""
    torch.manual_seed(seed)
    network = Generator(config)
    torch.nn.init.normal_(network.tail.weight, std=0.02)
    return network


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights whose pixel and GAN roles differ."""
    folder = tmp_path_factory.mktemp("weights")
    content = {"kind": "enhance", "version": "test", "promoted": True, "network": asdict(TINY)}
    roles = {"pixel": random_generator(1).state_dict(), "gan": random_generator(2).state_dict()}
    weights.write(folder, content, roles)
    return folder


@pytest.fixture
def tiny(tiny_weights: Path) -> EnhancePipeline:
    """A pipeline on the CPU in float32 with those weights."""
    return load("enhance", tiny_weights, "cpu", "float32")
