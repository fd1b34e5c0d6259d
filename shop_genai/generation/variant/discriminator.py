"""The critic of the variant VAE: does this patch look like a photo of cloth?

Source: Larsen et al. 2016, "Autoencoding beyond pixels using a learned similarity metric" (VAE-GAN); patches: Isola et
al. 2017, "Image-to-Image Translation with Conditional Adversarial Networks", section 3.2.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


@dataclass(frozen=True)
class DiscriminatorConfig:
    """The shape of a discriminator; it is never shipped."""

    channels: int = 24  # width at half resolution; doubled at each of the two further halvings
    slope: float = 0.2  # negative slope of the leaky ReLU


class Discriminator(nn.Module):
    """(N, 3, H, W) in [0, 1] → one realness score for each patch of about 22 pixels: (N, 1, H/8, W/8), unbounded."""

    def __init__(self, config: DiscriminatorConfig = DiscriminatorConfig()) -> None:
        super().__init__()
        c, slope = config.channels, config.slope
        self.layers = nn.Sequential(
            spectral_norm(nn.Conv2d(3, c, 4, 2, 1)),
            nn.LeakyReLU(slope),
            spectral_norm(nn.Conv2d(c, 2 * c, 4, 2, 1)),
            nn.LeakyReLU(slope),
            spectral_norm(nn.Conv2d(2 * c, 4 * c, 4, 2, 1)),
            nn.LeakyReLU(slope),
            nn.Conv2d(4 * c, 1, 1),
        )

    def forward(self, picture: Tensor) -> Tensor:
        scores: Tensor = self.layers(2 * picture - 1)
        return scores
