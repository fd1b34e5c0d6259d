"""A kind of generation, with everything that a form for it needs."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from shop_genai.api.serializers.rendering import AnswerSerializer
from shop_genai.recipes import Recipe


class SlotSerializer(serializers.Serializer):
    """One named input picture."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not the attribute
    required = serializers.BooleanField()  # type: ignore[assignment]  # a field, not the attribute
    help_text = serializers.CharField()  # type: ignore[assignment]  # a field, not the attribute


class ParameterSerializer(serializers.Serializer):
    """One parameter, with what a form needs to ask for it."""

    name = serializers.CharField()
    type = serializers.CharField(help_text="int, float, str or bool.")
    default = serializers.JSONField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not the attribute
    help_text = serializers.CharField()  # type: ignore[assignment]  # a field, not the attribute
    choices = serializers.ListField(child=serializers.JSONField(), allow_null=True)
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)


class RecipeSerializer(AnswerSerializer[Recipe]):
    """A kind of generation, with everything that a form for it needs."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not the attribute
    description = serializers.CharField()
    lane = serializers.CharField(help_text="The lane of its jobs unless the request says otherwise.")
    slots = SlotSerializer(many=True)
    parameters = ParameterSerializer(many=True)
    weights = serializers.CharField(
        allow_null=True, help_text="SHA-256 of the weights that new jobs use; null where there are none."
    )

    def to_representation(self, recipe: Recipe) -> dict[str, Any]:
        return {
            "name": recipe.name,
            "label": str(recipe.label),
            "description": str(recipe.description),
            "lane": recipe.lane,
            "slots": [
                {
                    "name": slot.name,
                    "label": str(slot.label or slot.name),
                    "required": slot.required,
                    "help_text": str(slot.help_text),
                }
                for slot in recipe.slots
            ],
            "parameters": [
                {
                    **parameter,
                    "label": str(parameter["label"]),
                    "help_text": str(parameter["help_text"]),
                    "choices": values(parameter["choices"]),
                }
                for parameter in recipe.describe()
            ],
            "weights": self.context["weights"][recipe.name],
        }


def values(choices: Any) -> list[Any] | None:
    """What may be sent, of choices that are bare values, (value, label) pairs or a mapping of values to labels."""
    if not choices:
        return None
    return [choice[0] if isinstance(choice, (list, tuple)) else choice for choice in choices]


class RecipesSerializer(serializers.Serializer):
    """All installed recipes; there are few, so they come in one page."""

    results = RecipeSerializer(many=True)
