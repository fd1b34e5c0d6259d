"""Where the product of a picture is, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from shop_genai.errors import ProductNotFound

OPAQUE = 250  # of 255: an alpha channel that never goes below says nothing
LEAST = 0.001  # share of the picture that a product takes up at least


@dataclass(frozen=True)
class ProductMask:
    """The product: a thing or garment shown alone, or, on a person, the garment that is sold and nothing else."""

    mask: Image.Image  # mode L, the picture's size; 255 the product, 0 not, soft at its edge
    source: Literal["alpha", "upload", "network"]
    kind: Literal["product", "worn"]  # shown alone, or worn by somebody; of masks that were given always "product"
    confidence: float  # 0..1; 1 for masks that were given


def from_upload(mask: Image.Image, size: tuple[int, int]) -> ProductMask:
    """A mask that somebody drew: white where the product is; of a picture with transparency, what is not transparent.

    Raises:
        ProductNotFound: it is empty.
    """
    drawn = alpha_of(mask)
    values = drawn if drawn is not None else mask.convert("L")
    if values.size != size:
        values = values.resize(size, Image.Resampling.BILINEAR)
    return ProductMask(_filled(values, "The mask is empty."), "upload", "product", 1.0)


def from_alpha(picture: Image.Image) -> ProductMask | None:
    """What a picture's own transparency says; None where it has none that says anything.

    Raises:
        ProductNotFound: the whole picture is transparent.
    """
    alpha = alpha_of(picture)
    if alpha is None:
        return None
    return ProductMask(_filled(alpha, "The whole picture is transparent."), "alpha", "product", 1.0)


def alpha_of(picture: Image.Image) -> Image.Image | None:
    """The transparency, mode L; None where the picture has none, or is opaque all over."""
    if picture.mode == "La":  # Pillow converts it to nothing but LA
        picture = picture.convert("LA")
    if picture.mode not in ("RGBA", "LA", "PA", "RGBa") and "transparency" not in picture.info:
        return None
    alpha = picture.convert("RGBA").getchannel("A")
    return alpha if np.asarray(alpha).min() < OPAQUE else None


def _filled(mask: Image.Image, otherwise: str) -> Image.Image:
    if np.asarray(mask).max() < 128:
        raise ProductNotFound(otherwise, field="image")
    return mask
