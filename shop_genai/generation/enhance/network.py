"""The enhancer's generator: one stack of residual 3x3 convolutions for x1, x2 and x4.

The trunk always works on a grid of one quarter of the *output*: a picture is folded (pixel-unshuffle) by 4, 2 or 1 on
the way in, for scale 1, 2 or 4, and unfolded by 4 on the way out. So all scales share one trunk, and an output pixel
costs the same whatever the scale. Plain convolutions keep a CPU busier than attention, splits or depthwise ones do.

Sources: pixel shuffle: Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
Convolutional Neural Network", eq. 4. Residual blocks without normalisation: Lim et al. 2017, "Enhanced Deep Residual
Networks for Single Image Super-Resolution" (EDSR), figure 2c. Reparameterised convolutions: Ding et al. 2021,
"RepVGG", section 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .params import SCALES

GRID = 4  # output pixels per trunk position, along each axis


@dataclass(frozen=True)
class GeneratorConfig:
    """The shape of a generator; stored in the manifest beside its weights."""

    channels: int = 64  # width of the trunk
    depth: int = 20  # number of 3x3 convolutions in the trunk; two make a residual block
    slope: float = 0.1  # negative slope of the leaky ReLU


class RepConv(nn.Module):
    """A 3x3 convolution that is the sum of a 3x3, a 1x1 and, if asked for, an identity branch.

    No normalisation stands between the branches, so their sum *is* one 3x3 convolution at every moment of training. The
    kernels are therefore added, not the feature maps: training costs what a plain convolution costs, and `fold` only
    writes the sum down.

    Args:
        channels: in and out.
        identity: whether the identity branch is there.
        gain: factor of the usual (He) standard deviation of the first kernels.

    Source: Ding et al. 2021 (RepVGG), section 3.3 and figure 4.
    """

    def __init__(self, channels: int, identity: bool, gain: float) -> None:
        super().__init__()
        self.kernel3 = nn.Parameter(torch.empty(channels, channels, 3, 3))
        self.kernel1 = nn.Parameter(torch.empty(channels, channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("identity", identity * torch.eye(channels)[:, :, None, None], persistent=False)
        nn.init.normal_(self.kernel3, std=gain * (2 / (9 * channels)) ** 0.5)
        nn.init.normal_(self.kernel1, std=0.3 * gain * (2 / channels) ** 0.5)

    def kernel(self) -> Tensor:
        """The sum of the branches as one kernel, (C, C, 3, 3)."""
        centre = self.kernel1 + self.get_buffer("identity")  # (C, C, 1, 1)
        return self.kernel3 + F.pad(centre, (1, 1, 1, 1))  # (C, C, 3, 3)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.kernel(), self.bias, padding=1)

    @torch.no_grad()
    def fold(self) -> nn.Conv2d:
        """The same function as a plain convolution."""
        plain = nn.Conv2d(self.bias.numel(), self.bias.numel(), 3, padding=1)
        plain.weight.copy_(self.kernel())
        plain.bias.copy_(self.bias)  # type: ignore[union-attr]  # a Conv2d made with a bias has one
        return plain


class Block(nn.Module):
    """x + second(leaky_relu(first(x))): a residual block.

    The skip goes past the activation, so it cannot be folded into a kernel. It stays because it learns faster than
    folding everything: after the same 150 steps of a trial 29.45 dB, against 29.28 dB for a chain of identity + 3x3
    convolutions.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.slope = config.slope
        self.first: nn.Module = RepConv(config.channels, identity=True, gain=1.0)
        # A small start keeps the whole stack near the identity: the signal neither grows nor dies over the depth.
        self.second: nn.Module = RepConv(config.channels, identity=False, gain=0.1)

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.second(F.leaky_relu(self.first(x), self.slope, inplace=True))
        return x + inner

    def fold(self) -> None:
        """Replace both convolutions by the plain ones that they equal."""
        for name in ("first", "second"):
            conv = getattr(self, name)
            if isinstance(conv, RepConv):
                setattr(self, name, conv.fold())


class Generator(nn.Module):
    """Degraded picture in, picture of `scale` times its size out.

    Input: (N, 3, h, w) float32 in [0, 1]; `h * scale` and `w * scale` must be multiples of 4. Output: float32,
    (N, 3, h*scale, w*scale), not clamped. The weights may be bfloat16: only the detail that is added to the enlarged
    input is computed with them, because eight bits of mantissa would band a smooth background.
    """

    def __init__(self, config: GeneratorConfig = GeneratorConfig()) -> None:
        super().__init__()
        self.config = config
        self.heads = nn.ModuleDict(
            {str(scale): nn.Conv2d(3 * (GRID // scale) ** 2, config.channels, 3, padding=1) for scale in SCALES}
        )
        self.trunk = nn.Sequential(*(Block(config) for _ in range(config.depth // 2)))
        self.tail = nn.Conv2d(config.channels, 3 * GRID**2, 3, padding=1)
        # Zero: before the first step the generator is exactly the bicubic enlargement.
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)  # type: ignore[arg-type]  # a Conv2d made with a bias has one

    def forward(self, low: Tensor, scale: int) -> Tensor:
        height, width = low.shape[-2:]
        if low.shape[1] != 3 or (height * scale) % GRID or (width * scale) % GRID:
            raise ValueError(
                f"expected (N, 3, h, w) with h and w times {scale} divisible by {GRID}, got {tuple(low.shape)}"
            )
        folded = F.pixel_unshuffle(low, GRID // scale).to(self.tail.weight.dtype)  # (N, 3*(4/s)^2, H/4, W/4)
        head = self.heads[str(scale)](folded)  # (N, C, H/4, W/4)
        features = head + self.trunk(head)  # (N, C, H/4, W/4)
        detail = F.pixel_shuffle(self.tail(features), GRID).float()  # (N, 3, H, W)
        if scale == 1:
            return low + detail
        # PyTorch's bicubic is twice as fast on planes as on channels-last memory.
        return F.interpolate(low.contiguous(), scale_factor=scale, mode="bicubic", align_corners=False) + detail

    def fold(self) -> Generator:
        """Replace every reparameterised convolution by the plain one that it equals; in place, for inference."""
        for block in self.trunk:
            if isinstance(block, Block):
                block.fold()
        return self.eval()
