"""Parameters check themselves."""

from __future__ import annotations

from typing import Any

import pytest

from shop_genai.errors import InvalidParams
from shop_genai.generation.enhance.params import EnhanceParams


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"scale": 3}, "scale"),
        ({"scale": 0}, "scale"),
        ({"scale": True}, "scale"),
        ({"scale": "2"}, "scale"),
        ({"strength": -0.01}, "strength"),
        ({"strength": 1.01}, "strength"),
        ({"strength": float("nan")}, "strength"),
        ({"strength": True}, "strength"),
        ({"strength": "high"}, "strength"),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        EnhanceParams(**values)
    assert refused.value.details["field"] == field


@pytest.mark.parametrize("scale", [1, 2, 4])
@pytest.mark.parametrize("strength", [0, 0.5, 1])
def test_everything_offered_is_accepted(scale: int, strength: float) -> None:
    assert EnhanceParams(scale, strength).scale == scale
