"""The same picture in several widths and formats."""

from __future__ import annotations

import io
from typing import Any
from unittest import mock

import pytest
from PIL import Image

from shop_genai import media
from shop_genai.media import formats, renditions
from tests.media.corpus import photo
from tests.media.remote import RemoteStorage


def test_nothing_is_enlarged_and_the_full_width_is_there(settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "RENDITION_WIDTHS": (640, 320, 320, 0, 2000)}
    assert renditions.widths(1000) == [320, 640, 1000]
    assert renditions.widths(640) == [320, 640]
    assert renditions.widths(100) == [100]


def test_each_entry_tells_the_truth(remote: type[RemoteStorage]) -> None:
    entries = renditions.make_renditions(photo(size=(700, 501)), "default", "genai/results/x", b"")
    assert [(e["format"], e["width"]) for e in entries] == [
        (format, width) for width in (320, 640, 700) for format in ("AVIF", "WEBP", "JPEG")
    ]
    assert {entry["name"] for entry in entries} == set(remote.objects)
    for entry in entries:
        data = remote.objects[entry["name"]]
        assert formats.sniff(data)[0] == entry["format"]
        assert len(data) == entry["bytes"]
        with formats.READERS[entry["format"]](io.BytesIO(data)) as opened:
            assert opened.size == (entry["width"], entry["height"])
    assert {e["height"] for e in entries} == {229, 458, 501}  # 501 × 320 / 700 and 501 × 640 / 700, rounded


def test_modern_formats_are_smaller_than_jpeg(remote: type[RemoteStorage]) -> None:
    gradient = Image.merge("RGB", [Image.linear_gradient("L").resize((800, 600))] * 3)
    entries = renditions.make_renditions(gradient, "default", "genai/results/x", b"")
    sizes = {entry["format"]: entry["bytes"] for entry in entries if entry["width"] == 800}
    assert sizes["AVIF"] < sizes["JPEG"]
    assert sizes["WEBP"] < sizes["JPEG"]


def test_jpeg_shows_transparency_on_exact_white(remote: type[RemoteStorage], settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "RENDITION_FORMATS": ("JPEG",), "RENDITION_WIDTHS": (100,)}
    cutout = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    cutout.paste((200, 0, 0, 255), (100, 100, 300, 300))
    for entry in renditions.make_renditions(cutout, "default", "genai/results/x", b""):
        shown = media.decode(remote.objects[entry["name"]])
        assert shown.getpixel((0, 0)) == shown.getpixel((entry["width"] // 8, 5)) == (255, 255, 255)
        red, green, _blue = shown.getpixel((entry["width"] // 2, entry["height"] // 2))
        assert (red > 190, green < 10) == (True, True)


def test_formats_that_this_pillow_cannot_write_are_left_out() -> None:
    with mock.patch.object(formats, "missing_codecs", return_value=("AVIF",)):
        assert renditions.wanted_formats() == ["WEBP", "JPEG"]


def test_a_picture_too_long_for_a_format_is_left_out_of_it(remote: type[RemoteStorage], settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "RENDITION_FORMATS": ("WEBP", "JPEG")}
    entries = renditions.make_renditions(Image.new("L", (17_000, 20)), "default", "genai/results/x", b"")
    assert [entry["format"] for entry in entries if entry["width"] == 17_000] == ["JPEG"]


def test_order_and_choice_come_from_the_settings(settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "RENDITION_FORMATS": ("JPEG", "GIF", "WEBP")}
    assert renditions.wanted_formats() == ["JPEG", "WEBP"]
    assert media.missing_codecs() == ()


@pytest.mark.parametrize("format", ["AVIF", "WEBP", "JPEG"])
def test_the_same_picture_gives_the_same_file(format: str, remote: type[RemoteStorage], settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "RENDITION_FORMATS": (format,)}
    first = renditions.make_renditions(photo(), "default", "genai/results/x", b"")
    assert renditions.make_renditions(photo(), "default", "genai/results/x", b"") == first
    assert len(remote.objects) == 1
