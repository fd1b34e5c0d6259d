"""What the first bytes say."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from shop_genai.media import formats
from tests.media.corpus import photo, valid_files
from tests.media.crafted import encoded, iso_box


def test_the_four_formats_are_known_by_their_first_bytes() -> None:
    expected = {"jpeg": "JPEG", "progressive": "JPEG", "png": "PNG", "webp": "WEBP", "lossless": "WEBP", "avif": "AVIF"}
    assert {name: formats.sniff(data[:64])[0] for name, data in valid_files().items()} == expected


@pytest.mark.parametrize(
    ("format", "name"),
    [("GIF", "GIF"), ("BMP", "BMP"), ("TIFF", "TIFF"), ("ICO", "ICO"), ("PDF", "PDF"), ("JPEG2000", "JPEG 2000")],
)
def test_other_pictures_are_refused_by_name(format: str, name: str) -> None:
    assert formats.sniff(encoded(photo(), format)) == (None, name)


def test_an_iso_file_is_avif_if_any_of_its_brands_says_so() -> None:
    assert formats.sniff(iso_box(b"ftyp", b"mif1\0\0\0\0miafavif")) == ("AVIF", "AVIF")
    assert formats.sniff(iso_box(b"ftyp", b"mif1\0\0\0\0miaf")) == (None, "HEIF")
    assert formats.sniff(iso_box(b"ftyp", b"heic\0\0\0\0mif1")) == (None, "HEIC")
    assert formats.sniff(iso_box(b"ftyp", b"isom\0\0\0\0") + b"avif") == (None, "")


def test_what_is_no_picture_has_no_name() -> None:
    for data in (b"", b"text", b"RIFF\0\0\0\0WAVE", b"\x89PNG", bytes(100)):
        assert formats.sniff(data) == (None, "")


def test_only_known_formats_that_this_pillow_reads_are_allowed(settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "UPLOAD_FORMATS": ("PNG", "AVIF", "EPS")}
    assert formats.allowed() == ("PNG", "AVIF")
    with mock.patch("PIL.features.check", side_effect=lambda codec: codec != "avif"):
        assert formats.missing_codecs() == ("AVIF",)
        assert formats.allowed() == ("PNG",)


def test_sides_are_limited_by_the_format() -> None:
    assert formats.fits("WEBP", (16_383, 20))
    assert not formats.fits("WEBP", (20, 16_384))
