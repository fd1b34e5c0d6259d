"""The quality estimate finds what `degradation` did."""

from __future__ import annotations

import io
import time
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from shop_genai.generation.enhance import degradation
from shop_genai.generation.enhance.degradation import Blur, Jpeg, Noise
from shop_genai.generation.enhance.quality import SAMPLES, SIDE, Quality, estimate


@lru_cache
def textured(seed: int) -> NDArray[np.float32]:
    """Discs on a weave with soft shading: edges, texture and smooth parts, free of noise; drawn large, then shrunk."""
    rng = np.random.default_rng(seed)
    side = 256 * 4
    y, x = np.mgrid[:side, :side].astype(np.float32)
    period = float(rng.uniform(20, 44))
    picture = np.stack([90 + 60 * x / side, 110 + 50 * y / side, 130 + 40 * (x + y) / side], axis=2)
    picture[: side // 2] += (12 * np.sin(2 * np.pi * x / period) * np.sin(2 * np.pi * y / period))[: side // 2, :, None]
    for _ in range(14):
        centre, radius = rng.uniform(0, side, 2), rng.uniform(30, 140)
        picture[np.hypot(x - centre[0], y - centre[1]) < radius] = rng.uniform(30, 225, 3)
    shrunk = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).resize((256, 256), Image.Resampling.BOX)
    return np.asarray(shrunk, np.float32)


def of(pixels: NDArray[Any]) -> Quality:
    return estimate(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))


def ranks(values: list[float]) -> NDArray[np.float64]:
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    mean_ranks = np.cumsum(counts) - (counts - 1) / 2
    return mean_ranks[where]


def rank_correlation(first: list[float], second: list[float]) -> float:
    return float(np.corrcoef(ranks(first), ranks(second))[0, 1])


@pytest.mark.parametrize("grey", [True, False])
def test_noise_is_found_within_a_step_and_a_half(grey: bool) -> None:
    truth, found = [], []
    for seed in range(4):
        for sigma in (0.0, 2.0, 4.0, 8.0, 12.0):
            truth.append(sigma)
            found.append(of(degradation.add_noise(textured(seed), Noise(sigma, grey, seed))).noise)
    assert np.abs(np.subtract(found, truth)).max() <= 1.5
    assert rank_correlation(found, truth) > 0.97


@pytest.mark.parametrize("noise", [0.0, 4.0])
def test_blur_is_found_with_and_without_noise(noise: float) -> None:
    truth, found = [], []
    for seed in range(4):
        for sigma in (0.6, 1.0, 1.5, 2.0):
            blurred = degradation.blur(textured(seed), Blur(sigma, sigma, 0.0))
            truth.append(sigma)
            found.append(of(degradation.add_noise(blurred, Noise(noise, True, seed))).blur)
    assert rank_correlation(found, truth) > 0.95
    assert np.abs(np.subtract(found, truth)).max() <= 0.5


def test_blocks_are_found_and_so_is_their_grid() -> None:
    truth, found = [], []
    for seed in range(4):
        for quality in (35, 55, 75, 95):
            shift = (seed * 3 % 8, (seed + quality) % 8)
            result = of(degradation.save_as_jpeg(textured(seed), Jpeg(quality, 2, shift)))
            truth.append(-quality)
            found.append(result.blockiness)
            if quality < 80:
                assert result.grid == ((-shift[0]) % 8, (-shift[1]) % 8)
        assert of(textured(seed)).blockiness < 1.4
    assert rank_correlation(found, truth) > 0.85


def test_darkness_and_a_tint_are_found() -> None:
    white = np.full((64, 64, 3), 250.0)
    assert (of(white).white, of(white).cast) == (pytest.approx(250), 0)
    assert of(white * 0.6).white == pytest.approx(150)
    assert of(white - [0, 0, 30]).cast == 30


def test_a_bright_coloured_product_is_no_tint() -> None:
    picture = np.full((64, 64, 3), 60.0)
    picture[:, 10:60] = [250, 220, 40]
    assert of(picture).cast == 0
    picture[:, :10] = picture[:, 60:] = [240, 240, 215]
    assert of(picture).cast == 0  # too few greys beside so much yellow
    picture[:, 10:20] = [120, 110, 20]
    picture[:40] = [240, 240, 215]
    assert of(picture).cast == 25


def test_clipped_noise_on_white_is_not_taken_for_a_clean_picture() -> None:
    picture = np.full((256, 256, 3), 255.0)
    picture[:, 128:] = 120
    noisy = degradation.add_noise(picture.astype(np.float32), Noise(6, True, 0))
    assert of(noisy).noise == pytest.approx(6, abs=1)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (9, 9), (17, 40), (193, 191)])
def test_any_size_can_be_measured(size: tuple[int, int]) -> None:
    flat = estimate(np.full((*size, 3), 128, np.uint8))
    assert (flat.height, flat.width) == size
    assert (flat.noise, flat.blockiness) == (0, 1)


def test_the_same_picture_gives_the_same_figures() -> None:
    assert of(textured(1)) == of(textured(1))


def test_a_large_photo_costs_no_more_than_its_samples() -> None:
    small = np.tile(of_size(SIDE), (SAMPLES[0], SAMPLES[1], 1))
    large = np.tile(of_size(SIDE), (25, 40, 1))  # 37 megapixels
    spent = []
    for pixels in (small, large):
        start = time.process_time()
        estimate(pixels)
        spent.append(time.process_time() - start)
    assert spent[1] < 3 * spent[0] + 0.2


def of_size(side: int) -> NDArray[np.uint8]:
    file = io.BytesIO()
    Image.fromarray(textured(0)[:side, :side].astype(np.uint8)).save(file, "JPEG", quality=80)
    with Image.open(file) as decoded:
        return np.asarray(decoded)
