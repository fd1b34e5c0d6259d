"""A larger generator that computes what a smaller one computes, as a start for further training.

So a network need not be trained from nothing when it gets wider or deeper. What the small network knew stays in its own
channels, which nothing new flows into at first; new channels start at random, and what reads them starts at zero, so
that the gradient reaches both.

Source: Chen et al. 2016, "Net2Net", sections 3.1 and 3.2 (there with copied channels; here with fresh ones).
"""

from __future__ import annotations

import torch
from torch import Tensor

from .network import Generator, GeneratorConfig


@torch.no_grad()
def grown(state: dict[str, Tensor], small: GeneratorConfig, large: GeneratorConfig) -> Generator:
    """A generator of shape `large` with the function that `state`, of shape `small`, has.

    Raises:
        ValueError: `large` is narrower or shallower, or has another slope.
    """
    if large.channels < small.channels or large.depth < small.depth or large.slope != small.slope:
        raise ValueError(f"{small} cannot grow into {large}")
    network = Generator(large)
    if large == small:
        network.load_state_dict(state)
        return network
    old = small.channels
    for name, value in network.state_dict().items():
        if name in state:
            _place(name, value, state[name], old)
    for number in range(small.depth // 2, large.depth // 2):
        block = network.get_submodule(f"trunk.{number}.second")
        for parameter in block.parameters():  # the block adds nothing yet
            parameter.zero_()
    return network


def _place(name: str, new: Tensor, old: Tensor, channels: int) -> None:
    """Put the small network's parameter into a corner of the large one's, in place."""
    if name.startswith("heads"):
        new[:channels] = old  # reads pixels: only its outputs have become more
    elif name == "tail.weight":
        new.zero_()
        new[:, :channels] = old  # writes pixels: only its inputs have become more
    elif name == "tail.bias":
        new.copy_(old)
    elif old.ndim == 4:
        new[:channels].zero_()  # old outputs read no new channel
        new[:channels, :channels] = old
    else:
        new[:channels] = old
