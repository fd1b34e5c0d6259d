"""The form that a recipe's own description makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from django import forms

from shop_genai import recipes
from shop_genai.admin.forms import ParameterForm
from shop_genai.errors import InvalidParams
from shop_genai.recipes import Recipe, Slot


@dataclass(frozen=True)
class Everything:
    count: int = field(default=2, metadata={"label": "How many", "minimum": 1, "maximum": 9})
    share: float = field(default=0.5, metadata={"help_text": "Of the whole.", "minimum": 0.0, "maximum": 1.0})
    careful: bool = True
    mode: Literal["fast", "fine"] = field(default="fine", metadata={"choices": {"fast": "Quick", "fine": "Slow"}})
    scale: int = field(default=2, metadata={"choices": (1, 2, 4)})
    note: str = ""
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.count == 7:
            raise InvalidParams("Seven is taken.", field="count")
        if self.note == "no":
            raise InvalidParams("Not like this.")


KIND = Recipe("everything", "Everything", (Slot("image"),), Everything, load=lambda folder, device: None)  # type: ignore[arg-type,return-value]  # never loaded


def filled(**values: Any) -> ParameterForm:
    data = {
        "param_count": "2",
        "param_share": "0.5",
        "param_mode": "fine",
        "param_scale": "2",
        "lane": "bulk",
    }
    return ParameterForm(KIND, data | {k if k == "lane" else f"param_{k}": v for k, v in values.items()})


def test_types_limits_choices_and_help_come_from_the_recipe() -> None:
    fields = ParameterForm(KIND).fields
    assert fields["param_count"].label == "How many"
    assert (fields["param_count"].min_value, fields["param_count"].max_value) == (1, 9)
    assert fields["param_count"].help_text == "From 1 to 9."
    assert fields["param_share"].help_text == "Of the whole. From 0.0 to 1.0."
    assert fields["param_share"].initial == 0.5
    assert isinstance(fields["param_careful"], forms.BooleanField)
    assert fields["param_mode"].choices == [("fast", "Quick"), ("fine", "Slow")]
    assert fields["lane"].initial == "bulk"


def test_good_values_become_typed_parameters_with_every_default() -> None:
    form = filled(count="3", share="1", scale="4", careful="on", mode="fast")
    assert form.is_valid(), form.errors
    assert form.params == {
        "count": 3, "share": 1.0, "careful": True, "mode": "fast", "scale": 4, "note": "", "limit": None,
    }  # fmt: skip


def test_an_empty_field_means_the_default_and_an_empty_box_means_no() -> None:
    form = filled(count="")
    assert form.is_valid()
    assert (form.params["count"], form.params["careful"]) == (2, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", "0"),
        ("count", "10"),
        ("count", "x"),
        ("share", "1.5"),
        ("mode", "other"),
        ("scale", "3"),
        ("count", "7"),
    ],
)
def test_a_bad_value_is_refused_next_to_its_field(name: str, value: str) -> None:
    form = filled(**{name: value})
    assert not form.is_valid()
    assert list(form.errors) == [f"param_{name}"]


def test_a_refusal_without_a_field_stands_above_the_form() -> None:
    form = filled(note="no")
    assert form.non_field_errors() == ["Not like this."]


def test_an_unknown_lane_is_refused() -> None:
    assert list(filled(lane="fast").errors) == ["lane"]


def test_every_registered_recipe_has_a_form_whose_defaults_are_valid() -> None:
    for recipe in recipes.all_recipes():
        shown = ParameterForm(recipe)
        defaults = {name: shown.get_initial_for_field(f, name) for name, f in shown.fields.items()}
        form = ParameterForm(recipe, {name: value for name, value in defaults.items() if value is not None})
        assert form.is_valid(), (recipe.name, form.errors)
        assert form.params == recipe.dump(recipe.parse({}))
