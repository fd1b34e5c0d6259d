"""A form made from a recipe's own description of its parameters. A new recipe needs no form code."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop_genai.errors import InvalidParams
from shop_genai.models import Lane
from shop_genai.recipes import Recipe

PREFIX = "param_"

NUMBERS: dict[str, type[forms.IntegerField]] = {"int": forms.IntegerField, "float": forms.FloatField}


class ParameterForm(forms.Form):
    """One field per parameter, then the lane. After ``is_valid()``, ``params`` holds what the recipe took."""

    def __init__(self, recipe: Recipe, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.recipe = recipe
        self.params: dict[str, Any] = {}
        for described in recipe.describe():
            self.fields[PREFIX + described["name"]] = field_for(described)
        self.fields["lane"] = forms.ChoiceField(
            label=_("Lane"),
            choices=Lane.choices,
            initial=recipe.lane,
            help_text=_("Interactive jobs go first. Choose bulk for many pictures that nobody waits for."),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        given = {name.removeprefix(PREFIX): value for name, value in cleaned.items() if name.startswith(PREFIX)}
        try:
            self.params = self.recipe.dump(self.recipe.parse({k: v for k, v in given.items() if v not in (None, "")}))
        except InvalidParams as error:
            self.refuse(error)
        return cleaned

    def refuse(self, error: InvalidParams) -> None:
        """Show the recipe's sentence next to the field that it names, else above the form."""
        name = PREFIX + str(error.details.get("field", ""))
        self.add_error(name if name in self.fields else None, str(error))


def field_for(described: dict[str, Any]) -> forms.Field:
    """One entry of ``Recipe.describe()`` → a form field with its choices, limits, default and help."""
    kind, low, high = described["type"], described["minimum"], described["maximum"]
    shared: dict[str, Any] = {
        "label": gettext(str(described["label"])),
        "help_text": _help(described),
        "initial": described["default"],
        "required": False,  # empty means the default; the recipe says what it cannot do without
    }
    if described["choices"]:
        choices = [(value, gettext(str(label))) for value, label in _pairs(described["choices"])]
        kinds = {str(value): value for value, _label in choices}
        return forms.TypedChoiceField(choices=choices, coerce=lambda text: kinds[text], empty_value=None, **shared)
    if kind == "bool":
        return forms.BooleanField(**shared)
    if kind in NUMBERS:
        return NUMBERS[kind](min_value=low, max_value=high, **shared)
    if kind in ("list", "tuple", "dict"):
        return forms.JSONField(**shared)
    return forms.CharField(**shared)


def _pairs(choices: Any) -> list[tuple[Any, Any]]:
    """Bare values name themselves; (value, label) pairs stay; a mapping gives its items."""
    entries = choices.items() if isinstance(choices, dict) else choices
    return [tuple(entry) if isinstance(entry, (list, tuple)) else (entry, entry) for entry in entries]


def _help(described: dict[str, Any]) -> str:
    text = gettext(str(described["help_text"])) if described["help_text"] else ""
    low, high = described["minimum"], described["maximum"]
    limits = ""
    if low is not None and high is not None and not described["choices"]:
        limits = gettext("From %(low)s to %(high)s.") % {"low": low, "high": high}
    return " ".join(part for part in (text, limits) if part)
