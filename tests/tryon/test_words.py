"""Whatever a worker or the API refuses, a shopper is told in words what to do."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import shop_genai
from shop_genai import tryon
from shop_genai.errors import ImageRefused, TryOnRefused
from shop_genai.tryon.words import LATER, REFUSALS, WARNINGS

CODES = sorted(
    {kind.code for kind in (TryOnRefused, ImageRefused)}
    | {kind.code for parent in (TryOnRefused, ImageRefused) for kind in parent.__subclasses__()}
)


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_has_words_and_advice(code: str) -> None:
    words = tryon.refusal(code)
    assert words.message != str(LATER[0])
    assert words.advice
    assert tryon.advice_of(code) == words.advice


def test_the_unforeseen_has_words_too() -> None:
    assert tryon.refusal("pipeline_failed").message == "The picture could not be made."
    assert tryon.advice_of("pipeline_failed") == ""  # problems of the API speak for themselves
    assert tryon.warning("of_a_shops_own_method").message == "Something in this picture may look wrong."


def test_every_warning_of_our_methods_has_words() -> None:
    source = Path(shop_genai.__file__).parent / "generation" / "tryon" / "fitting.py"  # read: importing it loads torch
    [found] = [
        node
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name == "warnings"
    ]
    codes = {
        key.value
        for node in ast.walk(found)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }
    assert codes >= {"dark_photo", "skin_invented"}
    assert codes <= set(WARNINGS)


def test_words_are_for_people() -> None:
    for message, advice in REFUSALS.values():
        assert str(message).endswith(".")
        assert str(advice).endswith(".")
    assert all(str(text).endswith(".") for text in WARNINGS.values())
