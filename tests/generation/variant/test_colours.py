"""Colour names: of measured colours, and in a shop's own words."""

from __future__ import annotations

import subprocess
import sys

import pytest

from shop_genai.generation.variant import colours


@pytest.mark.parametrize(
    ("lab", "name"),
    [
        ((95, 0, 0), "white"),
        ((8, 0, 0), "black"),
        ((50, 1, -2), "grey"),
        ((40, 50, 30), "red"),
        ((20, 8, -24), "navy"),
        ((47, 4, -42), "blue"),
        ((66, 9, 58), "mustard"),
        ((30, 29, -13), "plum"),
    ],
)
def test_the_name_of_a_colour(lab: tuple[float, ...], name: str) -> None:
    assert colours.nearest(lab) == name


def test_every_name_is_its_own_prototypes_name() -> None:
    for name, prototypes in colours.PROTOTYPES.items():
        assert {colours.nearest(prototype) for prototype in prototypes} == {name}
        assert colours.distance(prototypes[0], name) == 0


def test_between_two_names_both_fit() -> None:
    between = (34, 5.5, -30)  # blue and navy are about as near
    assert colours.fits(between, "blue")
    assert colours.fits(between, "navy")
    assert not colours.fits(between, "yellow")


@pytest.mark.parametrize(
    ("text", "names", "unknown"),
    [
        ("white/navy", ("white", "navy"), ()),
        ("Navy, Forest green; navy", ("navy", "green"), ()),
        ("off-white with navy stripes", ("white", "navy"), ()),
        ("grey heather, tartan", ("grey",), ("tartan",)),
        ("Sky Blue", ("light blue",), ()),
        ("Gray + light blue", ("grey", "light blue"), ()),
        ("藏青色/白色", ("navy", "white"), ()),
        ("酒红色、米白", ("burgundy", "cream"), ()),
        ("reddish", (), ("reddish",)),
        ("", (), ()),
    ],
)
def test_a_shops_own_words(text: str, names: tuple[str, ...], unknown: tuple[str, ...]) -> None:
    assert colours.read(text) == colours.Found(names, unknown)


def test_one_name_or_none() -> None:
    assert colours.named("Dark Blue") == "navy"
    assert colours.named("white/navy") is None
    assert colours.named("navy, tartan") is None
    assert colours.named("") is None


def test_every_word_means_a_name() -> None:
    assert {*colours.WORDS.values(), *colours.PHRASES.values()} <= set(colours.NAMES)
    assert all(colours.named(name) == name for name in colours.NAMES)


def test_hex_and_back() -> None:
    assert colours.from_hex("#0aFF7f") == (10, 255, 127)
    assert colours.to_hex((10.4, 300, -2)) == "#0aff00"
    assert not colours.is_hex("#12345")
    with pytest.raises(ValueError, match="#rrggbb"):
        colours.from_hex("red")


def test_web_processes_may_import_names_looks_and_parameters() -> None:
    code = (
        "import sys\n"
        "from shop_genai.generation.variant import colours, looks, params\n"
        "assert not {'torch', 'numpy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_colour_between_names_has_the_nearest_and_means_none() -> None:
    slate = (50.0, -2.0, -13.0)
    assert colours.nearest(slate) == "grey"
    assert not colours.means(slate, "grey")
    assert colours.means((52.0, 1.0, -3.0), "grey")
