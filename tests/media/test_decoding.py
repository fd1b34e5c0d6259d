"""What decoding answers in each case; the corpus holds the odd files."""

from __future__ import annotations

import io
from typing import Any
from unittest import mock

import pytest
from PIL import Image

from shop_genai import media
from shop_genai.errors import (
    FormatNotAllowed,
    ImageRefused,
    ImageTooLarge,
    ImageTooSmall,
    ImageTruncated,
    NotAnImage,
)
from shop_genai.media import decoding
from tests.media import crafted
from tests.media.corpus import photo, valid_files
from tests.media.crafted import encoded


def limits(settings: Any, **changed: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, **changed}


def test_a_header_is_read_without_pixels() -> None:
    data = crafted.jpeg_of_size(encoded(photo(), "JPEG"), 9_000, 8_000)
    assert media.inspect(data) == media.Header("JPEG", 9_000, 8_000, "RGB")
    with pytest.raises(ImageTooLarge):
        media.decode(data)


def test_the_limit_is_exact(settings: Any) -> None:
    data = encoded(photo(size=(50, 40)), "PNG")
    limits(settings, MAX_PIXELS=2_000)
    assert media.decode(data).size == (50, 40)
    limits(settings, MAX_PIXELS=1_999)
    with pytest.raises(ImageTooLarge) as refusal:
        media.decode(data)
    assert refusal.value.details == {"width": 50, "height": 40, "limit": 1_999}


def test_the_smallest_side_is_exact(settings: Any) -> None:
    data = encoded(photo(size=(50, 40)), "PNG")
    limits(settings, MIN_SIDE=41)
    with pytest.raises(ImageTooSmall) as refusal:
        media.decode(data)
    assert "41" in str(refusal.value)


def test_formats_that_are_not_allowed_are_named(settings: Any) -> None:
    with pytest.raises(FormatNotAllowed) as refusal:
        media.decode(encoded(photo(), "AVIF", speed=10))
    assert refusal.value.details == {"format": "AVIF", "allowed": ["JPEG", "PNG", "WEBP"]}
    limits(settings, UPLOAD_FORMATS=("JPEG", "PNG", "WEBP", "AVIF"))
    assert media.decode(encoded(photo(), "AVIF", speed=10)).size == (64, 48)
    limits(settings, UPLOAD_FORMATS=("PNG", "NONSENSE"))
    with pytest.raises(FormatNotAllowed):
        media.decode(encoded(photo(), "JPEG"))


@pytest.mark.parametrize("name", valid_files())
def test_a_file_cut_in_its_middle_is_called_truncated(name: str, settings: Any) -> None:
    limits(settings, UPLOAD_FORMATS=("JPEG", "PNG", "WEBP", "AVIF"))
    data = valid_files()[name]
    with pytest.raises(ImageTruncated):
        media.decode(data[: len(data) * 6 // 10])


def test_memory_that_runs_out_is_a_refusal_and_so_is_anything_unforeseen() -> None:
    data = encoded(photo(), "PNG")
    for raised, expected in (
        (MemoryError(), ImageTooLarge),
        (Image.DecompressionBombError(), ImageTooLarge),
        (ZeroDivisionError("odd"), ImageRefused),
        (RecursionError(), ImageRefused),
        (Image.UnidentifiedImageError(), NotAnImage),
    ):
        with mock.patch("PIL.PngImagePlugin.PngImageFile.load", side_effect=raised), pytest.raises(expected):
            media.decode(data)


def test_a_preview_is_small_and_looks_like_the_picture() -> None:
    large = photo(size=(1600, 1200))
    for format in ("JPEG", "PNG", "WEBP"):
        small = media.preview(encoded(large, format), 160)
        assert small.size == (160, 120)
        whole = media.decode(encoded(large, format)).resize((160, 120), Image.Resampling.LANCZOS)
        difference = sum(abs(a - b) for a, b in zip(small.tobytes(), whole.tobytes(), strict=True))
        assert difference / len(small.tobytes()) < 2.0  # of 255


def test_a_preview_may_be_of_four_times_the_limit_if_that_is_cheap(settings: Any) -> None:
    picture = photo(size=(800, 600))
    limits(settings, MAX_PIXELS=160_000)
    assert media.preview(encoded(picture, "JPEG"), 100).size == (100, 75)
    for dear in (encoded(picture, "JPEG", progressive=True), encoded(picture, "PNG")):
        with pytest.raises(ImageTooLarge):
            media.preview(dear, 100)
    limits(settings, MAX_PIXELS=100_000)
    with pytest.raises(ImageTooLarge):
        media.preview(encoded(picture, "JPEG"), 100)


def test_a_jpeg_with_a_scan_for_each_colour_is_no_cheap_preview(settings: Any) -> None:
    limits(settings, MAX_PIXELS=160_000)
    with pytest.raises(ImageTooLarge):
        media.preview(crafted.jpeg_scan_by_scan(800, 600), 100)


def test_too_many_scans_are_refused_at_once() -> None:
    with pytest.raises(ImageTooLarge) as refusal:
        media.decode(crafted.jpeg_scan_by_scan(64, 48, empty_scans=62))
    assert refusal.value.details == {"scans": 65}
    assert media.decode(crafted.jpeg_scan_by_scan(64, 48, empty_scans=61)).size == (64, 48)


def test_a_second_picture_behind_a_jpeg_is_not_an_animation() -> None:
    """MPO, as phones write it: the first picture counts."""
    buffer = io.BytesIO()
    photo().save(buffer, "MPO", save_all=True, append_images=[photo().rotate(90)])
    assert media.decode(buffer.getvalue()).size == (64, 48)


def test_the_early_look_refuses_by_size_and_leaves_the_stream_at_its_start(settings: Any) -> None:
    limits(settings, MAX_PIXELS=2_000)
    for format in ("JPEG", "PNG"):
        stream = io.BytesIO(encoded(photo(), format))
        with pytest.raises(ImageTooLarge):
            decoding.refuse_by_header(stream)
        assert not stream.closed
    for harmless in (encoded(photo(size=(40, 40)), "PNG"), encoded(photo(), "WEBP"), b"text", b"\xff\xd8\xff"):
        stream = io.BytesIO(harmless)
        decoding.refuse_by_header(stream)
        assert stream.tell() == 0
