"""Bytes from strangers → a plain picture, or a coded refusal.

Size is read from the header before any pixel is made; the limits are ``MAX_PIXELS`` and ``MIN_SIDE``.
"""

from __future__ import annotations

import io
import logging
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from shop_genai.conf import genai_settings
from shop_genai.errors import (
    FormatNotAllowed,
    GenaiError,
    ImageAnimated,
    ImageRefused,
    ImageTooLarge,
    ImageTooSmall,
    ImageTruncated,
    NotAnImage,
)
from shop_genai.media import colour, formats, scans

logger = logging.getLogger(__name__)

# A JPEG can be decoded at 1/8 of its side, so previews may read larger files than generation may.
PREVIEW_FACTOR = 4


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself before it is decoded. Width and height are those of the upright picture."""

    format: str
    width: int
    height: int
    mode: str


def inspect(data: bytes) -> Header:
    """Read and check the header only.

    Raises:
        ImageRefused: or one of its kinds, see :func:`decode`.
    """
    with _refusals(data), _opened(data) as picture:
        _check_size(picture.size, genai_settings.MAX_PIXELS * PREVIEW_FACTOR)
        width, height = picture.size
        if colour.orientation(picture) >= 5:
            width, height = height, width
        return Header(str(picture.format), width, height, picture.mode)


def decode(data: bytes) -> Image.Image:
    """The whole picture, upright, in sRGB, without metadata: mode RGB, L, or RGBA if anything is transparent.

    Raises:
        NotAnImage: no picture format is recognised.
        FormatNotAllowed: a picture, but not of ``UPLOAD_FORMATS``.
        ImageTooLarge: more than ``MAX_PIXELS``, or it cannot be decoded in reasonable memory or time.
        ImageTooSmall: a side below ``MIN_SIDE``.
        ImageAnimated: more than one frame.
        ImageTruncated: the end of the file is missing.
        ImageRefused: damaged in another way.
    """
    with _refusals(data), _opened(data) as picture:
        _check_size(picture.size, genai_settings.MAX_PIXELS)
        _check_scans(data, picture)
        return _finished(picture)


@contextmanager
def decoding(data: bytes) -> Iterator[ImageFile]:
    """The reader with its pixels loaded, for those who must know how the file was encoded.

    Raises:
        ImageRefused: or one of its kinds, see :func:`decode`.
    """
    with _refusals(data), _opened(data) as picture:
        _check_size(picture.size, genai_settings.MAX_PIXELS)
        _check_scans(data, picture)
        picture.load()
        yield picture


def preview(data: bytes, side: int) -> Image.Image:
    """A version with both sides at most ``side`` pixels; as :func:`decode`, but cheap for large JPEG files.

    A JPEG of one scan is decoded at a fraction of its size, so 100 megapixels need little memory. Other files,
    and JPEG of several scans (progressive, or a scan for each colour), have to respect ``MAX_PIXELS``.

    Raises:
        ImageRefused: or one of its kinds, see :func:`decode`.
    """
    with _refusals(data), _opened(data) as picture:
        limit = genai_settings.MAX_PIXELS
        reducible = picture.format == "JPEG" and scans.is_single(data)
        _check_size(picture.size, limit * PREVIEW_FACTOR if reducible else limit)
        _check_scans(data, picture)
        if reducible:
            picture.draft(None, (side * 2, side * 2))  # twice the size: the last step is a clean Lanczos
        if picture.width * picture.height > limit:
            raise _too_large(picture.size, limit)
        small = _finished(picture)
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        return small


def _finished(picture: ImageFile) -> Image.Image:
    picture.load()
    turn = colour.orientation(picture)  # only now: PNG may carry EXIF behind the pixels
    return colour.upright(colour.to_srgb(picture), turn)


def refuse_by_header(stream: IO[bytes]) -> None:
    """Refuse a JPEG or PNG with too many pixels before its bytes are in memory. Leaves the stream at its start.

    Silent about all else, damage too: whoever reads the whole file finds that.

    Raises:
        ImageTooLarge, ImageTooSmall: see :func:`decode`.
    """
    found = formats.sniff(stream.read(4096))[0]
    stream.seek(0)
    if found in ("JPEG", "PNG") and found in formats.allowed():  # their readers take no more than they need
        size: tuple[int, int] | None = None
        with suppress(Exception), formats.READERS[found](stream) as picture:
            size = picture.size
        stream.seek(0)
        if size is not None:
            _check_size(size, genai_settings.MAX_PIXELS)


@contextmanager
def _opened(data: bytes) -> Iterator[ImageFile]:
    """The format's reader on these bytes, its header parsed, nothing decoded yet."""
    found, name = formats.sniff(data)
    allowed = formats.allowed()
    if found is None and not name:
        raise NotAnImage(_("This file is not a picture."))
    if found not in allowed:
        raise FormatNotAllowed(
            _("%(format)s pictures are not accepted. Send one of: %(allowed)s.")
            % {"format": name, "allowed": ", ".join(allowed)},
            format=name,
            allowed=list(allowed),
        )
    with formats.READERS[found](io.BytesIO(data)) as picture:
        if getattr(picture, "is_animated", False):
            raise ImageAnimated(_("Animated pictures are not accepted."), frames=getattr(picture, "n_frames", 0))
        yield picture


