"""The OpenAPI document of this very installation."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.utils.translation import get_language, override
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from shop_genai.api.schema import StudioSchemaGenerator, problems
from shop_genai.api.views.studio import ProblemRenderer, PublicView


class JSONDocumentRenderer(OpenApiJsonRenderer2):
    media_type = JSONRenderer.media_type


class SchemaView(PublicView):
    renderer_classes = (JSONDocumentRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer, ProblemRenderer)

    @extend_schema(
        operation_id="schema",
        summary="This document",
        responses={
            (200, "application/vnd.oai.openapi"): OpenApiTypes.OBJECT,
            (200, "application/json"): OpenApiTypes.OBJECT,
            **problems("/genai/api/v1/schema/", "not_acceptable"),
        },
    )
    def get(self, request: Request) -> Response:
        """The OpenAPI document: JSON, or YAML where the client accepts `application/vnd.oai.openapi`."""
        return Response(document(get_language() or "en"))


@lru_cache(maxsize=8)
def document(language: str) -> dict[str, Any]:
    """Made once per process for each language: it takes about a second, and everybody may ask for it."""
    with override(language):
        return StudioSchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]  # not annotated
