"""Tiles cover a picture exactly once, whatever its size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shop_genai.generation.enhance.tiles import Grid, Span, read, spans, tiles, write
from tests.generation.pictures import drawn

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


@given(height=st.integers(1, 300), width=st.integers(1, 300), unit=units, border=st.integers(0, 12))
def test_tiles_cover_a_picture_once_and_are_all_of_one_size(height: int, width: int, unit: int, border: int) -> None:
    grid = Grid(unit, HALO * unit, border * unit)
    found = tiles(height, width, 40 * unit, grid)
    covered = np.zeros((height + 2 * grid.border + unit, width + 2 * grid.border + unit), int)
    for tile in found:
        covered[tile.y.keep_start : tile.y.keep_stop, tile.x.keep_start : tile.x.keep_stop] += 1
    real = covered[grid.border : grid.border + height, grid.border : grid.border + width]
    assert real.min() == real.max() == 1
    assert len({tile.shape for tile in found}) == 1


@settings(max_examples=60)
@given(height=st.integers(1, 140), width=st.integers(1, 140), unit=units, border=st.integers(0, 12))
def test_what_is_read_is_the_mirrored_picture_and_what_is_written_the_picture(
    height: int, width: int, unit: int, border: int
) -> None:
    grid = Grid(unit, HALO * unit, border * unit)
    picture = drawn(width, height)
    framed = np.pad(np.asarray(picture), [(grid.border, grid.border + unit)] * 2 + [(0, 0)], mode="reflect")
    result = Image.new("RGB", (2 * width, 2 * height))
    for tile in tiles(height, width, 40 * unit, grid):
        pixels = read(picture, tile, grid.border)
        assert pixels.shape == (*tile.shape, 3)
        assert np.array_equal(pixels, framed[tile.y.start : tile.y.stop, tile.x.start : tile.x.stop])
        write(result, pixels.repeat(2, axis=0).repeat(2, axis=1), tile, grid.border, 2)
    assert result.tobytes() == picture.resize(result.size, Image.Resampling.NEAREST).tobytes()


@pytest.mark.parametrize("unit", [1, 2, 4])
def test_the_smallest_tile_has_room_for_more_than_its_halo(unit: int) -> None:
    grid = Grid(unit, HALO * unit, 0)
    assert grid.smallest == 32 * unit
    assert len(tiles(400, 400, grid.smallest, grid)) > 1


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