def _check_size(size: tuple[int, int], limit: int) -> None:
    if size[0] * size[1] > limit:
        raise _too_large(size, limit)
    smallest = genai_settings.MIN_SIDE
    if min(size) < smallest:
        raise ImageTooSmall(
            _("This picture is %(width)d × %(height)d pixels. Each side needs at least %(limit)d.")
            % {"width": size[0], "height": size[1], "limit": smallest},
            width=size[0],
            height=size[1],
            limit=smallest,
        )


def _too_large(size: tuple[int, int], limit: int) -> ImageTooLarge:
    return ImageTooLarge(
        _("This picture has %(megapixels).0f megapixels; the limit is %(limit).0f.")
        % {"megapixels": size[0] * size[1] / 1e6, "limit": limit / 1e6},
        width=size[0],
        height=size[1],
        limit=limit,
    )


def _check_scans(data: bytes, picture: ImageFile) -> None:
    if picture.format == "JPEG" and (found := scans.count(data)) > scans.MAX_SCANS:
        raise ImageTooLarge(_("This JPEG is built to take very long to decode."), scans=found)


@contextmanager
def _refusals(data: bytes) -> Iterator[None]:
    """Anything that Pillow and its codecs raise → one of our refusals. Our own errors pass."""
    try:
        yield
    except GenaiError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise ImageTooLarge(_("This picture needs more memory than the limit allows to decode.")) from error
    except Exception as error:  # hostile bytes make Pillow raise nearly anything; each is a refusal
        logger.info("Picture refused: %s: %s", type(error).__name__, error)
        if _is_cut(data, error):
            raise ImageTruncated(_("The end of this picture is missing. Send the whole file.")) from error
        if isinstance(error, UnidentifiedImageError):
            raise NotAnImage(_("This file is not a picture.")) from error
        raise ImageRefused(_("This picture is damaged and cannot be read."), reason=type(error).__name__) from error


def _is_cut(data: bytes, error: Exception) -> bool:
    """Whether a file that could not be read lacks its end (it may be damaged as well)."""
    if isinstance(error, (EOFError, struct.error)) or "truncated" in str(error).lower():
        return True
    found = formats.sniff(data)[0]
    if found == "JPEG":
        return b"\xff\xd9" not in data
    if found == "PNG":
        return b"IEND" not in data and not isinstance(error, zlib.error)
    if found == "WEBP":
        return int.from_bytes(data[4:8], "little") + 8 > len(data)
    return found == "AVIF" and _boxes_end(data) > len(data)


def _boxes_end(data: bytes) -> int:
    """Where the last top-level box of an ISO media file claims to end."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8:  # 0: to the end; 1: a 64-bit size, which no picture under the byte limit needs
            return len(data)
        at += size
    return at
