"""Training pictures as squares, and products cut out."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shop_genai.training.packs import read_pack
from shop_genai.training.squares import Squares, held_out
from tests.generation.pictures import drawn


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Three pictures of 40x60, two with a mask of their middle 20x30; the last is of the test split."""
    (tmp_path / "images").mkdir()
    (tmp_path / "masks").mkdir()
    mask = Image.new("1", (40, 60))
    mask.paste(1, (10, 15, 30, 45))
    rows = []
    for number, split in enumerate(("train", "train", "test")):
        drawn(40, 60, number).save(tmp_path / "images" / f"{number}.png")
        mask.save(tmp_path / "masks" / f"{number}.png")
        rows.append([f"images/{number}.png", split, "" if number == 0 else f"masks/{number}.png"])
    with (tmp_path / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["file", "split", "mask"], *rows])
    return tmp_path


def test_pictures_become_squares_once(pack: Path) -> None:
    squares = Squares(read_pack(pack, "train"), 16)
    assert len(squares) == 2
    assert squares[0].size == (16, 16)
    assert squares[0] is squares[0]
    assert [example.facts["file"] for example in squares.examples()] == ["images/0.png", "images/1.png"]


def test_a_product_is_cut_out_and_put_on_white_with_an_even_margin(pack: Path) -> None:
    squares = Squares(read_pack(pack, "train"), 34, white=True)
    assert len(squares) == 1  # the other has no mask
    # The product is 20x30, and its square 30 * 1.12 = 34 pixels: nothing is resized.
    square = np.asarray(squares[0])
    product = np.asarray(drawn(40, 60, 1))[15:45, 10:30]
    np.testing.assert_array_equal(square[2:32, 7:27], product)
    outside = np.ones((34, 34), bool)
    outside[2:32, 7:27] = False
    assert (square[outside] == 255).all()


def test_a_mask_that_does_not_fit_is_refused(pack: Path) -> None:
    Image.new("1", (40, 60)).save(pack / "masks" / "1.png")
    with pytest.raises(ValueError, match="is no mask of"):
        Squares(read_pack(pack, "train"), 16, white=True)[0]


def test_what_is_held_out_is_the_test_split_of_packs(pack: Path, pictures: Path) -> None:
    assert [example.facts["file"] for example in held_out([pictures, pack], 16, white=False)] == ["images/2.png"]
    assert held_out([pictures], 16, white=False) == []
