"""Parameters for a batch: one for all or one each, as dataclasses or as plain values."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from shop_genai.errors import InvalidParams
from shop_genai.generation.parameters import one_each


@dataclass(frozen=True)
class Wish:
    size: int = 1


def test_one_serves_all_and_several_serve_one_each() -> None:
    assert one_each("wish", Wish, {"size": 3}, 2) == [Wish(3), Wish(3)]
    assert one_each("wish", Wish, Wish(4), 1) == [Wish(4)]
    assert one_each("wish", Wish, [Wish(5), {}], 2) == [Wish(5), Wish(1)]


@pytest.mark.parametrize(("params", "field"), [([{}], "params"), ([{}, {}, {}], "params"), ({"colour": 1}, "colour")])
def test_too_few_too_many_or_unknown_ones_are_refused(params: object, field: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        one_each("wish", Wish, params, 2)  # type: ignore[arg-type]  # as a caller might
    assert refused.value.details["field"] == field
