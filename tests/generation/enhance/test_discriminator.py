"""The discriminator: shapes, and that its convolutions are spectrally normalised."""

from __future__ import annotations

import torch
from torch import nn

from shop_genai.generation.enhance.discriminator import Discriminator, DiscriminatorConfig

SMALL = DiscriminatorConfig(channels=4)


def test_it_scores_every_two_pixels_and_shows_its_features() -> None:
    scores, features = Discriminator(SMALL)(torch.rand(2, 3, 16, 24))
    assert scores.shape == (2, 1, 8, 12)
    assert [tuple(f.shape[1:]) for f in features] == [
        (4, 8, 12),
        (8, 4, 6),
        (16, 2, 3),
        (16, 2, 3),
        (8, 4, 6),
        (4, 8, 12),
    ]


@torch.no_grad()
def test_its_layers_have_spectral_norm_one() -> None:
    torch.manual_seed(0)
    network = Discriminator(SMALL)
    for _ in range(20):  # each pass in training mode takes one step of the power iteration
        network(torch.rand(1, 3, 8, 8))
    network.eval()
    convolutions = [m for name, m in network.named_modules() if isinstance(m, nn.Conv2d) and name != "score"]
    assert len(convolutions) == 7
    for convolution in convolutions:
        largest = float(torch.linalg.matrix_norm(convolution.weight.flatten(1), 2))
        assert abs(largest - 1) < 0.05
