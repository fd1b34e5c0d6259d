"""The network's shapes."""

from __future__ import annotations

from dataclasses import asdict

import pytest
import torch

from shop_genai.generation.pose.network import STRIDE, Block, PoseConfig, PoseNetwork
from tests.generation.pose.tiny import TINY


def test_it_says_what_it_must() -> None:
    torch.manual_seed(0)
    found = PoseNetwork(TINY).eval()(torch.rand(2, 3, TINY.height, TINY.width))
    assert found.maps.shape == (2, 17, TINY.height // STRIDE, TINY.width // STRIDE)
    assert (found.inside.shape, found.facing.shape, found.people.shape) == ((2, 17), (2, 2), (2, 3))


def test_its_shape_is_kept_in_the_manifest() -> None:
    assert PoseConfig.from_dict({**asdict(TINY), "widths": list(TINY.widths)}) == TINY


def test_the_one_that_ships_is_light() -> None:
    assert sum(weight.numel() for weight in PoseNetwork().parameters()) < 1.5e6


def test_a_new_block_says_nothing() -> None:
    x = torch.rand(1, 6, 4, 4)
    torch.testing.assert_close(Block(6).eval()(x), x)


def test_other_sides_than_multiples_are_refused() -> None:
    with pytest.raises(RuntimeError):
        PoseNetwork(TINY)(torch.rand(1, 3, 60, 60))
