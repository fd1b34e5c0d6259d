"""Variant weights for tests: random, and a finder that takes what it is given."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from PIL import Image

from shop_genai.errors import ProductNotFound
from shop_genai.generation import weights
from shop_genai.generation.segment.masks import ProductMask
from shop_genai.generation.variant.network import VariantConfig, VariantVae
from shop_genai.generation.variant.pipeline import VariantPipeline

TINY = VariantConfig(side=32, appearance=6, channels=8, hidden=16, layers=4, cells=4)


def random_network(seed: int = 0, config: VariantConfig = TINY) -> VariantVae:
    """A network whose last layers, zero before training, say something."""
    torch.manual_seed(seed)
    network = VariantVae(config)
    for layer in (network.whole[-1], network.local[-1], network.modulation):
        torch.nn.init.normal_(layer.weight, std=0.02)
    torch.nn.init.normal_(network.write.weight, std=0.6)
    torch.nn.init.normal_(network.look[-1].weight, std=0.6)
    torch.nn.init.normal_(network.appearance[-1].weight, std=0.5)
    return network.eval().requires_grad_(False)


class EverythingFinder:
    """Finds a product everywhere but on a black picture."""

    def product_mask(self, picture: Image.Image) -> ProductMask:
        if picture.convert("L").getextrema() == (0, 0):
            raise ProductNotFound("Nothing is seen.")
        return ProductMask(Image.new("L", picture.size, 255), "network", "worn", 0.9)


@pytest.fixture(scope="session")
def network() -> VariantVae:
    return random_network()


@pytest.fixture
def pipeline(network: VariantVae) -> VariantPipeline:
    named = {"red": [1.0, 0, 0, 0, 0, 0], "navy": [0, -1.0, 0.5, 0, 0, 0], "white": [0, 0, 0, 2.0, 0, 0]}
    return VariantPipeline(network, torch.device("cpu"), "d" * 64, "test", named=named, finder=EverythingFinder())


@pytest.fixture(scope="session")
def variant_weights(tmp_path_factory: pytest.TempPathFactory, network: VariantVae) -> Path:
    folder = tmp_path_factory.mktemp("variant")
    content = {"kind": "variant", "version": "test", "promoted": True, "network": asdict(TINY)}
    weights.write(folder, content, {"variant": network.state_dict()})
    return folder
