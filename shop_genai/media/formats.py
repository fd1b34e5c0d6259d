"""The four formats the studio reads and writes, and the marks of others, so that they are refused by name."""

from __future__ import annotations

from PIL import AvifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin, features
from PIL.ImageFile import ImageFile

from shop_genai.conf import genai_settings

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "AVIF": ".avif"}
CONTENT_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "AVIF": "image/avif"}
# The longest side a file of the format can have.
MAX_SIDE = {"JPEG": 65_500, "PNG": 2**31 - 1, "WEBP": 16_383, "AVIF": 32_768}

# The readers themselves instead of Image.open: nothing else is tried, the file's bytes decide and not its
# name, an MPO (a JPEG with a second picture behind it, as phones write) is read as the JPEG that it begins
# with, and the size limits are the studio's own rather than the process-wide Image.MAX_IMAGE_PIXELS.
READERS: dict[str, type[ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
}

_AVIF_BRANDS = (b"avif", b"avis")
# Offset and bytes of what is a picture, but not one of ours.
_OTHERS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (0, b"BM", "BMP"),
    (0, b"II*\x00", "TIFF"),
    (0, b"MM\x00*", "TIFF"),
    (0, b"II+\x00", "TIFF"),
    (0, b"8BPS", "Photoshop"),
    (0, b"%PDF", "PDF"),
    (0, b"\x00\x00\x01\x00", "ICO"),
    (0, b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (0, b"v/1\x01", "OpenEXR"),
    (0, b"%!PS", "PostScript"),
    (4, b"ftyphei", "HEIC"),
    (4, b"ftyphev", "HEIC"),
    (4, b"ftypmif1", "HEIF"),
    (4, b"ftypmsf1", "HEIF"),
)


def sniff(data: bytes) -> tuple[str | None, str]:
    """The first bytes → (one of ``FORMATS``, its name), (None, another format's name) or (None, "")."""
    head = data[:4096]
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG", "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG", "PNG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP", "WebP"
    if head[4:8] == b"ftyp":
        size = int.from_bytes(head[:4], "big")
        brands = head[8 : min(size, 256)]
        if any(brands[at : at + 4] in _AVIF_BRANDS for at in range(0, len(brands), 4)):
            return "AVIF", "AVIF"
    for offset, mark, name in _OTHERS:
        if head.startswith(mark, offset):
            return None, name
    if b"<svg" in head.lower():
        return None, "SVG"
    return None, ""


def missing_codecs() -> tuple[str, ...]:
    """The formats that this build of Pillow can neither read nor write."""
    codecs = {"JPEG": "jpg", "PNG": "zlib", "WEBP": "webp", "AVIF": "avif"}
    return tuple(name for name in FORMATS if not features.check(codecs[name]))


def allowed() -> tuple[str, ...]:
    """Formats that uploads may have: the setting, less what is unknown here or this Pillow cannot read."""
    missing = missing_codecs()
    return tuple(name for name in genai_settings.UPLOAD_FORMATS if name in FORMATS and name not in missing)


def fits(name: str, size: tuple[int, int]) -> bool:
    """Whether a picture of this size can be written in the format."""
    return max(size) <= MAX_SIDE[name]
