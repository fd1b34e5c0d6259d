from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from PIL import Image

from shop_genai.generation.tryon.example import TryOnExample
from shop_genai.generation.tryon.sampler import UNKNOWN, TryOnSampler

from .person import drawn

RED, GREEN = (190, 30, 40), (30, 160, 60)
SMALL = TryOnSampler(size=(192, 256))
STILL = replace(SMALL, elsewhere=0.0, recoloured=0.0, laid_out=0.0, flattened=0.0, stripped=0.0, opened=0.0, lifted=0.0)


@lru_cache
def example(*, masked: bool = True) -> TryOnExample:
    red, green = drawn(RED), drawn(GREEN)
    worn = Image.fromarray(np.where(red.shirt, 255, 0).astype(np.uint8))
    person = Image.fromarray(np.where(red.classes[0] > 0.5, 0, 255).astype(np.uint8))
    return TryOnExample(
        red.picture,
        pictures=(red.picture, green.picture),
        person=person,
        worn=worn if masked else None,
        kind="upper",
        pose=red.pose,
        classes=(red.classes * 255).astype(np.uint8),
    )


def composite(batch: dict, row: int) -> np.ndarray:
    alpha, region = batch["alpha"][row][..., None] / 255, batch["region"][row][..., None] / 255
    draft, warped = batch["draft"][row].astype(float), batch["warped"][row].astype(float)
    return draft * (1 - region) + region * (alpha * warped + (1 - alpha) * draft)


def test_a_batch_has_the_arrays_of_the_contract() -> None:
    batch = SMALL([example(), example()], np.random.default_rng(1))
    assert batch["draft"].shape == batch["warped"].shape == batch["target"].shape == (2, 256, 192, 3)
    assert batch["alpha"].shape == batch["region"].shape == batch["truth"].shape == (2, 256, 192)
    assert batch["maps"].shape == (2, 8, 256, 192)
    assert set(batch["kind"]) <= {"self", "pair"}
    assert set(np.unique(batch["truth"])) <= {0, UNKNOWN, 255}


def test_the_same_seed_gives_the_same_batch() -> None:
    one, two = (SMALL([example()], np.random.default_rng(9)) for _ in range(2))
    assert all(np.array_equal(one[key], two[key]) for key in one)


def test_outside_the_region_the_draft_is_the_target() -> None:
    batch = SMALL([example()] * 4, np.random.default_rng(3))
    outside = batch["region"] == 0
    assert np.array_equal(batch["draft"][outside], batch["target"][outside])
    assert outside.mean() > 0.4


def test_the_composite_is_near_the_photo_but_not_it() -> None:
    batch = STILL([example()] * 4, np.random.default_rng(5))
    for row in range(4):
        inside = batch["region"][row] > 200
        error = np.abs(composite(batch, row) - batch["target"][row])[inside].mean()
        assert 0.5 < error < 30


def test_of_a_pair_the_garment_comes_from_the_other_photo() -> None:
    batch = STILL([example()] * 12, np.random.default_rng(2))
    pairs = [row for row, kind in enumerate(batch["kind"]) if kind == "pair"]
    assert 0 < len(pairs) < 12
    for row in pairs:
        covered = batch["truth"][row] == 255
        target = batch["target"][row][covered].mean(axis=0)
        warped = batch["warped"][row][covered].mean(axis=0)
        assert np.abs(target - warped).max() < 25


def test_a_picture_without_a_drawn_mask_uses_the_segmenter_s() -> None:
    batch = STILL([example(masked=False)], np.random.default_rng(4))
    assert 0.08 < (batch["truth"] == 255).mean() < 0.5


def test_pictures_without_a_garment_give_way_or_are_refused() -> None:
    nothing = replace(example(), worn=Image.new("L", example().picture.size))
    batch = STILL([nothing, example()], np.random.default_rng(6))
    assert batch["draft"].shape[0] == 2
    with pytest.raises(ValueError, match="none of these"):
        STILL([nothing], np.random.default_rng(6))
