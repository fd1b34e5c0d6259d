"""Compact and ESRGAN once more, as plain functions of tensors by name: what the modules are compared with."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

State = dict[str, Tensor]


def random_conv(state: State, name: str, inputs: int, outputs: int) -> None:
    state[f"{name}.weight"] = torch.randn(outputs, inputs, 3, 3) * (1 / (9 * inputs)) ** 0.5
    state[f"{name}.bias"] = torch.randn(outputs) * 0.05


def compact_state(channels: int, convolutions: int, scale: int, parametric: bool) -> State:
    torch.manual_seed(channels + convolutions)
    state: State = {}
    inputs = 3
    for i in range(convolutions + 1):
        random_conv(state, f"body.{2 * i}", inputs, channels)
        if parametric:
            state[f"body.{2 * i + 1}.weight"] = torch.rand(channels)
        inputs = channels
    random_conv(state, f"body.{2 * convolutions + 2}", inputs, 3 * scale**2)
    return state


def compact(state: State, low: Tensor, scale: int) -> Tensor:
    last = max(int(name.split(".")[1]) for name in state)
    x = low
    for i in range(0, last + 1, 2):
        x = F.conv2d(x, state[f"body.{i}.weight"], state[f"body.{i}.bias"], padding=1)
        if i < last:
            slope = state.get(f"body.{i + 1}.weight", torch.zeros(1))
            x = torch.where(x > 0, x, x * slope.view(1, -1, 1, 1))
    n, _, height, width = x.shape
    # Pixel shuffle by hand: channel c*s*s + dy*s + dx goes to (y*s + dy, x*s + dx) of channel c.
    x = x.view(n, 3, scale, scale, height, width).permute(0, 1, 4, 2, 5, 3)
    x = x.reshape(n, 3, height * scale, width * scale)
    return x + low.repeat_interleave(scale, 2).repeat_interleave(scale, 3)


def esrgan_state(channels: int, growth: int, blocks: int, doublings: int, fold: int) -> State:
    """In the layout of Real-ESRGAN."""
    torch.manual_seed(channels + blocks + doublings + fold)
    state: State = {}
    random_conv(state, "conv_first", 3 * fold**2, channels)
    for block in range(blocks):
        for dense in (1, 2, 3):
            for conv in range(1, 6):
                inputs, outputs = channels + (conv - 1) * growth, growth if conv < 5 else channels
                random_conv(state, f"body.{block}.rdb{dense}.conv{conv}", inputs, outputs)
    random_conv(state, "conv_body", channels, channels)
    for i in range(1, doublings + 1):
        random_conv(state, f"conv_up{i}", channels, channels)
    random_conv(state, "conv_hr", channels, channels)
    random_conv(state, "conv_last", channels, 3)
    return state


def esrgan(state: State, low: Tensor, blocks: int, doublings: int, fold: int) -> Tensor:
    def conv(name: str, x: Tensor) -> Tensor:
        return F.conv2d(x, state[f"{name}.weight"], state[f"{name}.bias"], padding=1)

    def bend(x: Tensor) -> Tensor:
        return torch.maximum(x, 0.2 * x)

    n, _, height, width = low.shape
    x = low.view(n, 3, height // fold, fold, width // fold, fold).permute(0, 1, 3, 5, 2, 4)
    head = conv("conv_first", x.reshape(n, 3 * fold**2, height // fold, width // fold))
    x = head
    for block in range(blocks):
        y = x
        for dense in (1, 2, 3):
            path = f"body.{block}.rdb{dense}.conv"
            x1 = bend(conv(f"{path}1", y))
            x2 = bend(conv(f"{path}2", torch.cat((y, x1), 1)))
            x3 = bend(conv(f"{path}3", torch.cat((y, x1, x2), 1)))
            x4 = bend(conv(f"{path}4", torch.cat((y, x1, x2, x3), 1)))
            y = y + 0.2 * conv(f"{path}5", torch.cat((y, x1, x2, x3, x4), 1))
        x = x + 0.2 * y
    x = head + conv("conv_body", x)
    for i in range(1, doublings + 1):
        x = bend(conv(f"conv_up{i}", x.repeat_interleave(2, 2).repeat_interleave(2, 3)))
    return conv("conv_last", bend(conv("conv_hr", x)))


def later_layout(state: State) -> State:
    """The same tensors under the names of the original authors' later code."""
    result = {}
    for name, tensor in state.items():
        if name.startswith("body."):
            name = name.replace("body.", "RRDB_trunk.", 1).replace("rdb", "RDB")
        for new, old in (("conv_body", "trunk_conv"), ("conv_up", "upconv"), ("conv_hr", "HRconv")):
            name = name.replace(new, old)
        result[name] = tensor
    return result


def first_layout(state: State, blocks: int, doublings: int) -> State:
    """The same tensors under the numbers of the first release: enlarge, convolve, bend for each doubling."""
    places = {"conv_first": "model.0", "conv_body": f"model.1.sub.{blocks}"}
    place = 0
    for i in range(1, doublings + 1):
        place = 3 * i
        places[f"conv_up{i}"] = f"model.{place}"
    places["conv_hr"], places["conv_last"] = f"model.{place + 2}", f"model.{place + 4}"
    result = {}
    for name, tensor in state.items():
        head, kind = name.rsplit(".", 1)
        if head in places:
            result[f"{places[head]}.{kind}"] = tensor
        else:
            _, block, dense, conv = head.split(".")
            result[f"model.1.sub.{block}.{dense.upper()}.{conv}.0.{kind}"] = tensor
    return result
