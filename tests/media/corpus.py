"""About three hundred files as strangers send them, each with the answers that are right for it.

Everything is made here: nothing is downloaded, and the same files come out every time.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image, ImageCms

from tests.media import crafted
from tests.media.crafted import encoded

OK = ""  # the file is accepted
DAMAGED = frozenset({"image_refused", "image_truncated", "not_an_image"})
ANY = DAMAGED | {OK, "image_too_large", "image_too_small", "image_animated", "format_not_allowed"}
TOO_LARGE = frozenset({"image_too_large"})


@dataclass(frozen=True)
class Case:
    """One file. ``codes``: the error codes that are right for it, "" for acceptance."""

    name: str
    data: bytes
    codes: frozenset[str]


def photo(mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> Image.Image:
    """A gradient with some noise, so that files have an entropy-coded body worth damaging."""
    noise = random.Random(7)
    grey = Image.linear_gradient("L").resize(size)
    speckled = Image.frombytes("L", size, noise.randbytes(size[0] * size[1]))
    merged = Image.merge("RGB", (grey, Image.blend(grey, speckled, 0.3), speckled))
    return merged if mode == "RGB" else merged.convert(mode)


def valid_files() -> dict[str, bytes]:
    """One plain file of each format that is read."""
    return {
        "jpeg": encoded(photo(), "JPEG"),
        "progressive": encoded(photo(), "JPEG", progressive=True),
        "png": encoded(photo(), "PNG"),
        "webp": encoded(photo(), "WEBP"),
        "lossless": encoded(photo(), "WEBP", lossless=True),
        "avif": encoded(photo(), "AVIF", speed=10),
    }


def cases(group: str = "") -> list[Case]:
    """All cases, or those of one of ``GROUPS``."""
    return [case for name, make in GROUPS.items() if group in ("", name) for case in make()]


def _case(name: str, data: bytes, *codes: str) -> Case:
    return Case(name, data, frozenset(codes or {OK}))


def _accepted() -> Iterator[Case]:
    for name, data in valid_files().items():
        yield _case(f"valid-{name}", data)
    rgba = photo("RGB").convert("RGBA")
    rgba.putalpha(Image.linear_gradient("L").resize(rgba.size))
    for format in ("PNG", "WEBP", "AVIF"):
        yield _case(f"transparent-{format}", encoded(rgba, format))
    for mode in ("1", "L", "LA", "P", "I;16"):
        picture = Image.new(mode, (40, 30), 1) if mode == "I;16" else photo(mode)
        yield _case(f"png-{mode}", encoded(picture, "PNG"))
    yield _case("png-palette-transparent", encoded(photo("P"), "PNG", transparency=3))
    yield _case("png-rgb-transparent", encoded(photo(), "PNG", transparency=(1, 2, 3)))
    yield _case("png-16-bit-rgb", crafted.png(20, 20, zlib.compress((b"\x00" + bytes(range(120))) * 20), depth=16))
    yield _case("png-interlaced", encoded(photo(), "PNG", interlace=True))
    yield _case("jpeg-grey", encoded(photo("L"), "JPEG"))
    yield _case("jpeg-cmyk", encoded(photo("CMYK"), "JPEG"))
    yield _case("jpeg-scan-by-scan", crafted.jpeg_scan_by_scan(40, 30))
    for turn in range(10):
        exif = Image.Exif()
        exif[0x0112] = turn
        for format in ("JPEG", "PNG", "WEBP"):
            yield _case(f"orientation-{turn}-{format}", encoded(photo(), format, exif=exif))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    profiles = {"good": srgb, "cut": srgb[:200], "noise": bytes(range(256)) * 4, "lab": lab, "short": b"x"}
    for name, profile in profiles.items():
        for format in ("JPEG", "PNG", "WEBP"):
            yield _case(f"icc-{name}-{format}", encoded(photo(), format, icc_profile=profile))
    plain = encoded(photo(), "JPEG")
    for name, body in {
        "exif-noise": b"Exif\x00\x00" + bytes(range(200)),
        "exif-loop": b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + struct.pack("<H", 1) + bytes(12) + struct.pack("<I", 8),
        "exif-huge-count": b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00" + struct.pack("<HHII", 0x112, 2, 2**31, 26),
        "xmp-broken": b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta><rdf:RDF",
        "xmp-entities": b'http://ns.adobe.com/xap/1.0/\x00<!DOCTYPE x [<!ENTITY a "aaa">]><x>&a;</x>',
    }.items():
        yield _case(f"jpeg-{name}", crafted.jpeg_with(plain, (0xE1, body)))
    yield _case("jpeg-iptc-noise", crafted.jpeg_with(plain, (0xED, b"Photoshop 3.0\x008BIM\x04\x04" + b"\xff" * 30)))
    yield _case("jpeg-mpf-noise", crafted.jpeg_with(plain, (0xE2, b"MPF\x00II*\x00" + b"\xff" * 40)))
    yield _case("jpeg-adobe-short", crafted.jpeg_with(plain, (0xEE, b"Adobe\x00")), OK, "image_refused")
    yield _case("jpeg-comment", crafted.jpeg_with(plain, (0xFE, b"<?php system($_GET[0]); ?>")))
    yield _case("jpeg-then-zip", plain + b"PK\x03\x04" + bytes(200))
    yield _case("jpeg-then-html", plain + b"<script>alert(1)</script>")
    yield _case("png-then-noise", encoded(photo(), "PNG") + b"MZ" + bytes(50))
    yield _case("jpeg-missing-only-its-end", plain[:-2], OK, "image_truncated")


def _refused() -> Iterator[Case]:
    for format in ("GIF", "BMP", "TIFF", "ICO", "PDF", "JPEG2000"):
        yield _case(f"format-{format}", encoded(photo(), format), "format_not_allowed")
    yield _case("svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "format_not_allowed")
    yield _case("svg-entities", b'<!DOCTYPE s [<!ENTITY x "y">]><svg>&x;</svg>', "format_not_allowed")
    yield _case("heic", crafted.iso_box(b"ftyp", b"heic\0\0\0\0mif1heic") + bytes(90), "format_not_allowed")
    for name, data in {
        "text": b"hello, world",
        "html": b"<html><img src=x></html>",
        "zip": b"PK\x03\x04" + bytes(60),
        "elf": b"\x7fELF" + bytes(100),
        "empty": b"",
        "one-byte": b"\xff",
        "zeros": bytes(5000),
        "noise": random.Random(1).randbytes(5000),
        "ppm": b"P6 20 20 255\n" + bytes(1200),
        "mp4": crafted.iso_box(b"ftyp", b"isom\0\0\0\0isom") + bytes(90),
        "pickle": b"\x80\x04\x95" + bytes(40),
        "png-magic-cut": b"\x89PNG\r\n",
        "jpeg-behind-space": b" " + encoded(photo(), "JPEG"),
    }.items():
        yield _case(f"not-a-picture-{name}", data, "not_an_image")
    for name, data in {
        "jpeg-magic-only": b"\xff\xd8\xff",
        "jpeg-magic-noise": b"\xff\xd8\xff\xe0" + random.Random(2).randbytes(3000),
        "jpeg-in-png-clothes": b"\x89PNG\r\n\x1a\n" + encoded(photo(), "JPEG"),
        "png-in-jpeg-clothes": b"\xff\xd8\xff" + encoded(photo(), "PNG"),
        "webp-magic-only": b"RIFF\x04\x00\x00\x00WEBP",
        "webp-empty-frame": crafted.riff((b"VP8 ", b"")),
        "webp-canvas-only": crafted.webp_canvas(50, 50),
        "avif-magic-only": crafted.iso_box(b"ftyp", b"avif\0\0\0\0avifmif1"),
        "avif-noise": crafted.iso_box(b"ftyp", b"avif\0\0\0\0avif") + random.Random(3).randbytes(900),
        "avif-endless-box": crafted.iso_box(b"ftyp", b"avif\0\0\0\0avif") + b"\xff\xff\xff\xffmeta",
        "png-no-pixels": crafted.png(32, 32, b""),
        "png-pixels-not-zlib": crafted.png(32, 32, b"not zlib data"),
        "png-too-few-pixels": crafted.png(64, 64, zlib.compress(b"\x00" * 100)),
        "png-impossible-depth": crafted.png(32, 32, zlib.compress(bytes(4000)), depth=7),
        "png-impossible-colour": crafted.png(32, 32, zlib.compress(bytes(4000)), colour=9),
        "png-crc": bytes(b ^ (i == 30) for i, b in enumerate(encoded(photo(), "PNG"))),
    }.items():
        yield Case(name, data, DAMAGED)
    frames = [photo().rotate(turn) for turn in (0, 30, 60)]
    for format in ("PNG", "WEBP"):
        moving = encoded(frames[0], format, save_all=True, append_images=frames[1:], duration=100)
        yield _case(f"animated-{format}", moving, "image_animated")
    moving = encoded(frames[0], "AVIF", save_all=True, append_images=frames[1:], duration=100, speed=10)
    yield _case("animated-AVIF", moving, "image_animated")


def _sizes() -> Iterator[Case]:
    small = encoded(photo(), "JPEG")
    for width, height in ((65_000, 65_000), (65_535, 65_535), (10_000, 10_000), (7_100, 7_100)):
        yield Case(f"jpeg-claims-{width}x{height}", crafted.jpeg_of_size(small, width, height), TOO_LARGE)
    nothing = zlib.compress(b"")
    for width, height in ((100_000, 100_000), (2**31 - 1, 2**31 - 1), (10_000, 5_001), (2**31 - 1, 16)):
        yield Case(f"png-claims-{width}x{height}", crafted.png(width, height, nothing), TOO_LARGE | DAMAGED)
    yield Case("png-bomb", crafted.png_bomb(9_000, 9_000), TOO_LARGE)
    yield Case("png-text-bomb", crafted.png_text_bomb(200), frozenset({OK, "image_refused", "image_too_large"}))
    yield Case("webp-claims-max", crafted.webp_canvas(2**24, 2**24), TOO_LARGE | DAMAGED)
    big = Image.new("RGB", (7_200, 7_000))
    for format, options in {"JPEG": {}, "PNG": {"compress_level": 1}, "WEBP": {"lossless": True, "method": 0}}.items():
        yield Case(f"over-the-limit-{format}", encoded(big, format, **options), TOO_LARGE)
    yield Case("jpeg-flooded-with-scans", crafted.jpeg_scan_by_scan(640, 480, empty_scans=5_000), TOO_LARGE)
    for width, height in ((0, 20), (20, 0), (0, 0)):
        codes = DAMAGED | {"image_too_small"}
        yield Case(f"jpeg-claims-{width}x{height}", crafted.jpeg_of_size(small, width, height), codes)
        yield Case(f"png-claims-{width}x{height}", crafted.png(width, height, nothing), codes)
    for format in ("JPEG", "PNG", "WEBP", "AVIF"):
        yield _case(f"one-pixel-{format}", encoded(photo(size=(1, 1)), format), "image_too_small")
        yield _case(f"a-line-{format}", encoded(photo(size=(900, 8)), format), "image_too_small")
        yield _case(f"smallest-{format}", encoded(photo(size=(16, 16)), format))
        yield _case(f"strip-{format}", encoded(Image.new("RGB", (16_000, 16)), format))
    yield _case("png-very-long", encoded(Image.new("L", (200_000, 16)), "PNG"))
    yield Case("jpeg-claims-more-rows", crafted.jpeg_of_size(small, 64, 4_000), DAMAGED | {OK})


def _truncated() -> Iterator[Case]:
    for name, data in valid_files().items():
        for tenths in (1, 2, 3, 4, 5, 6, 7, 8, 9):
            yield Case(f"cut-{name}-{tenths}/10", data[: len(data) * tenths // 10], DAMAGED)
        for left in (12, 20, 33, 64, 150):
            yield Case(f"cut-{name}-after-{left}", data[:left], DAMAGED)


def _damaged() -> Iterator[Case]:
    for name, data in valid_files().items():
        for seed in range(16):
            chance = random.Random(f"{name}{seed}")
            yield Case(f"damaged-{name}-{seed}", damaged(data, chance), ANY)


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Bytes flipped, overwritten, taken out or doubled, most often near the start, where the headers are."""
    changed = bytearray(data)
    for _change in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(changed) if chance.random() < 0.4 else min(len(changed), 300))
        kind = chance.randrange(4)
        if kind == 0:
            changed[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            changed[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff"))
        elif kind == 2:
            del changed[at : at + chance.randrange(1, 9)]
        else:
            changed[at:at] = changed[at : at + 8]
    return bytes(changed)


GROUPS: dict[str, Callable[[], Iterator[Case]]] = {
    "accepted": _accepted,
    "refused": _refused,
    "sizes": _sizes,
    "truncated": _truncated,
    "damaged": _damaged,
}
