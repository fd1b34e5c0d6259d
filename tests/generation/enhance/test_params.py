"""Parameters check themselves."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from shop_genai.errors import InvalidParams
from shop_genai.generation.enhance.params import EnhanceParams
from shop_genai.generation.enhance.presets import PRESETS


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
        ({"light": -0.01}, "light"),
        ({"light": 2}, "light"),
        ({"light": False}, "light"),
        ({"preset": "best"}, "preset"),
        ({"preset": None}, "preset"),
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


def test_every_preset_is_offered_by_name_with_a_label() -> None:
    preset = next(field for field in fields(EnhanceParams) if field.name == "preset")
    assert list(preset.metadata["choices"]) == ["custom", *PRESETS]
    for name in preset.metadata["choices"]:
        assert EnhanceParams(preset=name).preset == name


def test_what_counts_stands_first_in_forms_and_numbers_can_go_without_names() -> None:
    assert [field.name for field in fields(EnhanceParams)] == ["preset", "scale", "strength", "light"]
    assert EnhanceParams(4, 0.25, 1.0) == EnhanceParams(scale=4, strength=0.25, light=1.0, preset="custom")
