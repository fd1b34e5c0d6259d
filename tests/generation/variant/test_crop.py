"""Products framed for the networks."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shop_genai.generation.variant.crop import framed
from tests.generation.pictures import drawn


def masked(width: int, height: int, box: tuple[int, int, int, int]) -> Image.Image:
    mask = Image.new("L", (width, height))
    mask.paste(255, box)
    return mask


def test_the_box_is_the_products_with_a_margin_inside_the_picture() -> None:
    picture = drawn(200, 100)
    square, mask, box = framed(picture, masked(200, 100, (0, 20, 100, 70)), 32)
    assert box == (0, 18, 104, 72)  # 4 % of 100 and of 50; the picture ends at the left
    assert square.size == mask.size == (32, 32)
    assert square.mode == "RGB"
    expected = np.asarray(picture.crop(box)).mean(axis=(0, 1))
    assert np.abs(np.asarray(square).mean(axis=(0, 1)) - expected).max() < 1.5
    assert np.asarray(mask).mean() / 255 == pytest.approx(100 * 50 / (104 * 54), abs=0.01)


def test_faint_parts_of_a_mask_do_not_widen_the_box() -> None:
    mask = masked(60, 60, (20, 20, 40, 40))
    mask.paste(100, (0, 0, 10, 10))
    assert framed(drawn(60, 60), mask, 16)[2] == (19, 19, 41, 41)


def test_what_cannot_be_framed_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        framed(drawn(20, 20), Image.new("L", (20, 20)), 16)
    with pytest.raises(ValueError, match="does not fit"):
        framed(drawn(20, 20), Image.new("L", (21, 20), 255), 16)
