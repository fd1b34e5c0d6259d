"""The mode-collapse alarm: it rings for collapsed sets and stays silent for healthy ones, over several draws."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shop_genai.training import alarm
from shop_genai.training.alarm import SMALLEST, Diagnosis, diagnose
from shop_genai.training.extractors import Features, open_extractor
from tests.generation.goods import goods
from tests.training.metrics.clouds import Points

COUNT, FEATURES, MODES = 256, 24, 20
SEEDS = range(6)


def seen(points: Points) -> Features:
    return Features(points, np.ones((len(points), 1)))


def shop(seed: int, modes: int = MODES, count: int = COUNT) -> Points:
    """Features of `modes` kinds of goods, that differ within each kind too; the first kinds are always the same."""
    kinds = np.random.default_rng(7).normal(size=(MODES, FEATURES))
    rng = np.random.default_rng(seed)
    return kinds[rng.integers(modes, size=count)] + 0.4 * rng.normal(size=(count, FEATURES))


def again_and_again(seed: int, distinct: int) -> Points:
    """A few pictures with a little noise."""
    rng = np.random.default_rng(seed)
    return shop(seed)[rng.integers(distinct, size=COUNT)] + 0.02 * rng.normal(size=(COUNT, FEATURES))


def rings(made: list[Points]) -> list[Diagnosis]:
    found = [diagnose(seen(shop(1000 + number)), seen(points)) for number, points in enumerate(made)]
    assert all(diagnosis.collapsed == bool(diagnosis.reasons) for diagnosis in found)
    return [diagnosis for diagnosis in found if diagnosis.collapsed]


def test_another_draw_is_healthy() -> None:
    assert not rings([shop(seed) for seed in SEEDS])


@pytest.mark.parametrize("distinct", [1, 5, 16])
def test_few_pictures_again_and_again_ring(distinct: int) -> None:
    found = rings([again_and_again(seed, distinct) for seed in SEEDS])
    assert len(found) == len(SEEDS)
    assert all("near-duplicates" in " ".join(diagnosis.reasons) for diagnosis in found)


def test_a_tenth_of_the_modes_rings() -> None:
    found = rings([shop(seed, modes=MODES // 10) for seed in SEEDS])
    assert len(found) == len(SEEDS)
    assert all("kinds are missing" in " ".join(diagnosis.reasons) for diagnosis in found)


def test_too_few_pictures_to_tell_of_kinds_are_given_the_benefit_of_the_doubt() -> None:
    few = alarm.KINDS_FROM - 1
    made = shop(1, modes=MODES // 10, count=few)
    assert not diagnose(seen(shop(2, count=few)), seen(made)).collapsed


def test_pictures_that_hardly_differ_ring() -> None:
    found = rings([shop(seed).mean(axis=0) + 0.3 * (shop(seed) - shop(seed).mean(axis=0)) for seed in SEEDS])
    assert len(found) == len(SEEDS)
    assert all(diagnosis.pairwise_ratio == pytest.approx(0.3, abs=0.02) for diagnosis in found)
    assert all("differ from each other only" in diagnosis.reasons[0] for diagnosis in found)


@pytest.mark.parametrize("change", [lambda points: points + 5, lambda points: 0.8 * points, lambda points: 3 * points])
def test_poor_but_varied_pictures_are_no_collapse(change: object) -> None:
    assert callable(change)
    assert not rings([change(shop(seed)) for seed in SEEDS])


def test_pictures_beside_the_real_ones_cover_little_but_are_no_collapse() -> None:
    for seed in SEEDS:
        diagnosis = diagnose(seen(shop(1000 + seed)), seen(shop(seed) + 0.8))
        assert diagnosis.coverage < 0.2
        assert diagnosis.recall < 0.2
        assert diagnosis.remoteness > alarm.MOST_REMOTE
        assert not diagnosis.collapsed


def test_real_pictures_that_are_twins_themselves_do_not_ring() -> None:
    # A catalogue with each photo twice: the made set may hold twins as well.
    twice = [np.repeat(shop(seed, count=COUNT // 2), 2, axis=0) for seed in range(2)]
    assert not diagnose(seen(twice[0]), seen(twice[1])).collapsed


def test_the_figures_make_a_row() -> None:
    row = diagnose(seen(shop(1)), seen(shop(2))).as_row()
    assert list(row) == ["coverage", "recall", "precision", "remoteness", "pairwise_ratio", "near_duplicates"]
    assert row["pairwise_ratio"] == pytest.approx(1, abs=0.1)
    assert row["remoteness"] == pytest.approx(1, abs=0.1)
    assert min(row["coverage"], row["recall"], row["precision"]) > 0.8
    assert row["near_duplicates"] < 0.2


def test_sets_of_unequal_size_are_cut_the_same_way() -> None:
    real, made = seen(shop(1, count=300)), seen(shop(2))
    assert diagnose(real, made) == diagnose(real, made)
    assert not diagnose(real, made).collapsed
    assert not diagnose(made, real).collapsed


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="needs 24"):
        diagnose(seen(shop(1)), seen(shop(2)[: SMALLEST - 1]))


def test_it_rings_for_pictures_too() -> None:
    extractor = open_extractor("shop", "cpu")
    real, other = ([example.picture for example in goods(64, 48, seed)] for seed in (1, 2))
    rng = np.random.default_rng(0)

    def noisy(picture: Image.Image) -> Image.Image:
        return Image.fromarray(np.clip(np.asarray(picture) + rng.normal(0, 2, (48, 48, 3)), 0, 255).astype(np.uint8))

    truth = extractor(real)
    assert not diagnose(truth, extractor(other)).collapsed
    assert diagnose(truth, extractor([noisy(other[number % 4]) for number in range(64)])).collapsed
