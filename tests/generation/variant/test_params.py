"""What may be asked for."""

from __future__ import annotations

from typing import Any

import pytest

from shop_genai.errors import InvalidParams
from shop_genai.generation.variant import looks
from shop_genai.generation.variant.params import MOST, TARGETS, VariantParams

LOOK = looks.pack([0.5, -1.0])


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"target": "colour", "colour": "mustard"},
        {"target": "colour", "colour": "Navy Blue"},
        {"target": "colour", "colour": "#A0b1c2"},
        {"target": "look", "look": LOOK, "strength": 0},
        {"target": "appearance"},
        {"count": MOST, "number": MOST - 1},
        {"stocked": "white/navy, tartan", "stocked_only": True},
    ],
)
def test_what_is_taken(values: dict[str, Any]) -> None:
    params = VariantParams(**values)
    assert params.target in TARGETS


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"target": "taste"}, "target"),
        ({"strength": 1.01}, "strength"),
        ({"strength": -0.1}, "strength"),
        ({"strength": True}, "strength"),
        ({"strength": float("nan")}, "strength"),
        ({"count": 0}, "count"),
        ({"count": MOST + 1}, "count"),
        ({"count": True}, "count"),
        ({"number": 1}, "number"),
        ({"count": 3, "number": 3}, "number"),
        ({"count": 3, "number": -1}, "number"),
        ({"target": "colour"}, "colour"),
        ({"target": "colour", "colour": "tartan"}, "colour"),
        ({"target": "colour", "colour": "white/navy"}, "colour"),
        ({"target": "colour", "colour": "#12"}, "colour"),
        ({"colour": "red"}, "colour"),
        ({"target": "look"}, "look"),
        ({"target": "look", "look": "no look!"}, "look"),
        ({"target": "colour", "colour": "red", "look": LOOK}, "look"),
        ({"stocked_only": True}, "stocked"),
        ({"stocked_only": True, "stocked": "tartan"}, "stocked"),
    ],
)
def test_what_is_refused(values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        VariantParams(**values)
    assert refused.value.details["field"] == field


def test_the_colours_in_stock() -> None:
    found = VariantParams(stocked="white/navy, tartan").in_stock
    assert found.names == ("white", "navy")
    assert found.unknown == ("tartan",)
