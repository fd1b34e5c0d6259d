"""The installed kinds of generation, with what a form needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from shop_genai import recipes
from shop_genai.api.serializers.recipes import values
from shop_genai.errors import WeightsMissing
from shop_genai.generation.enhance.presets import PRESETS
from shop_genai.models import Weights
from shop_genai.recipes import Recipe, Slot
from tests.api.conftest import API
from tests.fakes.recipes import InvertParams, load_invert

pytestmark = pytest.mark.django_db
ClientOf = Callable[..., APIClient]


def listed(client: APIClient) -> dict[str, Any]:
    return {recipe["name"]: recipe for recipe in client.get(f"{API}recipes/").json()["results"]}


def test_every_installed_recipe_is_listed_with_its_form(client_of: ClientOf, user: User, invert: Recipe) -> None:
    answer = listed(client_of(user))
    assert {"enhance", "invert"} <= answer.keys()
    assert answer["invert"]["slots"] == [{"name": "image", "label": "Photo", "required": True, "help_text": ""}]
    assert answer["invert"]["lane"] == "bulk"
    [seconds] = [item for item in answer["invert"]["parameters"] if item["name"] == "seconds"]
    assert (seconds["type"], seconds["default"]) == ("float", 0.0)
    [scale] = [item for item in answer["enhance"]["parameters"] if item["name"] == "scale"]
    assert scale["choices"] == [1, 2, 4]
    [preset] = [item for item in answer["enhance"]["parameters"] if item["name"] == "preset"]
    assert preset["choices"] == ["custom", *PRESETS]
    assert preset["default"] == "custom"


@pytest.mark.parametrize(
    ("choices", "found"),
    [(None, None), ((), None), ((1, 2), [1, 2]), ([("a", "A"), ["b", "B"]], ["a", "b"]), ({"a": "A"}, ["a"])],
)
def test_choices_are_what_may_be_sent(choices: Any, found: list[Any] | None) -> None:
    assert values(choices) == found


def test_the_weights_of_new_jobs_are_named(client_of: ClientOf, user: User, invert: Recipe) -> None:
    def missing(folder: Path | None = None) -> str:
        raise WeightsMissing("There are no weights.")

    for name, digest in (("with_weights", lambda folder=None: "ab" * 32), ("broken", missing)):
        recipes.register(
            Recipe(name=name, label=name, slots=(Slot("image"),), params=InvertParams, load=load_invert, digest=digest)
        )
    Weights.objects.create(recipe="invert", digest="cd" * 32, version="2", folder="/weights", promoted=True)
    answer = listed(client_of(user))
    assert answer["with_weights"]["weights"] == "ab" * 32
    assert answer["broken"]["weights"] is None
    assert answer["invert"]["weights"] == "cd" * 32


def test_strangers_see_nothing(client_of: ClientOf, problem: Callable[..., dict[str, Any]]) -> None:
    problem(client_of().get(f"{API}recipes/"), 401, "not_authenticated")
