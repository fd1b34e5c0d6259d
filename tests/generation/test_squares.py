"""Photos of any shape as squares."""

from __future__ import annotations

import numpy as np
from PIL import Image

from shop_genai.generation.example import Example
from shop_genai.generation.squares import SquareSampler, squared, to_batch, to_pictures
from tests.generation.pictures import drawn


def test_a_tall_picture_continues_its_borders_to_the_sides() -> None:
    tall = Image.new("RGB", (20, 40), (10, 20, 30))
    tall.paste((200, 210, 220), (10, 0, 20, 40))  # another colour on the right
    square = np.asarray(squared(tall, 40))
    assert square.shape == (40, 40, 3)
    assert (square[:, :10] == [10, 20, 30]).all()
    assert (square[:, 30:] == [200, 210, 220]).all()


def test_a_wide_picture_continues_its_borders_up_and_down() -> None:
    wide = Image.new("RGB", (40, 20), (10, 20, 30))
    wide.paste((200, 210, 220), (0, 10, 40, 20))
    square = np.asarray(squared(wide, 20))
    assert (square[:5] == [10, 20, 30]).all()
    assert (square[15:] == [200, 210, 220]).all()


def test_a_square_is_only_resized() -> None:
    picture = drawn(32, 32)
    np.testing.assert_array_equal(np.asarray(squared(picture, 32)), np.asarray(picture))
    assert squared(picture.convert("L"), 16).mode == "RGB"


def test_pictures_become_a_batch_and_come_back() -> None:
    pictures = [drawn(16, 16, seed) for seed in range(2)]
    batch = to_batch(pictures, 16)
    assert batch.shape == (2, 3, 16, 16)
    for before, after in zip(pictures, to_pictures(batch), strict=True):
        np.testing.assert_array_equal(np.asarray(before), np.asarray(after))


def test_half_of_the_squares_are_mirrored_and_the_seed_says_which() -> None:
    picture = drawn(16, 16)
    straight = np.asarray(picture)
    batch = SquareSampler(16)([Example(picture)] * 64, np.random.default_rng(0))["picture"]
    assert batch.dtype == np.uint8
    kept = [(square == straight).all() for square in batch]
    turned = [(square == straight[:, ::-1]).all() for square in batch]
    assert all(a != b for a, b in zip(kept, turned, strict=True))
    assert 16 < sum(kept) < 48
    again = SquareSampler(16)([Example(picture)] * 64, np.random.default_rng(0))["picture"]
    np.testing.assert_array_equal(batch, again)


def test_another_change_takes_the_mirrors_place() -> None:
    def inverted(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
        return Image.fromarray(255 - np.asarray(picture))

    picture = drawn(16, 16)
    batch = SquareSampler(16, inverted)([Example(picture)], np.random.default_rng(0))["picture"]
    np.testing.assert_array_equal(batch[0], 255 - np.asarray(picture))
