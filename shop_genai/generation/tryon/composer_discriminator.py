"""The critic of the composer: is this patch, where the picture may have changed, from a photo?

Source: Isola et al. 2017, "Image-to-Image Translation with Conditional Adversarial Networks", section 3.2.2 (patches);
Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks"; Wang et al. 2018, "High-Resolution
Image Synthesis with Conditional GANs", section 3.2 (features).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


@dataclass(frozen=True)
class DiscriminatorConfig:
    """The shape of a discriminator; it is never shipped."""

    channels: int = 24  # width at half resolution; doubled at each of the two further halvings
    slope: float = 0.2  # negative slope of the leaky ReLU


class Discriminator(nn.Module):
    """A picture and the region that changed → one realness score for each patch of 38 pixels, and the features.

    Input: (N, 3, H, W) in [0, 1] and (N, 1, H, W). Output: scores (N, 1, H/8, W/8), unbounded, and a list of feature
    maps at 1/2, 1/4 and 1/8 of the resolution.
    """

    def __init__(self, config: DiscriminatorConfig = DiscriminatorConfig()) -> None:
        super().__init__()
        self.config = config
        c = config.channels
        shapes = ((4, c, 4, 2), (c, 2 * c, 4, 2), (2 * c, 4 * c, 4, 2), (4 * c, 4 * c, 3, 1))
        self.layers = nn.ModuleList(spectral_norm(nn.Conv2d(i, o, size, stride, 1)) for i, o, size, stride in shapes)
        self.score = nn.Conv2d(4 * c, 1, 1)

    def forward(self, picture: Tensor, region: Tensor) -> tuple[Tensor, list[Tensor]]:
        x = torch.cat([picture, region], dim=1) * 2 - 1
        features = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), self.config.slope)
            features.append(x)
        return self.score(x), features
