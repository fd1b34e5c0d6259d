"""Training pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from shop_genai.generation.segment.classes import bits
from shop_genai.generation.segment.sampler import SegmentSampler, recoloured
from tests.generation.segment.tiny import shirt

STILL = SegmentSampler(
    shapes=((40, 48),), elsewhere=0, recoloured=0, smallest=1, largest=1, tilt=0, squeeze=0, spoiled=0
)
GROUND, PRODUCT = bits(["background"]), bits(["product"])


def test_a_batch_has_one_shape_and_is_a_function_of_the_seed() -> None:
    examples = [shirt(), shirt(60, 30, worn=True), shirt(30, 60)]
    batches = [SegmentSampler()(examples, np.random.default_rng(seed)) for seed in (4, 4, 5)]
    picture, possible, sold = (batches[0][name] for name in ("picture", "possible", "sold"))
    assert picture.shape == (*possible.shape, 3) == (*sold.shape, 3)
    assert (picture.dtype, possible.dtype, sold.dtype) == (np.uint8, np.int32, np.uint8)
    assert all(np.array_equal(batches[0][name], batches[1][name]) for name in batches[0])
    assert not np.array_equal(batches[0]["picture"], batches[2]["picture"])


@pytest.mark.parametrize("seed", range(6))
def test_maps_move_along_with_the_picture(seed: int) -> None:
    moving = replace(STILL, smallest=0.6, largest=1.4, tilt=12, squeeze=0.1)
    picture, possible, sold = moving.view(shirt(), [], (40, 48), np.random.default_rng(seed))
    red = picture[:, :, 0].astype(int) - picture[:, :, 1] > 70
    assert (red == (sold == 1)).mean() > 0.93  # but for the soft edge
    assert np.array_equal(sold == 1, possible == PRODUCT)
    assert (possible != GROUND).sum() == ((possible == PRODUCT) | (possible == 0)).sum()


def test_on_another_ground_only_the_product_stays() -> None:
    example = shirt()
    moved = replace(STILL, elsewhere=1)
    views = [moved.view(example, [], (40, 48), np.random.default_rng(seed)) for seed in range(8)]
    corners = np.array([picture[0, 0] for picture, _, _ in views])
    assert np.ptp(corners.astype(int), axis=0).max() > 40
    middles = np.array([picture[26, 24].astype(int) for picture, _, _ in views])
    assert (middles[:, 0] - middles[:, 1] > 50).all()  # red, in any light
    assert all(np.array_equal(sold == 1, possible == PRODUCT) for _, possible, sold in views)
    assert all(np.array_equal(sold == 0, possible == GROUND) for _, possible, sold in views)  # around it too


def test_what_cannot_be_cut_out_stays_where_it_is_and_its_surroundings_unknown() -> None:
    example = replace(shirt(), matte=None)
    small = replace(STILL, elsewhere=1, smallest=0.5, largest=0.5)
    views = [small.view(example, [], (40, 48), np.random.default_rng(seed)) for seed in range(9)]
    picture, possible, sold = next(view for view in views if (view[1] == 0).any())
    outside = possible == 0
    assert (sold[outside] == 2).all()
    assert np.ptp(picture[outside].astype(int)) < 60  # the edge's own colour


def test_a_new_colour_keeps_shade_and_surroundings() -> None:
    example = shirt()
    pixels = np.asarray(example.picture).copy()
    pixels[20:25][example.sold[20:25] == 1] //= 2  # a fold
    picture = Image.fromarray(pixels)
    for seed in range(6):
        new = np.asarray(recoloured(picture, example.sold == 1, np.random.default_rng(seed))).astype(int)
        assert np.array_equal(new[example.sold == 0], pixels[example.sold == 0])
        assert new[22, 24].sum() <= new[30, 24].sum()
    assert recoloured(picture, np.zeros_like(example.sold, bool), np.random.default_rng(0)) is picture
