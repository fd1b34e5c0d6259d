"""The variant VAE: the colour curve, both encoders, the decoder."""

from __future__ import annotations

import pytest
import torch

from shop_genai.generation.variant.grid import applied
from shop_genai.generation.variant.network import SMALLEST_STEP, VariantConfig, VariantVae, curve_of

from .conftest import TINY, random_network


def two_tone() -> tuple[torch.Tensor, torch.Tensor]:
    """Red above, green below, on a ground outside the mask that must not count."""
    picture = torch.zeros(1, 3, 32, 32)
    picture[:, 2] = 1.0
    shading = torch.linspace(-0.02, 0.02, 24)
    picture[:, :, 4:16, 4:28] = torch.tensor([0.8, 0.1, 0.1]).view(1, 3, 1, 1) + shading
    picture[:, :, 16:28, 4:28] = torch.tensor([0.1, 0.7, 0.2]).view(1, 3, 1, 1) + shading
    mask = torch.zeros(1, 1, 32, 32)
    mask[:, :, 4:28, 4:28] = 1
    return picture, mask


def test_a_curve_holds_the_garments_colours_by_brightness_and_by_height() -> None:
    picture, mask = two_tone()
    curve = curve_of(picture, mask, 4)
    dark, bright = 0.299 * 0.8 + 0.587 * 0.1 + 0.114 * 0.1, 0.299 * 0.1 + 0.587 * 0.7 + 0.114 * 0.2
    assert float(curve.levels[0, 0]) == pytest.approx(dark - 0.02, abs=0.002)
    assert float(curve.levels[0, -1]) == pytest.approx(bright + 0.02, abs=0.002)
    assert curve.mean[0, 0].tolist() == pytest.approx([0.8, 0.1, 0.1], abs=0.02)
    assert curve.mean[0, -1].tolist() == pytest.approx([0.1, 0.7, 0.2], abs=0.03)
    assert curve.bands[0, 0].tolist() == pytest.approx([0.8, 0.1, 0.1], abs=0.01)
    assert curve.bands[0, 3].tolist() == pytest.approx([0.1, 0.7, 0.2], abs=0.01)
    assert curve.features().shape == (1, 11 * 4 - 1 + 12)


def test_levels_rise_even_for_cloth_of_one_tone() -> None:
    curve = curve_of(torch.full((1, 3, 16, 16), 0.03), torch.ones(1, 1, 16, 16), 8)
    steps = curve.levels[0, 1:] - curve.levels[0, :-1]
    assert float(steps.min()) == pytest.approx(SMALLEST_STEP, rel=1e-3)
    assert torch.isfinite(curve.features()).all()


def test_an_empty_mask_takes_the_whole_picture() -> None:
    picture = torch.rand(2, 3, 16, 16)
    empty = curve_of(picture, torch.zeros(2, 1, 16, 16), 4)
    full = curve_of(picture, torch.ones(2, 1, 16, 16), 4)
    torch.testing.assert_close(empty.mean, full.mean)


def test_shapes_and_rows_do_not_mix() -> None:
    network = random_network()
    picture, mask = torch.rand(3, 3, 32, 32), torch.ones(3, 1, 32, 32)
    posterior = network.encode_appearance(picture, mask)
    assert posterior.mode().shape == (3, TINY.appearance)
    content = network.encode_content(picture, mask)
    grid = network.decode(content, posterior.mode())
    assert grid.affines.shape == (3, 12, TINY.layers, TINY.cells, TINY.cells)
    assert grid.levels.shape == (3, TINY.layers)
    alone = network.decode(network.encode_content(picture[1:2], mask[1:2]), posterior.mode()[1:2])
    torch.testing.assert_close(alone.affines, grid.affines[1:2], rtol=1e-4, atol=1e-5)


def test_before_training_every_layer_is_moved_to_the_looks_own_curve() -> None:
    torch.manual_seed(0)
    network = VariantVae(TINY).eval()
    picture, mask = two_tone()
    with torch.no_grad():
        content = network.encode_content(picture, mask)
        look = torch.randn(1, TINY.appearance)
        network.trust.zero_()
        wanted, _ = network.drawn(look)
        output = applied(network.decode(content, look), picture)
    # The darkest cloth becomes the colour that the look draws for the first layer, the brightest that for the last.
    torch.testing.assert_close(output[0, :, 8, 4], wanted[0, 0], atol=0.03, rtol=0)
    torch.testing.assert_close(output[0, :, 24, 27], wanted[0, -1], atol=0.03, rtol=0)


def test_a_curve_does_not_depend_on_what_surrounds_the_product() -> None:
    picture, mask = two_tone()
    other = torch.where(mask > 0, picture, torch.rand_like(picture))
    for one, two in zip(
        vars(curve_of(picture, mask, 4)).values(), vars(curve_of(other, mask, 4)).values(), strict=True
    ):
        torch.testing.assert_close(one, two)


@pytest.mark.parametrize("wrong", [{"side": 64}, {"appearance": 0}, {"appearance": 257}])
def test_impossible_shapes_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="not"):
        VariantConfig(**wrong)
