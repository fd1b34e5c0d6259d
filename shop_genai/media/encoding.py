"""A plain picture → a file's bytes, always the same for one picture and library. Nothing is added but XMP."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, PngImagePlugin

from shop_genai.media import colour

# Full-size results: what a shop publishes, crops again and feeds to market places: no visible loss.
FULL_JPEG = {"quality": 95, "subsampling": "4:4:4", "optimize": True, "progressive": True}
# Renditions: what browsers show. Chosen at about equal visible quality.
RENDITION: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 84, "subsampling": "4:2:0", "optimize": True, "progressive": True},
    "WEBP": {"quality": 82, "method": 4},
    "AVIF": {"quality": 65, "speed": 8, "subsampling": "4:2:0"},
}
_PNG_LEVEL = 3  # zlib: within a few per cent of level 9 for photos, five times as fast


def encode(picture: Image.Image, name: str, options: dict[str, Any] | None = None, xmp: bytes = b"") -> bytes:
    """Write ``picture`` (RGB, RGBA or L) in format ``name``.

    Raises:
        OSError, ValueError: the format cannot hold this picture (its size, or JPEG with transparency).
    """
    plain = colour.bare(picture) if picture.info else picture
    settings = dict(options or {})
    if name == "PNG":
        settings.setdefault("compress_level", _PNG_LEVEL)
        if xmp:
            chunks = PngImagePlugin.PngInfo()
            chunks.add_itxt("XML:com.adobe.xmp", xmp.decode())
            settings["pnginfo"] = chunks
    elif xmp:
        settings["xmp"] = xmp
    if name in ("WEBP", "AVIF") and plain.mode == "L":
        plain = plain.convert("RGB")
    buffer = io.BytesIO()
    plain.save(buffer, name, **settings)
    return buffer.getvalue()


def on_white(picture: Image.Image) -> Image.Image:
    """A picture with transparency as it looks on white; any other as it is."""
    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def encode_full(picture: Image.Image, xmp: bytes = b"") -> tuple[str, bytes]:
    """The full-size file: JPEG, or PNG where something is transparent or a side is too long."""
    if picture.mode != "RGBA" and max(picture.size) <= 65_500:
        return "JPEG", encode(picture, "JPEG", FULL_JPEG, xmp)
    return "PNG", encode(picture, "PNG", None, xmp)
