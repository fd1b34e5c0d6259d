"""A picture's bytes: the same every time, and nothing in them but pixels and our packet."""

from __future__ import annotations

import pytest
from PIL import Image

from shop_genai import media
from shop_genai.media import encoding
from tests.media.corpus import photo


@pytest.mark.parametrize("format", media.FORMATS)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_same_picture_gives_the_same_bytes(format: str, mode: str) -> None:
    assert encoding.encode(photo(mode), format) == encoding.encode(photo(mode), format)


@pytest.mark.parametrize("format", media.FORMATS)
def test_what_the_picture_carries_is_not_written(format: str) -> None:
    picture = photo()
    picture.info = {"comment": b"secret", "exif": b"Exif\0\0secret", "icc_profile": b"secret", "xmp": b"secret"}
    assert encoding.encode(picture, format) == encoding.encode(photo(), format)
    assert picture.info["comment"] == b"secret"  # the caller's own object is left alone


def test_the_full_size_file_is_jpeg_unless_it_cannot_be() -> None:
    name, data = encoding.encode_full(photo())
    assert name == media.inspect(data).format == "JPEG"
    transparent = photo().convert("RGBA")
    transparent.putalpha(9)
    assert encoding.encode_full(transparent)[0] == "PNG"
    assert encoding.encode_full(Image.new("L", (65_501, 16)))[0] == "PNG"
    assert encoding.encode_full(Image.new("L", (65_500, 16)))[0] == "JPEG"


def test_the_full_size_file_shows_no_loss() -> None:
    smooth = Image.linear_gradient("L").resize((320, 240))
    picture = Image.merge("RGB", (smooth, smooth.rotate(180), Image.new("L", smooth.size, 90)))
    _name, data = encoding.encode_full(picture)
    pairs = zip(picture.tobytes(), media.decode(data).tobytes(), strict=True)
    assert sum(abs(a - b) for a, b in pairs) / len(picture.tobytes()) < 1.0  # of 255


def test_transparency_is_shown_on_white() -> None:
    half = Image.new("RGBA", (2, 1), (100, 0, 0, 255))
    half.putpixel((0, 0), (100, 0, 0, 51))  # a fifth of it: 255 − 0.2 · 155 and 255 − 0.2 · 255
    assert [encoding.on_white(half).getpixel((x, 0)) for x in (0, 1)] == [(224, 204, 204), (100, 0, 0)]
    plain = photo()
    assert encoding.on_white(plain) is plain


def test_jpeg_refuses_transparency() -> None:
    with pytest.raises(OSError, match="RGBA"):
        encoding.encode(photo("RGBA"), "JPEG")
