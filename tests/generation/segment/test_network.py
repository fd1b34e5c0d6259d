"""The U-Net."""

from __future__ import annotations

import pytest
import torch

from shop_genai.generation.segment.classes import CLASSES
from shop_genai.generation.segment.network import SegmentConfig, SegmentNetwork
from tests.generation.segment.tiny import TINY


@pytest.mark.parametrize("size", [(16, 24), (40, 16)])
def test_it_answers_for_every_pixel(size: tuple[int, int]) -> None:
    assert TINY.multiple == 8
    logits = SegmentNetwork(TINY)(torch.rand(2, 3, *size))
    assert logits.shape == (2, len(CLASSES) + 1, *size)


def test_its_shape_comes_back_from_a_manifest() -> None:
    content = {"classes": list(CLASSES), "side": 32, "widths": [16, 16, 24]}
    assert SegmentConfig.from_dict(content) == TINY


def test_every_weight_learns() -> None:
    network = SegmentNetwork(TINY)
    network(torch.rand(2, 3, 16, 16)).square().sum().backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in network.parameters())


def test_the_packaged_shape_is_what_a_cpu_can_train() -> None:
    count = sum(weight.numel() for weight in SegmentNetwork().parameters())
    assert 1e6 < count < 2e6
