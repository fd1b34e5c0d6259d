"""The installed kinds of generation."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from shop_genai import recipes
from shop_genai.api.schema import problems_of_signed_in
from shop_genai.api.serializers.recipes import RecipeSerializer, RecipesSerializer
from shop_genai.api.views.studio import StudioView
from shop_genai.errors import WeightsError
from shop_genai.models import Weights

EXAMPLE = {
    "results": [
        {
            "name": "enhance",
            "label": "Enhance",
            "description": "Makes a small, noisy or over-compressed photo larger, clean and sharp.",
            "lane": "bulk",
            "slots": [{"name": "image", "label": "Photo", "required": True, "help_text": ""}],
            "parameters": [
                {
                    "name": "preset",
                    "type": "str",
                    "default": "custom",
                    "label": "Preset",
                    "help_text": "Chooses the rest for each picture, from its size and its faults, and says why.",
                    "choices": ["custom", "auto", "catalogue", "marketplace", "zoom"],
                    "minimum": None,
                    "maximum": None,
                },
                {
                    "name": "scale",
                    "type": "int",
                    "default": 2,
                    "label": "Enlargement",
                    "help_text": "Times the width and height. 1 cleans the picture without enlarging it.",
                    "choices": [1, 2, 4],
                    "minimum": None,
                    "maximum": None,
                },
            ],
            "weights": "0f343b0931126a20f133d67c2b018a3b2f9c0c1d8ae0a6d2b1d0f4d9f6a1e1c0",
        }
    ]
}


class RecipeListView(StudioView):
    @extend_schema(
        operation_id="recipes_list",
        summary="List the recipes",
        responses={
            200: RecipesSerializer,
            **problems_of_signed_in("/genai/api/v1/recipes/"),
        },
        examples=[OpenApiExample("one recipe", value=EXAMPLE, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request) -> Response:
        """Every installed recipe with its slots and parameters, and the weights that new jobs use."""
        promoted = dict(Weights.objects.filter(promoted=True).exclude(folder="").values_list("recipe", "digest"))
        installed = recipes.all_recipes()
        weights = {recipe.name: promoted.get(recipe.name) or _packaged(recipe) for recipe in installed}
        listed = RecipeSerializer(installed, many=True, context={"weights": weights})
        return Response({"results": listed.data})


def _packaged(recipe: recipes.Recipe) -> str | None:
    """The digest of the weights that come with the recipe; None where there are none, or none usable."""
    try:
        return recipe.digest(None) or None
    except WeightsError:
        return None
