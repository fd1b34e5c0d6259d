"""The guided filter."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from shop_genai.generation.segment.refine import box_mean, box_most, refined
from tests.generation.pictures import drawn


def test_the_mean_over_squares_stops_at_the_border() -> None:
    x = torch.arange(12.0).view(1, 1, 3, 4)
    mean = box_mean(x, 1)
    assert mean[0, 0, 1, 1].item() == pytest.approx((0 + 1 + 2 + 4 + 5 + 6 + 8 + 9 + 10) / 9)
    assert mean[0, 0, 0, 0].item() == pytest.approx((0 + 1 + 4 + 5) / 4)
    assert torch.allclose(box_mean(x, 9), torch.full_like(x, 5.5))


def test_the_largest_over_squares() -> None:
    x = torch.zeros(1, 1, 5, 5)
    x[0, 0, 2, 3] = 7
    assert (box_most(x, 1)[0, 0] > 0).sum() == 9


def disc(size: int) -> np.ndarray:
    y, x = np.mgrid[:size, :size] / size - 0.5
    return np.hypot(x, y) < 0.3


def test_a_coarse_mask_finds_the_pictures_edge() -> None:
    truth = disc(320)
    pixels = np.where(truth[:, :, None], [170, 60, 50], [120, 150, 190]).astype(np.uint8)
    blurred = Image.fromarray((truth * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(8))
    coarse = np.asarray(blurred.resize((40, 40), Image.Resampling.BOX), np.float32) / 255
    plain = np.asarray(Image.fromarray(coarse).resize((320, 320), Image.Resampling.BICUBIC))
    mask = np.asarray(refined(Image.fromarray(pixels), coarse), np.float32) / 255
    error, before = np.abs(mask - truth).mean(), np.abs(plain - truth).mean()
    assert error < 0.35 * before
    assert ((mask >= 0.5) == truth).mean() > 0.995


def test_prints_far_from_the_edge_make_no_holes() -> None:
    pixels = np.full((160, 160, 3), 220, np.uint8)
    pixels[30:130, 30:130] = (40, 60, 120)
    pixels[70:90, 70:90] = 220  # a print in the ground's colour
    coarse = np.zeros((40, 40), np.float32)
    coarse[8:32, 8:32] = 1
    mask = np.asarray(refined(Image.fromarray(pixels), coarse))
    assert mask[75:85, 75:85].min() == 255
    assert mask[:10].max() == 0


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (3, 400), (700, 5), (301, 517)])
def test_any_size(size: tuple[int, int]) -> None:
    mask = refined(drawn(*size), np.full((16, 24), 0.5, np.float32))
    assert mask.size == size
    assert mask.mode == "L"


def test_strips_join_without_a_seam() -> None:
    picture = drawn(60, 600)
    coarse = np.linspace(0, 1, 16 * 16, dtype=np.float32).reshape(16, 16)
    mask = np.asarray(refined(picture, coarse), int)
    steps = np.abs(np.diff(mask[:, 30:].mean(axis=1)))
    assert steps[255] <= np.percentile(steps, 99) + 1


def test_a_large_photo_is_never_held_as_numbers() -> None:
    picture = Image.new("RGB", (2400, 1600), (90, 90, 90))
    tracemalloc.start()
    refined(picture, np.zeros((20, 30), np.float32))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2400 * 1600 * 4 * 3  # three channels of 32 bits would already be more
