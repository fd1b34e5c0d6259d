"""Metrics of single pictures against values worked out by hand, published, or found by torchmetrics."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torchmetrics.functional.image import peak_signal_noise_ratio, structural_similarity_index_measure

from shop_genai.training import metrics
from tests.generation.pictures import drawn


def flat(*rgb: int, side: int = 16) -> NDArray[np.uint8]:
    return np.full((side, side, 3), rgb, np.uint8)


def test_luma_spans_the_studio_range() -> None:
    assert metrics.luma(flat(0, 0, 0))[0, 0] == 16
    assert metrics.luma(flat(255, 255, 255))[0, 0] == pytest.approx(235)
    assert metrics.luma(flat(255, 0, 0))[0, 0] == pytest.approx(16 + 65.481)


def test_psnr_by_hand() -> None:
    # Ten steps of grey are 10 * 219/255 of luma.
    expected = 10 * math.log10(255**2 / (10 * 219 / 255) ** 2)
    assert metrics.psnr_y(flat(110, 110, 110), flat(100, 100, 100)) == pytest.approx(expected)
    assert metrics.psnr_y(flat(9, 9, 9), flat(9, 9, 9)) == math.inf


def test_ssim_of_flat_pictures_by_hand() -> None:
    # Without variance only the means are compared: (2ab + c1) / (a^2 + b^2 + c1).
    a, b = 16 + 100 * 219 / 255, 16 + 150 * 219 / 255
    c1 = (0.01 * 255) ** 2
    expected = (2 * a * b + c1) / (a * a + b * b + c1)
    assert metrics.ssim_y(flat(100, 100, 100), flat(150, 150, 150)) == pytest.approx(expected)


def test_ssim_is_one_for_equal_and_low_for_unrelated_pictures() -> None:
    picture = np.asarray(drawn(40, 40))
    assert metrics.ssim_y(picture, picture) == pytest.approx(1)
    noise = np.random.default_rng(0).integers(0, 256, picture.shape).astype(np.uint8)
    assert metrics.ssim_y(picture, noise) < 0.3


def test_ssim_at_one_place_by_hand() -> None:
    # An 11x11 picture has one window: weighted moments, worked out directly.
    rng = np.random.default_rng(1)
    pictures = [rng.integers(0, 256, (11, 11, 3)).astype(np.uint8) for _ in range(2)]
    a, b = map(metrics.luma, pictures)
    offsets = np.arange(-5, 6)
    line = np.exp(-(offsets**2) / 4.5)
    window = np.outer(line, line) / np.outer(line, line).sum()
    mean_a, mean_b = (window * a).sum(), (window * b).sum()
    variance_a, variance_b = (window * (a - mean_a) ** 2).sum(), (window * (b - mean_b) ** 2).sum()
    covariance = (window * (a - mean_a) * (b - mean_b)).sum()
    c1, c2 = 2.55**2, 7.65**2
    expected = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    expected /= (mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2)
    assert metrics.ssim_y(*pictures) == pytest.approx(expected)


def test_laplacian_ratio_by_hand() -> None:
    point = flat(0, 0, 0, side=5)
    point[2, 2] = 200
    half = flat(0, 0, 0, side=5)
    half[2, 2] = 100
    assert metrics.laplacian_ratio(half, point) == pytest.approx(0.25)
    assert metrics.laplacian_ratio(point, flat(7, 7, 7, side=5)) == math.inf


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
    ],
)
def test_lab_of_known_colours(rgb: tuple[int, int, int], lab: tuple[float, float, float]) -> None:
    np.testing.assert_allclose(metrics.lab(np.array(rgb, np.float64)), lab, atol=0.03)


def test_colour_shift_is_the_difference_in_lab_and_ignores_noise() -> None:
    expected = float(np.linalg.norm(metrics.lab(np.array([120.0, 80, 60])) - metrics.lab(np.array([100.0, 80, 60]))))
    assert metrics.colour_shift(flat(120, 80, 60), flat(100, 80, 60)) == pytest.approx(expected)
    chequered = flat(90, 90, 90)
    chequered[::2, ::2] = chequered[1::2, 1::2] = 110
    assert metrics.colour_shift(chequered, flat(100, 100, 100)) == pytest.approx(0, abs=1e-9)


def test_psnr_over_all_channels_by_hand() -> None:
    # Only red differs, by 30: a mean squared error of 900 / 3.
    assert metrics.psnr_rgb(flat(130, 5, 5), flat(100, 5, 5)) == pytest.approx(10 * math.log10(255**2 / 300))
    assert metrics.psnr_rgb(flat(0, 0, 0), flat(255, 255, 255)) == pytest.approx(0)
    assert metrics.psnr_rgb(flat(1, 2, 3), flat(1, 2, 3)) == math.inf


def test_torchmetrics_agrees_on_psnr_and_ssim() -> None:
    target = np.asarray(drawn(50, 44))
    picture = np.clip(target + np.random.default_rng(0).normal(0, 12, target.shape), 0, 255).astype(np.uint8)
    theirs = [torch.from_numpy(metrics.luma(p))[None, None] for p in (picture, target)]
    # Their mean includes the border, filled up by mirroring; the paper's and ours only what the window fits into.
    _, everywhere = structural_similarity_index_measure(*theirs, sigma=1.5, data_range=255.0, return_full_image=True)
    assert metrics.ssim_y(picture, target) == pytest.approx(float(everywhere[..., 5:-5, 5:-5].mean()), rel=1e-6)
    psnr = peak_signal_noise_ratio(*theirs, data_range=255.0)
    assert metrics.psnr_y(picture, target) == pytest.approx(float(psnr), rel=1e-6)
    colours = [torch.from_numpy(p.astype(np.float64)) for p in (picture, target)]
    assert metrics.psnr_rgb(picture, target) == pytest.approx(
        float(peak_signal_noise_ratio(*colours, data_range=255.0))
    )
