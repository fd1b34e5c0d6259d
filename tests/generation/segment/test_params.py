"""What may be asked."""

from __future__ import annotations

from dataclasses import fields

import pytest

from shop_genai.errors import InvalidParams
from shop_genai.generation.segment.params import SegmentParams


@pytest.mark.parametrize("field", ["mask", "garment"])
def test_unknown_values_are_refused_by_name(field: str) -> None:
    with pytest.raises(InvalidParams, match="must be one of") as refusal:
        SegmentParams(**{field: "hat"})
    assert refusal.value.details["field"] == field


def test_every_choice_can_be_made() -> None:
    for field in fields(SegmentParams):
        for choice in field.metadata["choices"]:
            assert getattr(SegmentParams(**{field.name: choice}), field.name) == choice
