"""Maps of odds: made from places and read back."""

from __future__ import annotations

import math

import torch

from shop_genai.generation.pose.heatmaps import SPREAD, entropy, places, targets
from shop_genai.generation.pose.network import STRIDE

WHERE = torch.tensor([[[33.0, 20.5], [12.25, 41.75]]])


def test_a_target_is_a_distribution_about_its_place() -> None:
    maps = targets(WHERE, 16, 12)
    assert maps.shape == (1, 2, 16, 12)
    torch.testing.assert_close(maps.sum(dim=(2, 3)), torch.ones(1, 2))
    # The pixel whose middle is the place: its odds are those of a Gaussian, exp(0) against the sum over the grid.
    middle = targets(torch.tensor([[[4.5 * STRIDE, 6.5 * STRIDE]]]), 16, 12)[0, 0]
    assert middle.argmax() == 6 * 12 + 4
    assert math.isclose(float(middle[6, 5] / middle[6, 4]), math.exp(-1 / (2 * SPREAD**2)), rel_tol=1e-5)


def test_places_are_read_finer_than_the_maps_pixels() -> None:
    found, sharp = places(targets(WHERE, 16, 12).log())
    torch.testing.assert_close(found, WHERE, atol=0.35, rtol=0)  # of 4 pixels to a map's pixel
    assert sharp.min() > 0.9


def test_a_second_person_does_not_pull() -> None:
    two = targets(torch.tensor([[[10.0, 30.0]]]), 16, 24) + 0.6 * targets(torch.tensor([[[80.0, 30.0]]]), 16, 24)
    found, sharp = places(two.log())
    torch.testing.assert_close(found[0, 0], torch.tensor([10.0, 30.0]), atol=0.35, rtol=0)
    assert 0.55 < sharp.item() < 0.65  # 1 / 1.6


def test_entropy_counts_known_joints_only() -> None:
    wanted = torch.zeros(1, 2, 2, 2)
    wanted[0, 0, 0, 1] = wanted[0, 1, 1, 1] = 1
    maps = torch.zeros(1, 2, 2, 2)  # all odds are 1/4
    maps[0, 1] = torch.tensor([[9.0, 0], [0, 0]])
    assert math.isclose(entropy(maps, wanted, torch.tensor([[1.0, 0.0]])).item(), math.log(4), rel_tol=1e-6)
    lacking = math.log(math.exp(9) + 3)
    both = entropy(maps, wanted, torch.ones(1, 2)).item()
    assert math.isclose(both, (math.log(4) + lacking) / 2, rel_tol=1e-6)
    assert entropy(maps, wanted, torch.zeros(1, 2)).item() == 0
