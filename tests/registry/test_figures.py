"""Better, worse, the same, not comparable: what two manifests say beside each other."""

from __future__ import annotations

from typing import Any

import pytest

from shop_genai.errors import WeightsNotBetter, WeightsNotComparable, WeightsUnmeasured
from shop_genai.recipes import Figure
from shop_genai.registry.figures import judge, measurements
from tests.fakes.weights import DRIFT, SHARP, metrics

BOTH = (SHARP, DRIFT)


def manifest(*figures: Any, **more: Any) -> dict[str, Any]:
    return {"metrics": metrics(*figures, **more)}


def test_a_measurement_is_read_flat_and_without_what_is_no_number() -> None:
    values = {"x2 strength 0.5": {"psnr_y": 30, "note": "x", "ok": True, "gone": None, "bad": float("nan")}, "fid": 7.5}
    [found] = measurements({"metrics": {"data": "enhance", "split": "test", "test_set": "ab", "values": values}})
    assert found.values == {"x2 strength 0.5.psnr_y": 30.0, "fid": 7.5}
    assert (found.data, found.split, found.test_set, found.pictures) == ("enhance", "test", "ab", 0)


@pytest.mark.parametrize(
    ("found", "count"),
    [
        (metrics(30.0), 1),
        ([metrics(30.0), metrics(31.0)], 2),
        ({"garments": metrics(30.0), "people": metrics(31.0), "odd": 3}, 2),
        ({"data": "enhance", "split": "test", "pictures": 69, "quality": {"x2": {"psnr_y": 1.0}}}, 1),
        ([1, 2], 0),
        ("none", 0),
        ({}, 0),
        (None, 0),
    ],
)
def test_one_evaluation_a_list_or_a_table_of_them(found: Any, count: int) -> None:
    assert len(measurements({"metrics": found})) == count


@pytest.mark.parametrize(
    ("after", "verdicts"),
    [
        ((30.2, 1.0), ["better", "same"]),
        ((30.2, 0.9), ["better", "better"]),
        ((29.95, 0.9), ["same", "better"]),  # within the tolerance of 0.1
    ],
)
def test_better_is_nothing_worse_and_something_better(after: tuple[float, float], verdicts: list[str]) -> None:
    found = judge(BOTH, manifest(*after), manifest(30.0, 1.0))
    assert found.refusal is None
    assert [line.verdict for line in found.lines] == verdicts


@pytest.mark.parametrize("after", [(30.0, 1.0), (30.1, 1.0), (29.0, 0.5), (31.0, 1.1)])
def test_the_same_or_a_trade_is_not_better(after: tuple[float, float]) -> None:
    assert isinstance(judge(BOTH, manifest(*after), manifest(30.0, 1.0)).refusal, WeightsNotBetter)


def test_a_refusal_says_the_figures() -> None:
    refusal = judge(BOTH, manifest(28.75, 1.0), manifest(30.0, 1.0)).refusal
    assert "Sharpness 30.00 → 28.75 (worse by 1.25, allowed are 0.1)" in str(refusal)
    [sharp, drift] = refusal.details["figures"]  # type: ignore[union-attr]  # a refusal is what this test is about
    assert (sharp["figure"], sharp["before"], sharp["after"], sharp["verdict"]) == ("x2.psnr", 30.0, 28.75, "worse")
    assert (drift["better"], drift["verdict"]) == ("min", "same")


def test_another_test_set_is_not_comparable_even_under_the_same_name() -> None:
    found = judge(BOTH, manifest(40.0, test_set="ab" * 32), manifest(30.0))
    assert isinstance(found.refusal, WeightsNotComparable)
    assert "abababababab" in str(found.refusal)
    assert "5e5e5e5e5e5e" in str(found.refusal)
    assert found.lines == ()


def test_without_the_name_of_a_test_set_nothing_is_comparable() -> None:
    nameless = manifest(40.0, test_set="")
    for candidate, current in [(nameless, manifest(30.0)), (manifest(40.0), nameless), (nameless, nameless)]:
        assert isinstance(judge(BOTH, candidate, current).refusal, WeightsNotComparable)


def test_features_of_another_extractor_are_not_comparable() -> None:
    shop, inception = manifest(31.0, extractor="shop-1a2b"), manifest(30.0, extractor="inception-3c4d")
    assert isinstance(judge(BOTH, shop, inception).refusal, WeightsNotComparable)
    assert "inception-3c4d" in str(judge(BOTH, shop, inception).refusal)
    assert judge(BOTH, shop, manifest(30.0, extractor="shop-1a2b")).refusal is None


def test_each_common_test_set_counts() -> None:
    other = "ab" * 32
    current = {"metrics": [metrics(30.0), metrics(30.0, test_set=other)]}
    better = {"metrics": [metrics(31.0), metrics(30.0, test_set=other), metrics(9.0, test_set="cd" * 32)]}
    worse = {"metrics": [metrics(31.0), metrics(29.0, test_set=other)]}
    assert judge(BOTH, better, current).refusal is None
    assert len(judge(BOTH, better, current).lines) == 4
    assert isinstance(judge(BOTH, worse, current).refusal, WeightsNotBetter)


def test_missing_figures_are_named() -> None:
    found = judge((*BOTH, Figure("x4.psnr")), manifest(30.0), manifest(30.0))
    assert isinstance(found.refusal, WeightsUnmeasured)
    assert found.refusal.details == {"missing": ["x4.psnr"]}
    assert isinstance(judge(BOTH, {}, manifest(30.0)).refusal, WeightsUnmeasured)


def test_weights_in_use_without_figures_are_not_comparable() -> None:
    found = judge(BOTH, manifest(30.0), {})
    assert isinstance(found.refusal, WeightsNotComparable)
    assert "never measured" in str(found.refusal)


def test_the_first_weights_only_have_to_be_measured() -> None:
    found = judge(BOTH, manifest(30.0, 0.25), None)
    assert found.refusal is None
    assert [(line.before, line.after, line.verdict) for line in found.lines] == [
        (None, 30.0, "new"),
        (None, 0.25, "new"),
    ]
    assert str(found.lines[1]) == "x2.drift 0.25"


def test_a_recipe_that_declares_nothing_is_never_decided_by_figures() -> None:
    assert isinstance(judge((), manifest(40.0), manifest(30.0)).refusal, WeightsNotComparable)


def test_a_figure_checks_itself() -> None:
    with pytest.raises(ValueError, match="tolerance"):
        Figure("x", tolerance=-1.0)
    with pytest.raises(ValueError, match="'max' or 'min'"):
        Figure("x", better="more")  # type: ignore[arg-type]  # the mistake that is meant
