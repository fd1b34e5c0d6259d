"""ESRGAN: residual-in-residual dense blocks, enlarged by repeated doubling.

Three ways of naming the tensors are in use: that of the first release (`model.1.sub.0.RDB1.conv1.0.weight`), that of
its later code (`RRDB_trunk.0.RDB1.conv1.weight`) and that of Real-ESRGAN (`body.0.rdb1.conv1.weight`). All are renamed
to the last one. Scales below 4 are reached by fewer doublings, or by folding the input first (pixel unshuffle).

Sources: Wang et al. 2018, "ESRGAN", section 3.1 and figure 4 (blocks, residual scaling 0.2); Wang et al. 2021,
"Real-ESRGAN", section 3.3 (pixel unshuffle).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

NAME = "esrgan"
SLOPE = 0.2  # of the leaky ReLU
RESIDUAL = 0.2  # how much of a block is added to its input


@dataclass(frozen=True)
class EsrganConfig:
    """The shape of a network."""

    channels: int
    growth: int  # channels that each convolution of a dense block adds
    blocks: int
    doublings: int
    fold: int  # the input is folded by this along both axes first

    @property
    def scale(self) -> int:
        return int(2**self.doublings) // self.fold


class DenseBlock(nn.Module):
    """Five convolutions, each of which sees the results of all before it."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        for i in range(1, 6):
            outputs = growth if i < 5 else channels
            self.add_module(f"conv{i}", nn.Conv2d(channels + (i - 1) * growth, outputs, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        seen = [x]
        for i in range(1, 5):
            seen.append(F.leaky_relu(self.get_submodule(f"conv{i}")(torch.cat(seen, 1)), SLOPE))
        last: Tensor = self.get_submodule("conv5")(torch.cat(seen, 1))
        return x + RESIDUAL * last


class Block(nn.Module):
    """Three dense blocks with a residual of their own."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.rdb1, self.rdb2, self.rdb3 = (DenseBlock(channels, growth) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.rdb3(self.rdb2(self.rdb1(x)))
        return x + RESIDUAL * inner


class Esrgan(nn.Module):
    """(N, 3, h, w) → (N, 3, h*scale, w*scale); h and w are multiples of `fold`."""

    def __init__(self, config: EsrganConfig) -> None:
        super().__init__()
        self.config = config
        width = config.channels
        self.conv_first = nn.Conv2d(3 * config.fold**2, width, 3, padding=1)
        self.body = nn.Sequential(*(Block(width, config.growth) for _ in range(config.blocks)))
        self.conv_body = nn.Conv2d(width, width, 3, padding=1)
        for i in range(1, config.doublings + 1):
            self.add_module(f"conv_up{i}", nn.Conv2d(width, width, 3, padding=1))
        self.conv_hr = nn.Conv2d(width, width, 3, padding=1)
        self.conv_last = nn.Conv2d(width, 3, 3, padding=1)

    def forward(self, low: Tensor) -> Tensor:
        head = self.conv_first(F.pixel_unshuffle(low, self.config.fold))  # (N, C, h/f, w/f)
        features = head + self.conv_body(self.body(head))
        for i in range(1, self.config.doublings + 1):
            doubled = F.interpolate(features, scale_factor=2, mode="nearest")
            features = F.leaky_relu(self.get_submodule(f"conv_up{i}")(doubled), SLOPE)
        high: Tensor = self.conv_last(F.leaky_relu(self.conv_hr(features), SLOPE))
        return high


def renamed(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors of any of the three layouts under the names of `Esrgan`; other names stay."""
    if "model.0.weight" in state:
        return _from_first_release(state)
    if "RRDB_trunk.0.RDB1.conv1.weight" in state:
        fixed = {"trunk_conv": "conv_body", "HRconv": "conv_hr", "RRDB_trunk": "body"}
        return {_later_name(name, fixed): tensor for name, tensor in state.items()}
    return dict(state)


def read_config(state: Mapping[str, Tensor]) -> EsrganConfig | None:
    """The shape that renamed tensors tell; None: they are not those of an ESRGAN network."""
    first, grown = state.get("conv_first.weight"), state.get("body.0.rdb1.conv1.weight")
    if first is None or grown is None or first.ndim != 4 or grown.ndim != 4 or first.shape[1] < 3:
        return None
    blocks = {int(match[1]) for name in state if (match := re.match(r"body\.(\d+)\.", name))}
    doublings = sum(name.startswith("conv_up") and name.endswith(".weight") for name in state)
    fold = math.isqrt(first.shape[1] // 3)
    config = EsrganConfig(first.shape[0], grown.shape[0], len(blocks), doublings, fold)
    with torch.device("meta"):
        expected = {name: tensor.shape for name, tensor in Esrgan(config).state_dict().items()}
    return config if config.scale and expected == {name: tensor.shape for name, tensor in state.items()} else None


def reach(config: EsrganConfig) -> int:
    """How many positions of the trunk away a pixel still counts: one for each convolution."""
    return 15 * config.blocks + 4


def _later_name(name: str, fixed: Mapping[str, str]) -> str:
    head, _, rest = name.partition(".")
    head = fixed.get(head, re.sub(r"^upconv(\d)$", r"conv_up\1", head))
    return f"{head}.{rest.replace('RDB', 'rdb')}"


def _from_first_release(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """There the layers are numbered: the first, the trunk, then the doublings and the two last, wherever they stand."""
    behind = sorted({int(name.split(".")[1]) for name in state if re.match(r"model\.\d+\.weight$", name)} - {0})
    names = {0: "conv_first"} | {n: f"conv_up{i}" for i, n in enumerate(behind[:-2], start=1)}
    names |= dict(zip(behind[-2:], ("conv_hr", "conv_last"), strict=False))
    trunk = max((int(m[1]) for name in state if (m := re.match(r"model\.1\.sub\.(\d+)\.weight$", name))), default=-1)
    result = {}
    for name, tensor in state.items():
        if inner := re.fullmatch(r"model\.1\.sub\.(\d+)\.RDB([123])\.conv([1-5])\.0\.(weight|bias)", name):
            block, dense, conv, kind = inner.groups()
            result[f"body.{block}.rdb{dense}.conv{conv}.{kind}"] = tensor
        elif name.startswith(f"model.1.sub.{trunk}."):
            result[f"conv_body.{name.rsplit('.', 1)[1]}"] = tensor
        elif (outer := re.fullmatch(r"model\.(\d+)\.(weight|bias)", name)) and int(outer[1]) in names:
            result[f"{names[int(outer[1])]}.{outer[2]}"] = tensor
        else:
            result[name] = tensor  # something else is in there: the shapes will not fit
    return result
