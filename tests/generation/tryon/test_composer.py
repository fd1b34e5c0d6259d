"""The composer's network: what it may change, and what it begins with."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from shop_genai.generation.tryon.composer import BRIGHTEST, Composer, ComposerConfig, fitting

SMALL = ComposerConfig(widths=(4, 6, 8, 8), blocks=(1, 1, 1, 1), reduction=1)


def layers(height: int = 48, width: int = 32, seed: int = 0) -> list[Tensor]:
    """A draft, a garment, its coverage, the region and the maps, at random."""
    generator = torch.Generator().manual_seed(seed)
    planes = [torch.rand(2, channels, height, width, generator=generator) for channels in (3, 3, 1, 1, 8)]
    planes[3][:, :, :10] = 0
    planes[3][:, :, 10:] = 1
    return planes


def stirred(network: Composer) -> Composer:
    """As if it had learned something: no weight is zero any more."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return network


@pytest.mark.parametrize("size", [(48, 32), (16, 64)])
def test_a_new_network_gives_the_plain_composite(size: tuple[int, int]) -> None:
    draft, warped, alpha, region, maps = layers(*size)
    with torch.no_grad():
        made = Composer(SMALL)(draft, warped, alpha, region, maps)
    plain = draft * (1 - region) + region * (alpha * warped + (1 - alpha) * draft)
    # Coverages of exactly 0 and 1 are moved by one step of 255, so that they can be learned away.
    assert float((made.picture - plain).abs().max()) <= 1 / 255
    assert torch.equal(made.gain, torch.zeros_like(alpha))
    assert torch.equal(made.under, draft)


def test_nothing_changes_outside_the_region() -> None:
    planes = layers()
    with torch.no_grad():
        made = stirred(Composer(SMALL))(*planes)
    assert torch.equal(made.picture[:, :, :10], planes[0][:, :, :10])
    assert float((made.picture - planes[0])[:, :, 10:].abs().mean()) > 0.02


def test_the_picture_is_its_layers_laid_over_each_other() -> None:
    draft, warped, alpha, region, maps = layers()
    with torch.no_grad():
        made = stirred(Composer(SMALL))(draft, warped, alpha, region, maps)
    cloth = (warped * torch.exp(made.gain)).clamp(0, 1)
    expected = draft * (1 - region) + region * (made.alpha * cloth + (1 - made.alpha) * made.under)
    assert torch.allclose(made.picture, expected, atol=1e-6)
    assert float(made.gain.abs().max()) <= BRIGHTEST
    assert float(made.gain.abs().max()) > 0.01
    assert float((made.alpha - alpha).abs().max()) > 0.05


def test_the_light_on_the_garment_is_smooth() -> None:
    planes = layers(64, 64)
    with torch.no_grad():
        gain = stirred(Composer(SMALL))(*planes).gain
    inner = gain[..., 4:-4, 4:-4]
    bends = inner[..., 2:] - 2 * inner[..., 1:-1] + inner[..., :-2]
    # Between the places that the network speaks of, four pixels apart, it is a straight line.
    assert int((bends.abs() > 1e-5).sum()) <= 0.55 * bends.numel()


def test_a_picture_of_any_multiple_of_its_folds_will_do() -> None:
    network = Composer(SMALL)
    assert network.config.multiple == 16
    with torch.no_grad():
        assert network(*layers(80, 112)).picture.shape == (2, 3, 80, 112)


def test_a_network_that_looks_at_less_says_the_same_of_smooth_pictures_and_keeps_edges() -> None:
    close = stirred(Composer(SMALL)).eval()
    far = Composer(replace(SMALL, reduction=2)).eval()
    far.load_state_dict(close.state_dict())
    assert far.config.multiple == 32
    planes = layers(48, 32)
    large = [F.interpolate(plane, scale_factor=2.0) for plane in planes]  # every pixel four times
    with torch.no_grad():
        small, big = close(*planes), far(*large)
    assert torch.allclose(F.avg_pool2d(big.gain, 2), small.gain, atol=0.05)
    assert big.picture.shape == (2, 3, 96, 64)
    # Where coverage changes from one pixel to the next, so does the answer: only the correction is smooth.
    sharp = [plane.clone() for plane in large]
    sharp[2][:] = 0
    sharp[2][..., 33:] = 1
    with torch.no_grad():
        edge = Composer(far.config)(*sharp).alpha
    assert torch.allclose(edge[..., 33] - edge[..., 32], torch.tensor(1 - 2 / 255), atol=1e-4)


def test_skin_is_laid_in_the_persons_own_tone_and_older_weights_know_none() -> None:
    planes = layers()
    plain = stirred(Composer(SMALL))
    network = Composer(replace(SMALL, skin=True))
    network.load_state_dict(fitting(plain.state_dict(), network))
    with torch.no_grad():
        for first, second in zip(plain(*planes), network(*planes), strict=True):
            assert torch.equal(first, second)
        network = Composer(replace(SMALL, skin=True))
        network.last.bias[4 * 4 :] = 2.0  # skin everywhere
        for tone in (0.2, 0.7):
            planes[4][:] = 0
            planes[4][:, 1, :8, :8] = 1
            planes[4][:, 4, 8:] = 1  # what the photo does not show
            planes[0][..., :8, :8] = tone
            under = network(*planes).under
            assert torch.allclose(under[:, :, 8:], torch.full_like(under[:, :, 8:], tone), atol=1e-5)
            assert torch.equal(under[:, :, :8], planes[0][:, :, :8])


def test_no_window_opens_in_a_garment_and_what_the_photo_shows_is_kept() -> None:
    planes = layers(64, 96)
    planes[2][:] = 0
    planes[2][..., 20:] = 1
    planes[4][:, 4] = 0
    planes[4][:, 4, :, 50:] = 1
    with torch.no_grad():
        made = stirred(Composer(SMALL))(*planes)
    assert float((made.alpha[..., 18:21] - planes[2][..., 18:21]).abs().max()) > 0.01
    assert float(made.alpha[..., 24:].min()) >= 1 - 2 / 255
    assert float(made.alpha[..., :16].max()) <= 2 / 255
    assert torch.equal(made.under[..., :50], planes[0][..., :50])
    assert not torch.equal(made.under[..., 50:], planes[0][..., 50:])


def test_a_shape_from_a_manifest_is_the_same_network() -> None:
    listed = ComposerConfig(widths=[4, 6, 8, 8], blocks=[1, 1, 1, 1], reduction=1)
    Composer(listed).load_state_dict(Composer(SMALL).state_dict())
