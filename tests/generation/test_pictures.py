"""Pictures of every mode are taken apart and put together again."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from shop_genai.errors import InvalidInputs
from shop_genai.generation import pictures
from shop_genai.generation.pictures import put_together, take_apart, unchanged, upright
from tests.generation.pictures import drawn

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def of_mode(mode: str, width: int = 12, height: int = 9) -> Image.Image:
    """A picture of a mode that Pillow can make from RGB."""
    picture = drawn(width, height)
    if mode in ("RGBa", "PA"):
        return picture.convert("RGBA" if mode == "RGBa" else "P").convert(mode)
    if mode in ("LA", "La"):
        return picture.convert("L").convert("LA").convert(mode)
    if mode == "LAB":
        profiles = (ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"))
        return ImageCms.profileToProfile(picture, *profiles, outputMode="LAB")
    if mode.startswith("I"):
        return Image.fromarray(np.asarray(picture.convert("L"), np.uint16) * 257).convert(mode)
    return picture.convert(mode)


@pytest.mark.parametrize(
    ("mode", "returned"),
    [
        ("RGB", "RGB"),
        ("L", "L"),
        ("1", "L"),
        ("P", "RGB"),
        ("RGBA", "RGBA"),
        ("LA", "LA"),
        ("PA", "RGBA"),
        ("RGBa", "RGBA"),
        ("La", "LA"),
        ("CMYK", "RGB"),
        ("YCbCr", "RGB"),
        ("HSV", "RGB"),
        ("LAB", "RGB"),
        ("RGBX", "RGB"),
        ("I", "L"),
        ("I;16", "L"),
    ],
)
def test_each_mode_comes_back_as_its_kind(mode: str, returned: str) -> None:
    source = take_apart(of_mode(mode))
    assert (source.colour.mode, source.colour.size) == ("RGB", (12, 9))
    result = put_together(source.colour.copy(), source)
    assert result.mode == returned
    assert result.size == (12, 9)


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA"])
def test_untouched_pixels_come_back_as_they_were(mode: str) -> None:
    picture = of_mode(mode)
    source = take_apart(picture)
    assert put_together(source.colour.copy(), source).tobytes() == picture.tobytes()


def test_sixteen_bits_become_eight() -> None:
    picture = Image.fromarray(np.array([[0, 257, 32896, 65535]], np.uint16))
    assert np.asarray(take_apart(picture).colour)[0, :, 0].tolist() == [0, 1, 128, 255]


def test_floating_point_maps_are_refused() -> None:
    with pytest.raises(InvalidInputs) as refused:
        take_apart(Image.new("F", (4, 4)))
    assert refused.value.details == {"field": "image", "mode": "F"}


@pytest.mark.parametrize("mode", ["P", "L", "RGB"])
def test_a_transparent_colour_is_an_alpha_channel(mode: str) -> None:
    picture = Image.new(mode, (4, 4), 0)
    picture.info["transparency"] = (0, 0, 0) if mode == "RGB" else 0
    source = take_apart(picture)
    assert source.alpha is not None
    assert source.alpha.getextrema() == (0, 0)
    assert source.grey is (mode == "L")


def test_alpha_is_enlarged_with_the_picture() -> None:
    picture = drawn(8, 8)
    picture.putalpha(Image.linear_gradient("L").resize((8, 8)))
    source = take_apart(picture)
    large = put_together(source.colour.resize((16, 16)), source)
    assert large.size == large.getchannel("A").size == (16, 16)
    assert large.getchannel("A").getextrema()[1] > 240


def test_colour_spreads_under_a_transparent_edge() -> None:
    picture = Image.new("RGBA", (24, 24), (0, 255, 0, 0))
    picture.paste((200, 30, 40, 255), (0, 0, 12, 24))
    pixels = np.asarray(take_apart(picture).colour)
    assert pixels[12, 6].tolist() == [200, 30, 40]
    assert np.abs(pixels[12, 13].astype(int) - [200, 30, 40]).max() <= 3


def test_a_profile_stays_with_the_colours_that_it_describes() -> None:
    for mode in ("RGB", "RGBA", "L"):
        picture = of_mode(mode)
        picture.info["icc_profile"] = SRGB
        source = take_apart(picture)
        assert put_together(source.colour.copy(), source).info == {"icc_profile": SRGB}


@pytest.mark.parametrize("profile", [None, b"not a profile", SRGB])
def test_cmyk_is_converted_and_loses_its_profile(profile: bytes | None) -> None:
    picture = Image.new("CMYK", (4, 4), (0, 255, 255, 0))
    if profile is not None:
        picture.info["icc_profile"] = profile
    source = take_apart(picture)
    assert source.profile is None
    red, green, blue = np.asarray(source.colour)[0, 0]
    assert red > 200
    assert max(green, blue) < 80


def test_grey_is_the_mean_of_the_channels() -> None:
    source = take_apart(Image.new("L", (1, 1), 50))
    pixels = np.array([[[49, 50, 54]]], np.uint8)
    assert put_together(Image.fromarray(pixels), source).getpixel((0, 0)) == 51


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "I;16", "CMYK", "P"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_a_photo_is_turned_as_its_exif_says(mode: str, turn: int) -> None:
    picture = of_mode(mode)
    picture.getexif()[pictures.ORIENTATION] = turn
    expected = ImageOps.exif_transpose(picture)
    assert upright(picture).tobytes() == expected.tobytes()
    assert upright(upright(picture)).tobytes() == expected.tobytes()  # what was turned says so no more
    source = take_apart(picture)
    assert source.colour.size == expected.size
    assert unchanged(picture).tobytes() == expected.tobytes()
    assert not put_together(source.colour.copy(), source).getexif()
    assert not unchanged(picture).getexif()


@pytest.mark.parametrize("exif", [b"Exif\x00\x00II*\x00\xff\xff\xff\xff", b"nonsense", b""])
def test_broken_exif_is_no_reason_to_refuse(exif: bytes) -> None:
    picture = drawn(12, 9)
    picture.info["exif"] = exif
    assert take_apart(picture).colour.size == (12, 9)


@pytest.mark.parametrize("mode", ["RGBA", "L", "I;16"])
def test_strips_join_without_a_seam(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = of_mode(mode, 40, 130)
    if mode == "RGBA":
        picture.putalpha(drawn(40, 130).getchannel("G").point(lambda value: 255 if value > 128 else 0))

    def through() -> bytes:
        source = take_apart(picture)
        return source.colour.tobytes() + put_together(source.colour.copy(), source).tobytes()

    whole = through()
    monkeypatch.setattr(pictures, "STRIP", 17)
    assert through() == whole


def test_colours_under_an_opaque_picture_are_left() -> None:
    picture = drawn(30, 20)
    picture.putalpha(200)
    assert take_apart(picture).colour.tobytes() == drawn(30, 20).tobytes()
