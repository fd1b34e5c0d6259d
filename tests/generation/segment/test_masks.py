"""Masks that were given."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shop_genai.errors import ProductNotFound
from shop_genai.generation.segment.masks import from_alpha, from_upload
from tests.generation.pictures import drawn


def cut_out(size: tuple[int, int] = (20, 10)) -> Image.Image:
    picture = drawn(*size).convert("RGBA")
    alpha = Image.new("L", size, 0)
    alpha.paste(255, (5, 2, 15, 8))
    picture.putalpha(alpha)
    return picture


def test_transparency_is_the_mask() -> None:
    found = from_alpha(cut_out())
    assert found is not None
    assert (found.source, found.kind, found.confidence) == ("alpha", "product", 1.0)
    assert found.mask.getbbox() == (5, 2, 15, 8)


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA", "P"])
def test_an_opaque_picture_says_nothing(mode: str) -> None:
    assert from_alpha(drawn(8, 8).convert(mode)) is None


def test_a_palette_can_be_transparent() -> None:
    picture = Image.new("P", (4, 4), 1)
    picture.putpixel((0, 0), 0)
    picture.info["transparency"] = 0
    found = from_alpha(picture)
    assert found is not None
    assert np.asarray(found.mask).tolist()[0] == [0, 255, 255, 255]


def test_an_uploaded_mask_of_any_size_and_kind() -> None:
    drawn_mask = Image.new("1", (10, 5), 0)
    drawn_mask.paste(1, (2, 1, 8, 4))
    found = from_upload(drawn_mask, (40, 20))
    assert (found.source, found.mask.size, found.mask.mode) == ("upload", (40, 20), "L")
    assert found.mask.getpixel((20, 10)) == 255
    assert from_upload(cut_out(), (20, 10)).mask.getbbox() == (5, 2, 15, 8)


def test_empty_ones_are_refused() -> None:
    with pytest.raises(ProductNotFound, match="mask is empty"):
        from_upload(Image.new("L", (4, 4)), (4, 4))
    with pytest.raises(ProductNotFound, match="transparent"):
        from_alpha(Image.new("RGBA", (4, 4), (9, 9, 9, 0)))
