"""A larger generator that computes what a smaller one computes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from shop_genai.generation.enhance.growing import grown
from shop_genai.generation.enhance.network import Generator, GeneratorConfig

SMALL = GeneratorConfig(channels=4, depth=4)


def trained(config: GeneratorConfig = SMALL) -> Generator:
    """A generator none of whose parameters is zero, as after training."""
    torch.manual_seed(3)
    network = Generator(config)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return network


def picture(scale: int) -> Tensor:
    return torch.rand(2, 3, 16 // scale, 24 // scale, generator=torch.Generator().manual_seed(scale))


@pytest.mark.parametrize("scale", [1, 2, 4])
@pytest.mark.parametrize(("channels", "depth"), [(4, 4), (7, 4), (4, 8), (9, 10)])
def test_wider_and_deeper_computes_the_same(channels: int, depth: int, scale: int) -> None:
    small = trained()
    large = grown(small.state_dict(), SMALL, GeneratorConfig(channels, depth))
    with torch.no_grad():
        expected, found = small(picture(scale), scale), large(picture(scale), scale)
    assert not torch.allclose(expected, Generator(SMALL)(picture(scale), scale), atol=1e-3)  # it does compute something
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


def test_the_old_parameters_are_still_there() -> None:
    small = trained()
    large = grown(small.state_dict(), SMALL, GeneratorConfig(6, 6))
    for name, value in large.state_dict().items():
        if name in small.state_dict():
            old = small.state_dict()[name]
            corner = value[tuple(slice(length) for length in old.shape)]
            assert torch.equal(corner, old), name


def test_the_gradient_reaches_what_is_new() -> None:
    large = grown(trained().state_dict(), SMALL, GeneratorConfig(6, 6))
    target = torch.rand(2, 3, 16, 24, generator=torch.Generator().manual_seed(9))
    # One step moves the zeros that read the new channels; then the new channels get a gradient too.
    optimiser = torch.optim.SGD(large.parameters(), 0.1)
    for _ in range(2):
        optimiser.zero_grad()
        torch.autograd.backward(((large(picture(2), 2) - target) ** 2).mean())
        optimiser.step()
    gradients = {name: parameter.grad for name, parameter in large.named_parameters()}
    assert float(gradients["tail.weight"][:, 4:].abs().sum()) > 0  # type: ignore[index]  # two steps were made
    assert float(gradients["heads.2.weight"][4:].abs().sum()) > 0  # type: ignore[index]  # as above
    assert float(gradients["trunk.0.first.kernel3"][4:].abs().sum()) > 0  # type: ignore[index]  # as above
    assert float(gradients["trunk.2.second.kernel3"].abs().sum()) > 0  # type: ignore[union-attr]  # as above
    assert float(gradients["trunk.2.first.kernel3"].abs().sum()) > 0  # type: ignore[union-attr]  # as above


@pytest.mark.parametrize("shape", [GeneratorConfig(3, 4), GeneratorConfig(4, 2), GeneratorConfig(4, 4, slope=0.2)])
def test_it_does_not_shrink_or_change_its_activation(shape: GeneratorConfig) -> None:
    with pytest.raises(ValueError, match="cannot grow"):
        grown(trained().state_dict(), SMALL, shape)
