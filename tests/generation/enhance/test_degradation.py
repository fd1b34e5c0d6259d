"""Degradation: deterministic, of the right size, and each step does what it says."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shop_genai.generation.enhance import degradation
from shop_genai.generation.enhance.degradation import Blur, Degradation, Jpeg, Noise
from tests.generation.pictures import drawn


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_the_same_name_gives_the_same_picture(scale: int) -> None:
    picture = drawn(48, 32)
    twice = [
        degradation.degrade(picture, scale, degradation.sample(degradation.seeded("shirt.jpg", scale)))
        for _ in range(2)
    ]
    assert twice[0].size == (48 // scale, 32 // scale)
    np.testing.assert_array_equal(*map(np.asarray, twice))


def test_names_and_scales_draw_different_degradations() -> None:
    drawn_ones = {degradation.sample(degradation.seeded(name, s)) for name in ("a.jpg", "b.jpg") for s in (1, 2, 4)}
    assert len(drawn_ones) == 6


def test_the_distribution_is_the_documented_one() -> None:
    rng = np.random.default_rng(0)
    several = [degradation.sample(rng) for _ in range(3000)]
    clean = [d for d in several if not d.jpegs]
    second = [d for d in several if len(d.blurs) == 2]
    assert len(clean) / 3000 == pytest.approx(0.10, abs=0.02)
    assert len(second) / (3000 - len(clean)) == pytest.approx(0.30, abs=0.03)
    assert {d.shrink for d in several} == {"area", "bilinear", "bicubic"}
    blurs = [b for d in several for b in d.blurs[:1]]
    assert all(0.2 <= b.sigma_x <= 2 and 0.2 <= b.sigma_y <= 2 for b in blurs)
    noises = [n for d in several for n in d.noises]
    assert all(0 <= n.sigma <= 12 for n in noises)
    assert np.mean([n.grey for n in noises]) == pytest.approx(1 / 3, abs=0.03)
    jpegs = [j for d in several for j in d.jpegs]
    assert {j.quality for j in jpegs} == set(range(35, 96))
    assert {j.shift for j in jpegs} >= {(0, 0), (3, 5)}


def test_nothing_asked_is_nothing_done() -> None:
    picture = drawn(16, 16)
    assert degradation.degrade(picture, 1, Degradation("area")).tobytes() == picture.tobytes()


def test_area_shrinking_is_the_mean_of_the_pixels() -> None:
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    low = np.asarray(degradation.degrade(Image.fromarray(pixels), 4, Degradation("area")))
    np.testing.assert_array_equal(low[0, 0], np.rint(pixels.reshape(16, 3).mean(axis=0)))


def test_a_blurred_point_is_the_gaussian() -> None:
    pixels = np.zeros((31, 31, 1), np.float32)
    pixels[15, 15] = 1000
    smooth = degradation.blur(pixels, Blur(1.5, 1.5, 0.0))[:, :, 0]
    assert smooth.sum() == pytest.approx(1000, rel=1e-3)
    assert smooth[15, 15] == pytest.approx(1000 / (2 * np.pi * 1.5**2), rel=1e-2)
    assert smooth[15, 18] / smooth[15, 15] == pytest.approx(np.exp(-(3**2) / (2 * 1.5**2)), rel=1e-2)


def test_a_slanted_blur_is_longest_along_its_angle() -> None:
    pixels = np.zeros((31, 31, 1), np.float32)
    pixels[15, 15] = 1000
    smooth = degradation.blur(pixels, Blur(2.0, 0.5, np.pi / 4))[:, :, 0]
    assert smooth[17, 17] > 5 * smooth[17, 13]


def test_noise_has_the_asked_strength_and_may_be_grey() -> None:
    flat = np.full((100, 100, 3), 128, np.float32)
    colour = degradation.add_noise(flat, Noise(8.0, grey=False, seed=1)) - flat
    grey = degradation.add_noise(flat, Noise(8.0, grey=True, seed=1)) - flat
    assert colour.std() == pytest.approx(8, rel=0.03)
    assert abs(np.corrcoef(colour[..., 0].ravel(), colour[..., 1].ravel())[0, 1]) < 0.05
    np.testing.assert_array_equal(grey[..., 0], grey[..., 2])


def test_a_shifted_save_moves_the_block_grid_and_not_the_picture() -> None:
    pixels = np.asarray(drawn(40, 40), np.float32)
    plain = degradation.save_as_jpeg(pixels, Jpeg(40, 0))
    shifted = degradation.save_as_jpeg(pixels, Jpeg(40, 0, (4, 4)))
    assert plain.shape == shifted.shape == pixels.shape
    assert not np.array_equal(plain, shifted)
    assert np.abs(shifted - pixels).mean() < np.abs(np.roll(shifted, 4, axis=1) - pixels).mean() / 2


def test_second_order_saves_again_at_the_end() -> None:
    first = Degradation("area", (Blur(0.3, 0.3, 0.0),), (Noise(0.0, False, 0),), (Jpeg(90, 0),))
    again = Degradation(
        "area",
        (*first.blurs, Blur(1.0, 1.0, 0.0)),
        (*first.noises, Noise(0.0, False, 0)),
        (*first.jpegs, Jpeg(40, 0, (3, 3))),
    )
    picture = drawn(32, 32)
    assert degradation.degrade(picture, 2, first).tobytes() != degradation.degrade(picture, 2, again).tobytes()


@pytest.mark.parametrize("picture", [Image.new("L", (8, 8)), Image.new("RGB", (9, 8))])
def test_a_picture_that_cannot_be_shrunk_is_refused(picture: Image.Image) -> None:
    with pytest.raises(ValueError, match="divisible by 2"):
        degradation.degrade(picture, 2, Degradation("area"))
