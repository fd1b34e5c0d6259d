"""What may be asked of accessories."""

from __future__ import annotations

from typing import Any

import pytest

from shop_genai.errors import InvalidParams
from shop_genai.generation.accessories.params import COLOURS, KINDS, STYLES, AccessoryParams


def test_every_kind_has_styles_and_every_style_a_colour() -> None:
    assert set(STYLES) == set(KINDS)
    assert set(COLOURS) == {style for styles in STYLES.values() for style in styles}
    assert all(AccessoryParams(kind=kind).form == STYLES[kind][0] for kind in KINDS)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "ring"}, "kind"),
        ({"kind": "hat", "style": "round"}, "style"),
        ({"colour": "red"}, "colour"),
        ({"colour": 5}, "colour"),
        ({"strength": 1.1}, "strength"),
        ({"strength": True}, "strength"),
        ({"size": 0.5}, "size"),
        ({"size": "1"}, "size"),
    ],
)
def test_what_makes_no_sense_is_refused(values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        AccessoryParams(**values)
    assert refused.value.details["field"] == field


def test_colours() -> None:
    assert AccessoryParams(colour="#0a141E").rgb((9, 9, 9)) == (10, 20, 30)
    assert AccessoryParams(kind="hat", style="cap").rgb() == (0x2B, 0x3F, 0x63)
    assert AccessoryParams(kind="hat", style="cap").rgb((9, 9, 9)) == (9, 9, 9)
