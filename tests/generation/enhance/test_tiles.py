"""Tiles cover a picture exactly once, whatever its size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop_genai.generation.enhance.tiles import Span, spans, tiles

HALO = 10
sides = st.integers(1, 400)
units = st.sampled_from([1, 2, 4])


@given(cells=sides, unit=units, largest=st.integers(32, 128))
def test_spans_cover_a_length_once_with_a_halo_around_every_seam(cells: int, unit: int, largest: int) -> None:
    length, halo = cells * unit, HALO * unit
    found = spans(length, largest * unit, halo, unit)
    assert [i for s in found for i in range(s.keep_start, s.keep_stop)] == list(range(length))
    assert len({s.stop - s.start for s in found}) == 1
    for span in found:
        assert 0 <= span.start <= span.keep_start < span.keep_stop <= span.stop <= length
        assert span.start % unit == 0
        assert span.stop - span.start <= largest * unit
        assert span.start == 0 or span.keep_start - span.start >= halo
        assert span.stop == length or span.stop - span.keep_stop >= halo


@given(height=st.integers(1, 90), width=st.integers(1, 90), unit=units)
def test_tiles_cover_a_picture_once_and_are_all_of_one_size(height: int, width: int, unit: int) -> None:
    found = tiles(height * unit, width * unit, 32 * unit, HALO * unit, unit)
    covered = np.zeros((height * unit, width * unit), int)
    for tile in found:
        covered[tile.y.keep_start : tile.y.keep_stop, tile.x.keep_start : tile.x.keep_stop] += 1
    assert covered.min() == covered.max() == 1
    assert len({(t.y.stop - t.y.start, t.x.stop - t.x.start) for t in found}) == 1


def test_a_short_length_is_one_tile() -> None:
    assert spans(128, 128, 10, 1) == [Span(0, 128, 0, 128)]


def test_two_tiles_meet_in_the_middle_of_their_overlap() -> None:
    assert spans(130, 128, 10, 1) == [Span(0, 76, 0, 65), Span(54, 130, 65, 130)]


@pytest.mark.parametrize(
    ("length", "largest", "halo", "unit"),
    [(130, 128, 10, 4), (128, 130, 10, 4), (300, 21, 10, 1)],
)
def test_impossible_demands_are_refused(length: int, largest: int, halo: int, unit: int) -> None:
    with pytest.raises(ValueError, match="cannot cover"):
        spans(length, largest, halo, unit)
