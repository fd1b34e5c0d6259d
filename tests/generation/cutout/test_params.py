"""Parameters check themselves."""

from __future__ import annotations

from typing import Any

import pytest

from shop_genai.errors import InvalidParams
from shop_genai.generation.cutout.params import BACKGROUNDS, FRAMES, CutoutParams


@pytest.mark.parametrize(
    "values",
    [
        {"background": "black"},
        {"background": None},
        {"colour": "red"},
        {"colour": "#fff"},
        {"colour": "#ffffff0"},
        {"colour": 5},
        {"shadow": 1.01},
        {"shadow": -0.1},
        {"shadow": True},
        {"shadow": float("nan")},
        {"frame": "round"},
        {"margin": 0.41},
        {"margin": "wide"},
    ],
)
def test_what_is_out_of_range_is_refused_by_name(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidParams) as refused:
        CutoutParams(**values)
    assert refused.value.details["field"] == next(iter(values))


def test_everything_offered_is_accepted() -> None:
    for background in BACKGROUNDS:
        for frame in FRAMES:
            assert CutoutParams(background=background, frame=frame, shadow=1, margin=0).frame == frame


@pytest.mark.parametrize(
    ("background", "ground"), [("transparent", None), ("white", (255, 255, 255)), ("colour", (16, 160, 255))]
)
def test_the_ground_is_a_colour_or_none(background: str, ground: tuple[int, int, int] | None) -> None:
    assert CutoutParams(background=background, colour="#10A0ff").ground == ground
