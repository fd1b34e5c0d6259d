"""The generator: shapes, its start at plain enlargement, and folding."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from shop_genai.generation.enhance.network import Block, Generator, GeneratorConfig, RepConv
from tests.generation.conftest import TINY, random_generator


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_the_output_is_scale_times_as_large(scale: int) -> None:
    output = random_generator(0)(torch.rand(2, 3, 8, 12), scale)
    assert output.shape == (2, 3, 8 * scale, 12 * scale)
    assert output.dtype == torch.float32


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_before_training_it_is_the_plain_enlargement(scale: int) -> None:
    low = torch.rand(1, 3, 8, 8)
    plain = low if scale == 1 else F.interpolate(low, scale_factor=scale, mode="bicubic", align_corners=False)
    assert torch.equal(Generator(TINY)(low, scale), plain)


@pytest.mark.parametrize(
    ("shape", "scale"), [((1, 3, 6, 8), 1), ((1, 3, 8, 7), 2), ((1, 4, 8, 8), 2), ((1, 1, 8, 8), 4)]
)
def test_a_size_off_the_grid_or_another_number_of_channels_is_refused(shape: tuple[int, ...], scale: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        Generator(TINY)(torch.rand(shape), scale)


def test_an_unknown_scale_is_refused() -> None:
    with pytest.raises(KeyError):
        Generator(TINY)(torch.rand(1, 3, 8, 8), 3)


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_folding_changes_nothing_but_the_form(scale: int) -> None:
    network = random_generator(3, GeneratorConfig(channels=16, depth=6))
    low = torch.rand(1, 3, 16, 16)
    with torch.no_grad():
        unfolded = network(low, scale)
        folded = network.fold()(low, scale)
    assert not any(isinstance(module, RepConv) for module in network.modules())
    assert float((unfolded - folded).abs().max()) < 1e-5


def test_folding_twice_is_folding_once() -> None:
    network = random_generator(3).fold()
    low = torch.rand(1, 3, 8, 8)
    with torch.no_grad():
        assert torch.equal(network(low, 2), network.fold()(low, 2))


def test_a_reparameterised_kernel_is_the_sum_of_its_branches() -> None:
    conv = RepConv(1, identity=True, gain=1.0)
    with torch.no_grad():
        conv.kernel3.fill_(2.0)
        conv.kernel1.fill_(0.5)
    kernel = conv.kernel()[0, 0]
    assert kernel.flatten().tolist() == [2.0, 2.0, 2.0, 2.0, 3.5, 2.0, 2.0, 2.0, 2.0]


def test_a_block_adds_its_input() -> None:
    block = Block(TINY)
    torch.nn.init.zeros_(block.get_parameter("second.kernel3"))
    torch.nn.init.zeros_(block.get_parameter("second.kernel1"))
    x = torch.rand(1, 8, 4, 4)
    assert torch.equal(block(x.clone()), x)


def test_the_default_has_the_size_that_the_design_names() -> None:
    numbers = sum(p.numel() for p in Generator().fold().parameters())
    assert 700_000 < numbers < 900_000
