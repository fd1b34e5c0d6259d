"""A look: the numbers that the variant VAE keeps of a product's appearance. Plain Python: web processes import it."""

from __future__ import annotations

import base64
import binascii
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass

LARGEST = 512  # numbers in a look that is read from text


@dataclass(frozen=True)
class Look:
    """What a product in a picture looks like. Looks of different weights have nothing in common."""

    vector: tuple[float, ...]  # the posterior's mode
    colour: str  # the nearest name of `colours.NAMES`
    lab: tuple[float, float, float]  # mean over the product, CIELAB
    weights: str  # digest of the weights whose latent space it is


def pack(vector: Sequence[float]) -> str:
    """A vector as text that fits into a parameter: base64 of half-precision numbers, about three digits each.

    Raises:
        ValueError: a number is not finite or beyond half precision's range, or there are none or too many.
    """
    if not 1 <= len(vector) <= LARGEST or not all(math.isfinite(value) for value in vector):
        raise ValueError(f"a look has 1..{LARGEST} finite numbers")
    try:
        packed = struct.pack(f"<{len(vector)}e", *vector)
    except OverflowError as error:
        raise ValueError("a look's numbers must lie within half precision's range") from error
    return base64.urlsafe_b64encode(packed).decode("ascii")


def unpack(text: str) -> tuple[float, ...]:
    """The vector that `pack` made a text of.

    Raises:
        ValueError: the text was not made by `pack`.
    """
    try:
        packed = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise ValueError("not a packed look") from error
    if not packed or len(packed) % 2 or len(packed) > 2 * LARGEST:
        raise ValueError("not a packed look: its length is wrong")
    vector = struct.unpack(f"<{len(packed) // 2}e", packed)
    if not all(math.isfinite(value) for value in vector):
        raise ValueError("not a packed look: a number is not finite")
    return vector
