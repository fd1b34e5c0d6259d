"""Files that no picture library writes: made byte by byte, small, and wrong in one known way."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence

from PIL import Image

Segment = tuple[int, bytes]


def encoded(picture: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def jpeg_segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg_parts(data: bytes) -> tuple[list[Segment], bytes]:
    """The segments of a one-scan JPEG, and the entropy-coded bytes between SOS and the end marker."""
    segments, at = [], 2
    while True:
        marker = data[at + 1]
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        segments.append((marker, data[at + 4 : at + 2 + length]))
        at += 2 + length
        if marker == 0xDA:
            return segments, data[at:-2]


def jpeg_with(data: bytes, *segments: Segment) -> bytes:
    """The file with segments put directly after its start marker."""
    return data[:2] + b"".join(jpeg_segment(marker, body) for marker, body in segments) + data[2:]


def jpeg_of_size(data: bytes, width: int, height: int) -> bytes:
    """The file claiming another size in its frame header."""
    segments, scan = jpeg_parts(data)
    out = b"\xff\xd8"
    for marker, body in segments:
        if marker in (0xC0, 0xC2):
            body = body[:1] + struct.pack(">HH", height, width) + body[5:]
        out += jpeg_segment(marker, body)
    return out + scan + b"\xff\xd9"


def jpeg_scan_by_scan(width: int, height: int, empty_scans: int = 0) -> bytes:
    """A sequential JPEG with one scan for each colour, then ``empty_scans`` that hold nothing."""
    segments, scan = jpeg_parts(encoded(Image.new("L", (width, height), 77), "JPEG"))
    out = b"\xff\xd8"
    for marker, body in segments:
        if marker == 0xC0:
            body = body[:5] + b"\x03" + b"".join(bytes([colour, 0x11, 0]) for colour in (1, 2, 3))
        if marker != 0xDA:
            out += jpeg_segment(marker, body)
    for colour in (1, 2, 3):
        out += jpeg_segment(0xDA, bytes([1, colour, 0, 0, 63, 0])) + scan
    out += jpeg_segment(0xDA, bytes([1, 1, 0, 0, 63, 0])) * empty_scans
    return out + b"\xff\xd9"


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int, height: int, pixels: bytes, *, depth: int = 8, colour: int = 2, extra: Sequence[bytes] = ()
) -> bytes:
    """A PNG whose header says this size, whatever ``pixels`` (zlib data) holds."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + b"".join(extra)
        + png_chunk(b"IDAT", pixels)
        + png_chunk(b"IEND", b"")
    )


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of zeros that fits its header: small on the wire, huge in memory."""
    squeeze = zlib.compressobj(9)
    row = bytes(1 + width * 3)
    pixels = b"".join(squeeze.compress(row) for _row in range(height)) + squeeze.flush()
    return png(width, height, pixels)


def png_text_bomb(megabytes: int) -> bytes:
    """A good small PNG with a compressed comment that unpacks to ``megabytes``."""
    text = b"Comment\x00\x00" + zlib.compress(bytes(megabytes * 2**20), 9)
    rows = zlib.compress((b"\x00" + bytes(32 * 3)) * 32)
    return png(32, 32, rows, extra=[png_chunk(b"zTXt", text)])


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    """A WebP container of these chunks."""
    body = b"".join(name + struct.pack("<I", len(data)) + data + b"\x00" * (len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def webp_canvas(width: int, height: int) -> bytes:
    """An extended WebP header of that size without any picture."""
    canvas = b"\x00\x00\x00\x00" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return riff((b"VP8X", canvas))


def iso_box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body
