"""What a search asks for."""

from __future__ import annotations

import pytest

from shop_genai.taste.words import understood

CATEGORIES = ("t-shirt", "shirt", "polo", "long-sleeve", "home", "连衣裙")
COLOURS = ("red", "white/navy", "navy", "multicolour", "藏青")


@pytest.mark.parametrize(
    ("query", "category", "colours"),
    [
        ("red T-shirts", "t-shirt", {"red"}),
        ("Polo", "polo", set()),
        ("shirts in navy blue", "shirt", {"navy", "white/navy", "藏青"}),
        ("long sleeve", "long-sleeve", set()),
        ("multicolour", None, {"multicolour"}),
        ("white things for the home", "home", {"white/navy"}),
        ("红色连衣裙", "连衣裙", {"red"}),
        ("藏青", None, {"navy", "white/navy", "藏青"}),
        ("homes and polos", "polo", set()),
        ("bored of everything", None, set()),
        ("", None, set()),
    ],
)
def test_categories_and_colours_are_found(query: str, category: str | None, colours: set[str]) -> None:
    found = understood(query, CATEGORIES, COLOURS)
    assert (found.category, set(found.colours)) == (category, colours)
