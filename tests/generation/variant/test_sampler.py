"""What the variant VAE learns from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shop_genai.generation.example import Example
from shop_genai.generation.variant.sampler import SwapSampler
from tests.generation.pictures import drawn

from .shots import shots

PLAIN = SwapSampler(same_share=0.0, recoloured_share=0.0, two_share=0.0, shift=0.0, worn=0.0)


def test_a_row_is_one_shot_in_two_of_its_colours() -> None:
    (shot,) = shots(1)
    ways = [np.asarray(picture) for picture in shot.colourways]
    for seed in range(20):
        row = PLAIN.swap(shot, np.random.default_rng(seed))
        seen = [
            [i for i, way in enumerate(ways) for flip in (way, way[:, ::-1]) if np.array_equal(flip, row[name])]
            for name in ("source", "target", "appearance")
        ]
        assert all(seen)
        assert seen[0][0] != seen[1][0]
        assert seen[1][0] == seen[2][0]


def test_dyes_change_the_garment_and_nothing_around_it() -> None:
    (shot,) = shots(1)
    outside = np.asarray(shot.mask) == 0
    dyed = SwapSampler(recoloured_share=1.0, worn=0.0)
    changed = 0
    for seed in range(10):
        row = dyed.swap(shot, np.random.default_rng(seed))
        for name in ("source", "target"):
            assert (row[name][row["mask"] == 0] == 235).all()
        changed += not any(np.array_equal(row["source"], np.asarray(way)) for way in shot.colourways)
    assert changed == 10
    assert outside.any()


def test_the_patch_is_a_part_of_the_shot_in_more_detail() -> None:
    (shot,) = shots(1)
    for sampler in (PLAIN, replace(PLAIN, recoloured_share=1.0)):
        row = sampler.swap(shot, np.random.default_rng(5))
        top, left = (row["place"] * 64).round().astype(int)
        for whole, patch in (("source", "patch"), ("target", "patch_target")):
            # The patch averaged down is what the square shows in that place, but for the edges of the mask.
            small = row[patch][top % 2 :, left % 2 :][:30, :30].reshape(15, 2, 15, 2, 3).mean(axis=(1, 3))
            place = np.s_[(top + 1) // 2 : (top + 1) // 2 + 15, (left + 1) // 2 : (left + 1) // 2 + 15]
            assert np.median(np.abs(small - row[whole][place])) < 3
        assert row["patch_mask"].shape == (32, 32)
        assert row["patch_mask"].any()


def test_the_appearance_is_moved_and_its_mask_with_it() -> None:
    (shot,) = shots(1)
    moved = 0
    for seed in range(10):
        row = SwapSampler(recoloured_share=0.0, worn=0.0).swap(shot, np.random.default_rng(seed))
        assert (row["appearance"][row["appearance_mask"] == 255] != 235).any(axis=1).all()
        moved += not np.array_equal(row["appearance_mask"], row["mask"])
    assert moved >= 8


def test_what_the_encoder_is_told_of_the_mask_is_not_exact() -> None:
    (shot,) = shots(1)
    sampler = SwapSampler(worn=1.0)
    sizes = {
        int((row["source_mask"] > 0).sum()) - int((row["mask"] > 0).sum())
        for row in (sampler.swap(shot, np.random.default_rng(seed)) for seed in range(12))
    }
    assert min(sizes) < 0 < max(sizes)


def test_a_single_photo_teaches_by_its_dyes() -> None:
    (shot,) = shots(1, colours=1)
    row = SwapSampler().swap(shot, np.random.default_rng(1))
    assert not np.array_equal(row["source"], row["target"])


def test_a_batch_depends_on_its_seed_only() -> None:
    some = shots(3)
    first, again = (SwapSampler()(some, np.random.default_rng(4)) for _ in range(2))
    assert first["source"].shape == (3, 32, 32, 3)
    assert first["mask"].shape == (3, 32, 32)
    assert all(np.array_equal(first[name], again[name]) for name in first)


def test_pictures_without_masks_teach_nothing() -> None:
    with pytest.raises(TypeError, match="masks"):
        SwapSampler().swap(Example(drawn(32, 32)), np.random.default_rng(0))
