"""Promise 18: nothing of a source's metadata is in anything that is made of it. And what is made says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from PIL import Image, ImageCms, PngImagePlugin

from shop_genai import catalogue, media, submission
from shop_genai.conf import genai_settings
from shop_genai.media import provenance
from shop_genai.models import GeneratedImage, ProductImage
from tests.fakes.shop import make_photo
from tests.media import corpus, crafted

SECRET = "WITNESS-4711"
# What gives away EXIF, GPS, XMP, IPTC, comments, profiles and text chunks in any of the formats.
MARKS = (SECRET.encode(), SECRET.encode("utf-16-le"), b"Exif", b"Photoshop 3.0", b"tEXt", b"zTXt", b"eXIf", b"iCCP")
MARKS += (b"ICC_PROFILE", b"ICCP", b"EXIF", b"MPF\x00", b"photoshop:", b"WITNESS")


def exif() -> Image.Exif:
    tags = Image.Exif()
    tags[0x010F] = tags[0x0110] = tags[0x013B] = SECRET  # make, model, artist
    tags.get_ifd(0x8825).update({1: "N", 2: (47.0, 11.0, 0.0), 29: SECRET})  # GPS
    tags.get_ifd(0x8769).update({0x9286: SECRET.encode(), 0xA431: SECRET})  # comment, serial number
    return tags


def xmp() -> bytes:
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a photoshop:City="{SECRET}"/></x:xmpmeta>'.encode()


def loaded(format: str) -> bytes:
    """A picture with secrets in every place that its format has for them."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options: dict[str, Any] = {"exif": exif(), "icc_profile": profile}
    if format == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", SECRET)
        text.add_text("Comment", SECRET, zip=True)
        text.add_itxt("XML:com.adobe.xmp", xmp().decode())
        options["pnginfo"] = text
    else:
        options["xmp"] = xmp()
    if format == "JPEG":
        options["comment"] = SECRET
    data = crafted.encoded(corpus.photo(size=(400, 300)), format, **options)
    if format == "JPEG":
        iptc = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x0c" + SECRET.encode()
        data = crafted.jpeg_with(data, (0xED, iptc)) + SECRET.encode()
    return data


def assert_bare(data: bytes) -> None:
    for mark in MARKS:
        assert mark not in data, mark


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_the_source_really_holds_secrets(format: str) -> None:
    assert SECRET.encode() in loaded(format)


@pytest.fixture
def _every_format(settings: Any) -> None:
    formats = {"UPLOAD_FORMATS": media.FORMATS, "RENDITION_FORMATS": ("AVIF", "WEBP", "JPEG", "PNG")}
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, **formats}


@pytest.mark.django_db
@pytest.mark.usefixtures("invert", "_every_format")
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("door", ["upload", "shop"])
def test_no_byte_of_it_is_in_anything_made(format: str, door: str, user: Any, drain: Callable[..., int]) -> None:
    if door == "upload":
        image = media.accept_upload(ContentFile(loaded(format)), owner=user)
        assert_bare(media.get(image.storage, image.name))
        assert_bare(media.get(image.storage, image.thumbnail))
    else:
        image = catalogue.track(make_photo(loaded(format)))
        assert_bare(media.get(genai_settings.STORAGE, image.thumbnail))
    result = made(image, drain)
    files = [result.name, *(entry["name"] for entry in result.renditions)]
    assert len({name.rsplit(".")[-1] for name in files}) >= 3
    for name in files:
        data = media.get(result.storage, name)
        assert_bare(data)
        assert data.count(b"<x:xmpmeta") == 1
        assert media.read_provenance(data) == provenance.of_job(result.job)


def made(image: ProductImage, drain: Callable[..., int]) -> GeneratedImage:
    job = submission.submit(recipe="invert", inputs={"image": image}, params=None).job
    drain()
    return GeneratedImage.objects.get(job=job)
