"""What packs say of their pictures' pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shop_genai.generation.segment.classes import CLASSES, bits, number
from shop_genai.generation.segment.labelled import Labelled
from shop_genai.training.labels import is_told, labelled
from shop_genai.training.packs import read_pack
from tests.training.people import write_pack

GROUND, PRODUCT = bits(["background"]), bits(["product"])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Labelled]:
    entries = read_pack(write_pack(tmp_path_factory.mktemp("pack")), "train")
    assert [entry.path.stem for entry in entries if not is_told(entry)] == ["meadow"]
    return {entry.path.stem: labelled(entry, 120) for entry in entries if is_told(entry)}


def can_be(example: Labelled, row: int, column: int = 30) -> set[str]:
    return {name for name in CLASSES if example.possible[row, column] >> number(name) & 1}


def test_the_sold_garment_of_a_person_is_known_and_the_rest_narrowed_down(told: dict[str, Labelled]) -> None:
    upper = told["upper"]
    assert can_be(upper, 2) == {"background"}
    assert can_be(upper, 40) == {"upper"}
    assert can_be(upper, 8) == {"hair", "other"}  # dark, above the garment: neither skin nor cloth
    assert can_be(upper, 18) == {"hair", "skin", "other"}
    assert "lower" in can_be(upper, 80)
    assert not {"hair", "skin"} & can_be(upper, 80)  # blue is no skin, and hair is not there
    assert "shoes" in can_be(upper, 105)
    assert (upper.sold[40, 30], upper.sold[80, 30], upper.sold[2, 2]) == (1, 0, 0)


def test_of_trousers_what_is_above_can_be_a_shirt(told: dict[str, Labelled]) -> None:
    assert can_be(told["lower"], 80) == {"lower"}
    assert can_be(told["lower"], 40) >= {"upper"}
    assert "hair" not in can_be(told["lower"], 40)


def test_without_a_mask_of_the_garment_only_the_person_is_known(tmp_path: Path) -> None:
    (entry, *_) = read_pack(write_pack(tmp_path), "train")
    bare = labelled(type(entry)(entry.path, entry.kind, {**entry.facts, "garment_mask": ""}), 120)
    assert can_be(bare, 40) >= {"upper", "lower", "hair"}
    assert can_be(bare, 40).isdisjoint({"background", "product"})
    assert (bare.sold[40, 30], bare.sold[2, 2]) == (2, 0)


def test_a_thing_alone_is_its_mask(told: dict[str, Labelled]) -> None:
    thing = told["thing"]
    assert np.array_equal(thing.possible == PRODUCT, thing.sold == 1)
    assert (thing.sold == 1).sum() == 20 * 30
    assert thing.matte is not None
    assert thing.matte[25, 25] == 255


def test_on_clean_white_the_thing_is_what_is_not_white_and_not_open_to_it(told: dict[str, Labelled]) -> None:
    ring = told["ring"]
    assert (ring.sold[20, 20], ring.sold[5, 5]) == (1, 0)
    assert (ring.sold[30, 30], ring.possible[30, 30]) == (2, GROUND | PRODUCT)  # a hole, or a white print


def test_rendered_people_are_known_throughout(told: dict[str, Labelled]) -> None:
    rendered = told["rendered"]
    assert can_be(rendered, 40) == {"upper"}
    assert can_be(rendered, 8) == {"hair"}
    assert can_be(rendered, 80) == {"background"}  # as its map says
    assert (rendered.sold == 2).all()


def test_pictures_are_kept_small(tmp_path: Path) -> None:
    entries = read_pack(write_pack(tmp_path), "train")
    small = labelled(entries[0], 60)
    assert small.picture.size == (30, 60)
    assert small.possible.shape == small.sold.shape == (60, 30)
