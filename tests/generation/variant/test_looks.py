"""Looks as text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop_genai.generation.variant import looks


@given(st.lists(st.floats(-60000, 60000, width=16), min_size=1, max_size=64))
def test_half_precision_survives(vector: list[float]) -> None:
    assert looks.unpack(looks.pack(vector)) == tuple(vector)


def test_the_text_is_short_and_plain() -> None:
    text = looks.pack([0.1] * 32)
    assert len(text) == 88
    assert text.isascii()
    assert "+" not in text
    assert "/" not in text
    assert looks.unpack(text) == pytest.approx([0.1] * 32, rel=1e-3)


@pytest.mark.parametrize("vector", [[], [math.nan], [math.inf], [1e6], [0.0] * (looks.LARGEST + 1)])
def test_what_cannot_be_packed(vector: list[float]) -> None:
    with pytest.raises(ValueError, match="look"):
        looks.pack(vector)


@pytest.mark.parametrize("text", ["", "A", "AAA", "AAAA", "not base64!", "é" * 4, "AHw=", "A" * 4000])
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="not a packed look"):
        looks.unpack(text)
