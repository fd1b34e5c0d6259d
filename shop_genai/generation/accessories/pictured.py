"""An accessory from its own picture: a flat thing, placed in space before the face and seen in its perspective."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shop_genai.errors import ProductNotFound
from shop_genai.generation.pictures import take_apart

from .head import Head
from .light import Light
from .solids import FINER, LARGEST, Layer

Values = NDArray[np.float64]

LARGEST_PICTURE = 2000  # pixels a side


def cut_out(picture: Image.Image, mask_of: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """The accessory alone, mode RGBA, cropped to it.

    Args:
        picture: of any mode; its own transparency wins.
        mask_of: finds the thing in an RGB picture (mode L, 255 where it is).

    Raises:
        ProductNotFound: nothing is in it.
    """
    source = take_apart(picture)
    colour, alpha = source.colour.copy(), source.alpha
    colour.info = {}
    if alpha is None or alpha.getextrema()[0] == 255:
        alpha = mask_of(colour)
    colour.putalpha(alpha)
    box = alpha.point([255 if value > 24 else 0 for value in range(256)]).getbbox()
    if box is None:
        raise ProductNotFound("The accessory's picture shows nothing.", field="accessory")
    colour = colour.crop(box)
    colour.thumbnail((LARGEST_PICTURE, LARGEST_PICTURE), Image.Resampling.LANCZOS)
    return colour


def colour_of(picture: Image.Image) -> tuple[int, int, int]:
    """The middle colour of what is opaque in an RGBA picture."""
    pixels = np.asarray(picture)
    opaque = pixels[pixels[..., 3] > 128][:, :3]
    if not len(opaque):
        return 0, 0, 0
    red, green, blue = np.median(opaque, axis=0).astype(int).tolist()
    return red, green, blue


def placed(picture: Image.Image, corners: Values, head: Head, light: Light, size: tuple[int, int]) -> Layer | None:
    """A flat picture as it is seen from the camera; None: it is out of the photo.

    Args:
        picture: RGBA.
        corners: (4, 3) around the head: where its upper left, upper right, lower right and lower left come to lie.
        size: of the photo.
    """
    seen = head.seen(corners)
    low, high = np.floor(seen.min(axis=0)).astype(int) - 1, np.ceil(seen.max(axis=0)).astype(int) + 1
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    right, bottom = min(size[0], int(high[0])), min(size[1], int(high[1]))
    if right <= left or bottom <= top:
        return None
    finer = max(1, min(FINER, LARGEST // max(right - left, bottom - top)))
    inner = np.array([(0, 0), (picture.width, 0), (picture.width, picture.height), (0, picture.height)], np.float64)
    pixels = np.asarray(picture, np.float32)
    # Transparent pixels have no colour that might shine through at an edge.
    heavy = np.concatenate([pixels[..., :3] * pixels[..., 3:] / 255, pixels[..., 3:]], axis=2)
    flat = Image.fromarray(np.rint(heavy).astype(np.uint8), "RGBA")
    bent = flat.transform(
        ((right - left) * finer, (bottom - top) * finer),
        Image.Transform.PERSPECTIVE,
        perspective((seen - (left, top)) * finer, inner),
        Image.Resampling.BICUBIC,
    )
    small = np.asarray(bent.reduce(finer), np.float32)
    cover = small[..., 3] / 255
    colour = np.minimum(small[..., :3] / np.maximum(cover, 1 / 255)[..., None], 255)
    return Layer(left, top, (colour * light.exposure).astype(np.float32), cover)


def perspective(start: Values, end: Values) -> list[float]:
    """The eight coefficients that take four points (4, 2) to four others, as Pillow's transform wants them."""
    rows = []
    for (x, y), (u, v) in zip(start, end, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    answer: list[float] = np.linalg.solve(np.array(rows), end.reshape(-1)).tolist()
    return answer
