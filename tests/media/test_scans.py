"""How a JPEG is laid out."""

from __future__ import annotations

import pytest
from PIL import Image

from shop_genai.media import scans
from tests.media.corpus import photo
from tests.media.crafted import encoded, jpeg_scan_by_scan, jpeg_with


def test_ordinary_files_have_one_scan() -> None:
    for mode in ("RGB", "L", "CMYK"):
        data = encoded(photo(mode), "JPEG")
        assert scans.count(data) == 1
        assert scans.is_single(data)


def test_a_thumbnail_in_the_metadata_is_not_mistaken_for_the_picture() -> None:
    thumbnail = encoded(Image.new("RGB", (16, 16)), "JPEG", progressive=True)
    data = jpeg_with(encoded(photo(), "JPEG"), (0xE1, b"Exif\x00\x00" + thumbnail))
    assert scans.is_single(data)
    assert scans.count(data) > 1


def test_fill_bytes_before_a_marker_are_allowed() -> None:
    data = encoded(photo(), "JPEG")
    assert scans.is_single(data[:2] + b"\xff\xff" + data[2:])


@pytest.mark.parametrize("data", [encoded(photo(), "JPEG", progressive=True), jpeg_scan_by_scan(40, 30)])
def test_files_that_need_all_coefficients(data: bytes) -> None:
    assert not scans.is_single(data)
    assert scans.count(data) >= 3


def test_every_cut_before_the_first_scan_counts_as_no() -> None:
    data = encoded(photo(), "JPEG")
    start = data.index(b"\xff\xda")
    assert not any(scans.is_single(data[:end]) for end in range(start + 4))
