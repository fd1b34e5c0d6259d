"""The same picture in several widths and formats, for ``srcset``.

AVIF and WebP keep transparency; JPEG, which has none and is what old readers fall back to, shows the picture on white.
"""

from __future__ import annotations

from typing import Any

from PIL import Image

from shop_genai.conf import genai_settings
from shop_genai.media import encoding, files, formats


def widths(full: int) -> list[int]:
    """The configured widths below ``full``, and ``full`` itself: nothing is ever enlarged."""
    return [*sorted({width for width in genai_settings.RENDITION_WIDTHS if 0 < width < full}), full]


def wanted_formats() -> list[str]:
    """The configured formats that this Pillow can write."""
    missing = formats.missing_codecs()
    return [name for name in genai_settings.RENDITION_FORMATS if name in encoding.RENDITION and name not in missing]


def make_renditions(picture: Image.Image, storage: str, folder: str, xmp: bytes) -> list[dict[str, Any]]:
    """Write every rendition below ``folder``; returns one entry per file, widest last.

    Each entry: ``format``, ``width``, ``height`` (pixels), ``name`` (in the storage), ``bytes``.

    Raises:
        StorageUnavailable: some may have been stored; writing them again changes nothing.
    """
    entries = []
    for width in widths(picture.width):
        height = max(1, round(picture.height * width / picture.width))
        sized = picture if width == picture.width else picture.resize((width, height), Image.Resampling.LANCZOS)
        for name in wanted_formats():
            if not formats.fits(name, sized.size):
                continue
            shown = encoding.on_white(sized) if name == "JPEG" else sized
            data = encoding.encode(shown, name, encoding.RENDITION[name], xmp)
            stored = files.put(storage, files.named(folder, f"w{width}", data, formats.SUFFIXES[name]), data)
            entries.append({"format": name, "width": width, "height": sized.height, "name": stored, "bytes": len(data)})
    return entries
