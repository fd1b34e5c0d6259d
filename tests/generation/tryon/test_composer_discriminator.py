"""The composer's critic."""

from __future__ import annotations

import torch

from shop_genai.generation.tryon.composer_discriminator import Discriminator, DiscriminatorConfig


def test_one_score_for_each_eight_pixels_and_features_on_the_way() -> None:
    critic = Discriminator(DiscriminatorConfig(channels=4))
    scores, features = critic(torch.rand(2, 3, 48, 32), torch.ones(2, 1, 48, 32))
    assert scores.shape == (2, 1, 6, 4)
    assert [tuple(plane.shape[1:]) for plane in features] == [(4, 24, 16), (8, 12, 8), (16, 6, 4), (16, 6, 4)]


def test_a_score_depends_on_its_own_patch_and_on_the_region() -> None:
    torch.manual_seed(0)
    critic = Discriminator(DiscriminatorConfig(channels=4)).eval()
    picture, region = torch.rand(1, 3, 96, 96), torch.ones(1, 1, 96, 96)
    other = picture.clone()
    other[..., 60:] = 0
    with torch.no_grad():
        first, second = critic(picture, region)[0], critic(other, region)[0]
        elsewhere = critic(picture, 0 * region)[0]
    assert torch.equal(first[..., :5], second[..., :5])
    assert not torch.equal(first[..., 7:], second[..., 7:])
    assert not torch.equal(first, elsewhere)
