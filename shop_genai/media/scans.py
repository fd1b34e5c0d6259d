"""How a JPEG is laid out: what a decoder must hold in memory and how often it walks over the picture.

Most files have one scan with all colours, which is decoded line by line, and at 1/8 of its side if that is enough.
Progressive files, and those with a scan for each colour, make libjpeg keep every coefficient of the whole picture
(6 bytes a pixel), whatever size is asked for; and each scan is a pass over all of them, however few bytes it has.
Source: ITU-T T.81, annex B.
"""

from __future__ import annotations

from typing import Final

# Cameras and encoders write about ten scans. Thousands of empty ones keep a server busy for minutes.
MAX_SCANS: Final = 64
_SCAN: Final = b"\xff\xda"
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0 … SOF15
_SEQUENTIAL: Final = frozenset({0xC0, 0xC1})
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length


def count(data: bytes) -> int:
    """At least the number of scans. Pictures inside metadata or behind the end are counted too."""
    return data.count(_SCAN)


def is_single(data: bytes) -> bool:
    """Whether the file is sequential and its first scan holds all colours. Damaged headers count as no."""
    at, colours = 2, 0
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return False
        marker = data[at + 1]
        if marker == 0xFF or marker in _ALONE:  # a fill byte, or a marker by itself
            at += 1 if marker == 0xFF else 2
            continue
        body = at + 4
        if marker in _FRAMES:
            if marker not in _SEQUENTIAL or body + 6 > len(data):
                return False
            colours = data[body + 5]
        if marker == _SCAN[1]:
            return body < len(data) and 0 < colours == data[body]
        at += 2 + int.from_bytes(data[at + 2 : body], "big")
    return False
