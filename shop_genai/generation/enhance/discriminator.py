"""The critic of the enhancer's GAN stage: a U-Net that judges every pixel in its surroundings.

Source: Schönfeld et al. 2020, "A U-Net Based Discriminator for GANs"; with spectral normalisation as in Wang et al.
2021, "Real-ESRGAN", section 3.3. Half of the latter's width, so that two CPU cores can train against it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


@dataclass(frozen=True)
class DiscriminatorConfig:
    """The shape of a discriminator; it is never shipped."""

    channels: int = 32  # width at half resolution; doubled at each of the two further halvings
    slope: float = 0.2  # negative slope of the leaky ReLU


class Discriminator(nn.Module):
    """Picture in, one realness score per 2x2 pixels out, and the features on the way.

    Input: (N, 3, H, W) in [0, 1], H and W divisible by 8. Output: scores (N, 1, H/2, W/2), unbounded, and the list of
    feature maps that feature matching compares.
    """

    def __init__(self, config: DiscriminatorConfig = DiscriminatorConfig()) -> None:
        super().__init__()
        self.config = config
        c = config.channels

        def conv(inputs: int, outputs: int, size: int, stride: int) -> nn.Module:
            return spectral_norm(nn.Conv2d(inputs, outputs, size, stride, padding=1))

        self.stem = conv(3, c, 4, 2)
        self.down1 = conv(c, 2 * c, 4, 2)
        self.down2 = conv(2 * c, 4 * c, 4, 2)
        self.middle = conv(4 * c, 4 * c, 3, 1)
        self.up1 = conv(4 * c, 2 * c, 3, 1)
        self.up2 = conv(2 * c, c, 3, 1)
        self.last = conv(c, c, 3, 1)
        self.score = nn.Conv2d(c, 1, 3, padding=1)

    def forward(self, picture: Tensor) -> tuple[Tensor, list[Tensor]]:
        slope = self.config.slope

        def active(x: Tensor) -> Tensor:
            return F.leaky_relu(x, slope)

        def doubled(x: Tensor) -> Tensor:
            return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)

        half = active(self.stem(picture * 2 - 1))  # (N, c, H/2, W/2)
        quarter = active(self.down1(half))  # (N, 2c, H/4, W/4)
        eighth = active(self.down2(quarter))  # (N, 4c, H/8, W/8)
        middle = active(self.middle(eighth))  # (N, 4c, H/8, W/8)
        up1 = active(self.up1(doubled(middle))) + quarter  # (N, 2c, H/4, W/4)
        up2 = active(self.up2(doubled(up1))) + half  # (N, c, H/2, W/2)
        last = active(self.last(up2))  # (N, c, H/2, W/2)
        return self.score(last), [half, quarter, eighth, middle, up1, last]
