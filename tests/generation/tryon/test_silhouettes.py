"""Garments drawn at random."""

from __future__ import annotations

import numpy as np
import pytest

from shop_genai.generation.tryon.landmarks import KINDS, NECK, OF_KIND, Kind
from shop_genai.generation.tryon.silhouettes import drawn_up, silhouette
from shop_genai.generation.tryon.tops import LONG


@pytest.mark.parametrize("kind", KINDS)
def test_every_landmark_lies_on_the_canvas_and_those_of_the_outline_near_the_mask(kind: Kind) -> None:
    for seed in range(12):
        shape = silhouette(np.random.default_rng(seed), 96, kind=kind)
        assert shape.kind == kind
        assert set(shape.landmarks) == set(OF_KIND[kind])
        rows, columns = np.nonzero(shape.mask > 0.5)
        for name, (x, y) in shape.landmarks.items():
            assert 0 <= x < 96, name
            assert 0 <= y < 96, name
            away = np.hypot(columns + 0.5 - x, rows + 0.5 - y).min()
            # The front of a neck line may hang over a hole; a cuff may be frayed.
            assert away < (30 if name == "neck_front" else 7), (seed, name)


@pytest.mark.parametrize("kind", KINDS)
def test_the_wearers_left_is_on_the_right_and_hems_are_below(kind: Kind) -> None:
    pattern = drawn_up(kind, np.random.default_rng(4))
    marks = pattern.landmarks
    top = "neck" if kind in ("upper", "dress") else "waist"
    hem = "hem_outer" if kind == "lower" else "hem"
    assert marks[f"{top}_left"][0] > marks[f"{top}_right"][0]
    assert marks[f"{hem}_left"][1] > marks[f"{top}_left"][1] + 10


def test_sleeves_are_as_long_as_they_are_called() -> None:
    lengths: dict[str, list[float]] = {"none": [], "short": [], "long": []}
    for seed in range(60):
        pattern = drawn_up("upper", np.random.default_rng(seed))
        marks = pattern.landmarks
        along = np.hypot(*(marks["cuff_outer_left"] - marks["shoulder_left"]))
        lengths[pattern.sleeves].append(float(along))
    assert max(lengths["none"]) == 0
    assert 2 < min(lengths["short"]) < max(lengths["short"]) < LONG
    assert np.median(lengths["long"]) > 30


def test_the_inner_side_lies_in_the_mask_above_the_neck_line() -> None:
    found = 0
    for seed in range(20):
        shape = silhouette(np.random.default_rng(seed), 96, kind="upper")
        assert (shape.inside <= shape.mask + 1e-6).all()
        rows = np.nonzero(shape.inside > 0.5)[0]
        if len(rows) and shape.open_front is False:
            found += 1
            assert rows.mean() < max(shape.landmarks[name][1] for name in NECK) + 3
    assert found > 4


def test_a_closer_look_shows_the_neck_larger() -> None:
    for seed in range(8):
        near = silhouette(np.random.default_rng(seed), 96, kind="upper", closer=True)
        far = silhouette(np.random.default_rng(seed), 96, kind="upper")
        wide = [abs(s.landmarks["neck_left"][0] - s.landmarks["neck_right"][0]) for s in (near, far)]
        assert wide[0] > wide[1]
        assert all(0 < value < 96 for name in NECK for value in near.landmarks[name])


def test_the_same_seed_draws_the_same_and_cloth_changes_only_the_light() -> None:
    first, again = (silhouette(np.random.default_rng(3), 64) for _ in range(2))
    assert np.array_equal(first.luma, again.luma)
    assert first.landmarks == again.landmarks
    stripes = np.where(np.arange(64)[:, None] // 4 % 2 == 0, 0.5, 1.5) * np.ones((64, 64))
    striped = silhouette(np.random.default_rng(3), 64, stripes.astype(np.float32))
    assert np.array_equal(striped.mask, first.mask)
    assert not np.allclose(striped.luma, first.luma)


def test_things_are_drawn_without_landmarks() -> None:
    for seed in range(40):
        thing = silhouette(np.random.default_rng(seed), 64, kind="other")
        assert not thing.landmarks
        assert 0.02 < (thing.mask > 0.5).mean() < 0.95
        assert thing.inside.max() == 0
