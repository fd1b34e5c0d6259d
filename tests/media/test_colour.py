"""Any file's pixels → upright 8-bit sRGB."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from shop_genai import media
from shop_genai.media import colour
from tests.media import corpus, crafted
from tests.media.crafted import encoded

# Where the stored corners (red, green, blue, white) must be seen, read in rows, for each EXIF orientation.
# Source: EXIF 2.32, tag 274: "the 0th row is at the visual …, the 0th column at the visual …".
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
SEEN = {
    0: (RED, GREEN, BLUE, WHITE),  # not a value of the standard: as it is stored
    1: (RED, GREEN, BLUE, WHITE),
    2: (GREEN, RED, WHITE, BLUE),
    3: (WHITE, BLUE, GREEN, RED),
    4: (BLUE, WHITE, RED, GREEN),
    5: (RED, BLUE, GREEN, WHITE),
    6: (BLUE, RED, WHITE, GREEN),
    7: (WHITE, GREEN, BLUE, RED),
    8: (GREEN, WHITE, RED, BLUE),
    9: (RED, GREEN, BLUE, WHITE),
}


def quarters() -> Image.Image:
    """48 × 32: red and green over blue and white."""
    picture = Image.new("RGB", (48, 32), RED)
    picture.paste(GREEN, (24, 0, 48, 16))
    picture.paste(BLUE, (0, 16, 24, 32))
    picture.paste(WHITE, (24, 16, 48, 32))
    return picture


@pytest.mark.parametrize("turn", SEEN)
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_is_turned_upright(turn: int, format: str) -> None:
    exif = Image.Exif()
    exif[colour.ORIENTATION] = turn
    data = encoded(quarters(), format, exif=exif)
    picture = media.decode(data)
    width, height = picture.size
    assert (width, height) == ((32, 48) if turn in (5, 6, 7, 8) else (48, 32))
    corners = [(8, 8), (width - 9, 8), (8, height - 9), (width - 9, height - 9)]
    seen = np.array([picture.getpixel(corner) for corner in corners], dtype=int)
    assert np.abs(seen - np.array(SEEN[turn])).max() <= 12
    header = media.inspect(data)
    assert (header.width, header.height) == picture.size


def test_sixteen_bits_keep_their_brightness() -> None:
    wide = Image.new("I;16", (20, 20), 32896)  # 128 × 257
    assert media.decode(encoded(wide, "PNG")).getpixel((0, 0)) == 128
    row = b"\x00" + struct.pack(">HHH", 65535, 32896, 0) * 20
    data = crafted.png(20, 20, zlib.compress(row * 20), depth=16)
    assert media.decode(data).getpixel((5, 5)) == (255, 128, 0)


def test_cmyk_becomes_rgb() -> None:
    for pixel, seen in {(0, 0, 0, 0): (255, 255, 255), (0, 255, 255, 0): (255, 0, 0)}.items():
        data = encoded(Image.new("CMYK", (32, 32), pixel), "JPEG", quality=95)
        assert np.abs(np.array(media.decode(data).getpixel((9, 9))) - np.array(seen)).max() <= 4


def test_transparency_survives_and_an_opaque_channel_does_not() -> None:
    palette = Image.new("P", (20, 20), 0)
    palette.putpalette([255, 0, 0, 0, 255, 0])
    palette.paste(1, (0, 0, 10, 20))
    picture = media.decode(encoded(palette, "PNG", transparency=1))
    assert picture.mode == "RGBA"
    assert picture.getpixel((2, 2))[3] == 0
    assert picture.getpixel((15, 2)) == (255, 0, 0, 255)
    assert media.decode(encoded(Image.new("RGBA", (20, 20), (1, 2, 3, 255)), "PNG")).mode == "RGB"
    assert media.decode(encoded(Image.new("1", (20, 20), 1), "PNG")).getpixel((0, 0)) == 255


def test_an_embedded_profile_is_applied() -> None:
    """A profile of ours in which red and blue are exchanged: red in the file is blue on a screen."""
    swapped = swapped_profile()
    data = encoded(Image.new("RGB", (32, 32), (250, 10, 10)), "PNG", icc_profile=swapped)
    red, _green, blue = media.decode(data).getpixel((5, 5))
    assert blue > 200
    assert red < 60


def swapped_profile() -> bytes:
    """sRGB with the tags of the red and the blue primary exchanged, and another name."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for entry in range(132, 132 + 12 * struct.unpack(">I", data[128:132])[0], 12):
        name = bytes(data[entry : entry + 4])
        if name in (b"rXYZ", b"bXYZ"):
            data[entry : entry + 4] = b"bXYZ" if name == b"rXYZ" else b"rXYZ"
    return bytes(data.replace("sRGB".encode("utf-16-be"), "Swap".encode("utf-16-be")))


@pytest.mark.parametrize("profile", [b"x", bytes(range(256)) * 4, b"\x00" * (colour.MAX_PROFILE_BYTES + 1)])
def test_a_useless_profile_changes_nothing(profile: bytes) -> None:
    plain = corpus.photo()
    picture = plain.copy()
    picture.info["icc_profile"] = profile
    assert colour.to_srgb(picture).tobytes() == plain.tobytes()


def test_nothing_but_pixels_is_left() -> None:
    picture = media.decode(encoded(corpus.photo(), "JPEG", comment="hello", dpi=(300, 300)))
    assert type(picture) is Image.Image
    assert picture.info == {}
    assert colour.bare(picture) is not picture
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    assert b"hello" not in buffer.getvalue()
