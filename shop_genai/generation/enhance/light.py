"""Exposure and colour cast, mended by one smooth curve per channel for the whole picture.

A small network looks at a thumbnail and says which light the photo was taken in; the correction is three factors in
linear light (von Kries) and an exponent for the middle tones. Nothing else can come out of it: no colour is invented,
no edge moves, equal pixels stay equal. Small corrections are not made at all.

Sources: von Kries adaptation: Finlayson et al. 1994, "Color constancy: generalized diagonal transforms suffice". Curves
estimated from a thumbnail: Gharbi et al. 2017, "Deep Bilateral Learning for Real-Time Image Enhancement", section 3,
reduced to global curves.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from shop_genai.generation import tensors

LARGEST_GAIN = 1.25  # natural logarithm, of a channel's factor in linear light
LARGEST_CURVE = 0.35  # natural logarithm, of the exponent
LEAST = 3.0  # steps of 1/255: a correction that changes the grey ramp by less on average is not made


@dataclass(frozen=True)
class LightConfig:
    """The shape of the network; stored in the manifest beside its weights."""

    side: int = 64  # pixels of the thumbnail
    channels: int = 24  # after the first convolution; doubled twice


class LightNetwork(nn.Module):
    """Thumbnail (N, 3, side, side) in [0, 1] → corrections (N, 4): logarithms of three gains and of the exponent."""

    def __init__(self, config: LightConfig = LightConfig()) -> None:
        super().__init__()
        self.config = config
        c = config.channels
        widths = (3, c, 2 * c, 4 * c, 4 * c)
        self.convs = nn.ModuleList(
            nn.Conv2d(inputs, outputs, 3, stride=2, padding=1) for inputs, outputs in pairwise(widths)
        )
        self.hidden = nn.Linear(2 * widths[-1], 64)
        self.last = nn.Linear(64, 4)
        # Zero: before the first step every picture is left as it is.
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, thumbnail: Tensor) -> Tensor:
        x = thumbnail * 2 - 1
        for conv in self.convs:
            x = F.leaky_relu(conv(x), 0.1)
        # The mean tells the light, the maximum what white is.
        pooled = torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1)  # (N, 8c)
        raw = torch.tanh(self.last(F.leaky_relu(self.hidden(pooled), 0.1)))  # (N, 4)
        return raw * raw.new_tensor([LARGEST_GAIN, LARGEST_GAIN, LARGEST_GAIN, LARGEST_CURVE])


@dataclass(frozen=True)
class Light:
    """One correction, as natural logarithms; zeros leave a picture as it is."""

    red: float = 0.0
    green: float = 0.0
    blue: float = 0.0
    curve: float = 0.0  # of the exponent on encoded values; below 0 the middle tones become lighter

    @property
    def is_identity(self) -> bool:
        return self == Light()

    def scaled(self, amount: float) -> Light:
        """Part of the correction; 0 is none, 1 all of it."""
        return Light(self.red * amount, self.green * amount, self.blue * amount, self.curve * amount)

    def curves(self) -> NDArray[np.uint8]:
        """What becomes of each value in each channel, (256, 3)."""
        ramp = torch.arange(256, dtype=torch.float32).div(255).expand(1, 3, 1, 256)
        values = torch.tensor([[self.red, self.green, self.blue, self.curve]])
        curves: NDArray[np.uint8] = tensors.to_pixels(adjusted(ramp, values))[0, 0]
        return curves

    def apply(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The corrected picture, (H, W, 3); the very same array when there is nothing to do."""
        if self.is_identity:
            return pixels
        curves = self.curves()
        result = np.empty_like(pixels)
        for channel in range(3):
            result[:, :, channel] = curves[:, channel][pixels[:, :, channel]]
        return result


def adjusted(picture: Tensor, correction: Tensor) -> Tensor:
    """Apply corrections (N, 4) to pictures (N, 3, H, W) in [0, 1]; differentiable in both."""
    gains, curve = correction[:, :3, None, None].exp(), correction[:, 3:, None, None].exp()
    linear = torch.where(picture <= 0.04045, picture / 12.92, ((picture.clamp_min(0.04045) + 0.055) / 1.055) ** 2.4)
    lit = (linear * gains).clamp(0, 1)
    encoded = torch.where(lit <= 0.0031308, lit * 12.92, 1.055 * lit.clamp_min(0.0031308) ** (1 / 2.4) - 0.055)
    return encoded.clamp_min(1e-4) ** curve


@torch.no_grad()
def estimate(network: LightNetwork, pixels: NDArray[np.uint8]) -> Light:
    """The correction that a picture, (H, W, 3), needs; the identity when it would hardly be seen."""
    side = network.config.side
    thumbnail = Image.fromarray(pixels).resize((side, side), Image.Resampling.BOX)
    device = network.last.weight.device
    values = network(tensors.to_tensor(np.asarray(thumbnail), device))[0].cpu().tolist()
    light = Light(*(float(value) for value in values))
    grey = np.arange(256)[:, None]
    change = np.abs(light.curves().astype(np.float64) - grey)[64:].mean()  # deep shadows hardly count
    return light if change >= LEAST else Light()
