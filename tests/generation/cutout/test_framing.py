"""Frames, against boxes worked out by hand."""

from __future__ import annotations

from PIL import Image

from shop_genai.generation.cutout import framing


def test_a_square_has_the_product_in_its_middle_and_the_margin_free() -> None:
    frame = framing.square((10, 20, 50, 100), 0.1)  # 40 × 80
    assert frame.size == (100, 100)
    assert frame.offset == (20, -10)  # the product begins at 30 and at 10
    mask = Image.new("L", (120, 130))
    mask.paste(255, (10, 20, 50, 100))
    assert frame.placed(mask).getbbox() == (30, 10, 70, 90)


def test_a_square_without_margin_is_as_large_as_the_product() -> None:
    assert framing.square((0, 0, 31, 7), 0.0) == framing.Frame((31, 31), (0, 12))


def test_the_photos_own_frame_copies_nothing() -> None:
    picture = Image.new("RGB", (9, 8))
    assert framing.original(picture.size).placed(picture) is picture


def test_what_is_hardly_covered_is_not_the_product() -> None:
    mask = Image.new("L", (20, 20), 90)
    assert framing.product_box(mask) is None
    mask.paste(128, (4, 5, 9, 11))
    assert framing.product_box(mask) == (4, 5, 9, 11)


def test_sides_that_cut_the_product_are_named() -> None:
    assert framing.cut_off((1, 1, 9, 7), (10, 8)) == []
    assert framing.cut_off((0, 1, 9, 8), (10, 8)) == ["left", "bottom"]
    assert framing.cut_off((1, 0, 10, 7), (10, 8)) == ["top", "right"]
