"""Recipes: one file adds a kind; parameters and slots are checked before a job exists."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from shop_genai import recipes
from shop_genai.errors import InvalidInputs, InvalidParams, UnknownRecipe
from shop_genai.recipes import Recipe, Slot, params_digest
from tests.fakes.recipes import INVERT, load_invert

ADDON = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
from django.conf import settings
settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.fakes.addon"]
import django
django.setup()
from shop_genai import recipes
print(*(recipe.name for recipe in recipes.all_recipes()))
"""


@dataclass(frozen=True)
class Params:
    width: int = field(metadata={"label": "Width", "minimum": 1, "maximum": 9})
    strength: float = 0.5
    look: Literal["soft", "hard"] = "soft"
    note: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 9:
            raise InvalidParams("“width” must lie between 1 and 9.", field="width")


@pytest.fixture
def recipe() -> Recipe:
    slots = (Slot("image"), Slot("mask", required=False))
    return Recipe(name="trial", label="Trial", slots=slots, params=Params, load=load_invert)


def test_a_third_party_adds_a_kind_with_one_file() -> None:
    folder = Path(__file__).parent / "fakes" / "addon"
    code = {path.name for path in folder.glob("*.py")} - {"__init__.py"}
    assert code == {"genai_recipes.py"}  # no AppConfig, no settings, no signal
    done = subprocess.run(
        [sys.executable, "-c", ADDON], cwd=folder.parents[2], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["accessory", "cutout", "enhance", "invert", "tryon", "variant"]


def test_a_name_can_be_taken_once(recipe: Recipe) -> None:
    assert recipes.register(recipe) is recipe
    assert recipes.get("trial") is recipe
    with pytest.raises(ValueError, match="registered already"):
        recipes.register(recipe)
    recipes.unregister("trial")
    recipes.unregister("trial")
    recipes.register(recipe)


@pytest.mark.parametrize("name", ["Big", "with space", "a-b", "", "x" * 65])
def test_a_name_is_an_identifier(name: str) -> None:
    with pytest.raises(ValueError, match="identifier"):
        recipes.register(Recipe(name=name, label="", slots=(Slot("image"),), params=Params, load=load_invert))


def test_an_unknown_recipe_is_refused_with_what_there_is() -> None:
    recipes.register(INVERT)
    with pytest.raises(UnknownRecipe, match=r"“paint”.*enhance, invert") as caught:
        recipes.get("paint")
    assert (caught.value.code, caught.value.details) == ("unknown_recipe", {"recipe": "paint"})


def test_parameters_are_parsed_and_spelled_out(recipe: Recipe) -> None:
    params = recipe.parse({"width": 3, "strength": 1})
    assert params == Params(width=3, strength=1.0, look="soft", note=None)
    assert isinstance(params.strength, float)
    assert recipe.dump(params) == {"width": 3, "strength": 1.0, "look": "soft", "note": None}
    assert recipe.parse({"width": 3, "note": None}).note is None


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ({}, "width"),  # required
        (None, "width"),
        ([1], "params"),
        ({"width": 3, "hight": 1}, "hight"),
        ({"width": "3"}, "width"),
        ({"width": 3.0}, "width"),
        ({"width": True}, "width"),
        ({"width": None}, "width"),
        ({"width": 10}, "width"),  # the dataclass's own rule
        ({"width": 3, "strength": True}, "strength"),
        ({"width": 3, "strength": "much"}, "strength"),
        ({"width": 3, "look": "odd"}, "look"),
        ({"width": 3, "note": 4}, "note"),
    ],
)
def test_bad_parameters_are_named(recipe: Recipe, raw: Any, name: str) -> None:
    with pytest.raises(InvalidParams) as caught:
        recipe.parse(raw)
    assert caught.value.details["field"] == name


@pytest.mark.parametrize(("names", "name"), [([], "image"), (["mask"], "image"), (["image", "face"], "face")])
def test_slots_are_checked(recipe: Recipe, names: list[str], name: str) -> None:
    recipe.check_slots(["image"])
    recipe.check_slots(["image", "mask"])
    with pytest.raises(InvalidInputs) as caught:
        recipe.check_slots(names)
    assert caught.value.details["field"] == name


def test_parameters_describe_themselves_for_forms(recipe: Recipe) -> None:
    width, strength, look, note = recipe.describe()
    assert (width["type"], width["label"], width["minimum"], width["maximum"]) == ("int", "Width", 1, 9)
    assert (width["default"], strength["default"], strength["label"]) == (None, 0.5, "Strength")
    assert (look["type"], note["type"]) == ("str", "str")


def test_equal_parameters_have_equal_digests() -> None:
    assert params_digest({"a": 1, "b": [2, "ü"]}) == params_digest({"b": [2, "ü"], "a": 1})
    assert params_digest({"a": 1}) != params_digest({"a": 1.5})
    # sha256 of the two characters {}
    assert params_digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
