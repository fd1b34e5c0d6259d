"""The OpenAPI document: its head, its tags, and the problems that every operation can answer with.

It describes the studio only, whatever else the host serves. ``docs/openapi.yaml`` is this document for the
example shop; CI and a test see that it does not drift.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from shop_genai.api.problems import MEDIA_TYPE, Problem
from shop_genai.api.serializers.problem import ProblemSerializer
from shop_genai.api.titles import TITLES

TAGS: Final = {
    "images": "Pictures that jobs can read: uploads, and pictures of the catalogue.",
    "recipes": "The installed kinds of generation.",
    "jobs": "Requests for pictures, and where they stand.",
    "results": "Finished pictures.",
    "variants": "Pictures of products in other looks.",
    "taste": "What a shopper did, agreed to, and is recommended.",
    "tryon": "For shoppers: their own photo, and garments on it.",
    "service": "The API itself.",
}

# Code → the sentence of an example, for the problems that operations name in their answers.
EXAMPLES: Final = {
    "invalid_request": (400, "Please correct the fields listed in “errors”."),
    "malformed_request": (400, "The JSON is nested too deeply."),
    "invalid_idempotency_key": (400, "The Idempotency-Key must be a string of printable ASCII characters."),
    "invalid_cursor": (400, "This cursor was not made by this API. Start again without it."),
    "not_authenticated": (401, "Authentication credentials were not provided."),
    "permission_denied": (403, "You may not do this."),
    "csrf_failed": (403, "CSRF Failed: CSRF token missing."),
    "link_invalid": (403, "This link is not valid any more. Ask for a fresh one."),
    "consent_missing": (403, "No photo is accepted before you have agreed to the text about it."),
    "not_found": (404, "There is nothing at this address that you may see."),
    "unknown_recipe": (404, "There is no recipe “enhanse”. Installed: enhance."),
    "not_acceptable": (406, "Could not satisfy the request Accept header."),
    "idempotency_conflict": (409, "This Idempotency-Key came with another request before."),
    "wrong_state": (409, "The job is over already."),
    "taste_unknown": (409, "Nothing is known of this shopper's taste."),
    "input_missing": (409, "The image's file is gone from storage."),
    "input_changed": (409, "The picture in the shop was changed since. Look at it again."),
    "image_too_large": (413, "The image has more than 50 megapixels."),
    "body_too_large": (413, "The request's body has more than 2621440 bytes."),
    "not_an_image": (415, "The file is not an image."),
    "format_not_allowed": (415, "GIF pictures are not accepted here."),
    "unsupported_media_type": (415, "Unsupported media type “text/plain” in request."),
    "invalid_params": (422, "“strength” must be between 0 and 1."),
    "invalid_inputs": (422, "There is no image 5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1."),
    "category_unsupported": (422, "This kind of product cannot be tried on."),
    "garment_not_found": (422, "This product's picture shows nothing that could be tried on."),
    "image_too_small": (422, "The image is smaller than 16 pixels on a side."),
    "image_animated": (422, "The image is animated."),
    "image_truncated": (422, "The image is incomplete."),
    "throttled": (429, "Request was throttled. Expected available in 17 seconds."),
    "tryon_limit_reached": (429, "That was enough for one day."),
    "internal_error": (500, "Something unforeseen happened. The operators can find it in the log."),
    "database_unavailable": (
        503,
        "The database does not answer, so the request was not accepted. Send it again.",
    ),
    "storage_unavailable": (503, "The storage does not answer. Please try again in a moment."),
    "not_ready": (503, "Not ready: broker."),
}
# Headers that come with an error, wherever it comes from.
HEADERS: Final = {
    401: {"WWW-Authenticate": ("string", "How to say who you are.")},
    405: {"Allow": ("string", "The methods of this address.")},
    429: {"Retry-After": ("integer", "Seconds until the next request is let through.")},
    503: {"Retry-After": ("integer", "Seconds to wait before sending the request again.")},
}
COMMON: Final = ("not_authenticated", "not_acceptable", "database_unavailable")


def problems(path: str, *codes: str) -> dict[tuple[int, str], OpenApiResponse]:
    """The named problems of the operation at ``path``, as responses for ``extend_schema``: one per status."""
    by_status: dict[int, list[OpenApiExample]] = {}
    for code in codes:
        status, detail = EXAMPLES[code]
        body = Problem(status, code, detail, retryable=status in (429, 503)).body(path)
        body["title"] = str(TITLES[code])
        example = OpenApiExample(code, value=body, media_type=MEDIA_TYPE, response_only=True)
        by_status.setdefault(status, []).append(example)
    return {
        (status, MEDIA_TYPE): OpenApiResponse(
            ProblemSerializer, description=" or ".join(e.name for e in examples), examples=examples
        )
        for status, examples in sorted(by_status.items())
    }


def problems_of_signed_in(path: str, *codes: str) -> dict[tuple[int, str], OpenApiResponse]:
    """As ``problems``, with those of every operation that asks who you are and answers in JSON."""
    return problems(path, *COMMON, *codes)


class StudioSchema(AutoSchema):
    """Operations in the studio's words: explicit ids and tags, no guessing from the host's settings."""

    def get_tags(self) -> list[str]:
        noun = type(self.view).__module__.rpartition(".")[2]
        return [noun if noun in TAGS else "service"]

    def map_renderers(self, attribute: str) -> list[Any]:
        """Problems are listed with the statuses they come with, not with every answer."""
        return [kind for kind in super().map_renderers(attribute) if kind != MEDIA_TYPE]


class StudioSchemaGenerator(SchemaGenerator):
    """The document of the studio's views alone."""

    def _initialise_endpoints(self) -> None:
        super()._initialise_endpoints()  # type: ignore[no-untyped-call]  # the library has no annotations
        self.endpoints = [
            endpoint for endpoint in self.endpoints or [] if isinstance(endpoint[-1].cls.schema, StudioSchema)
        ]

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        document: dict[str, Any] = super().get_schema(request, public)  # type: ignore[no-untyped-call]  # as above
        document["info"] = {
            "title": "shop_genai",
            "version": "v1",
            "description": "An image studio for Django shops: upload, submit a job, follow it, fetch the "
            "result. Every error is a problem document (RFC 9457) with a stable `code`.",
        }
        document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
        for path in document["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    _complete(int(status), response)
        return document


def _complete(status: int, response: dict[str, Any]) -> None:
    """Say what would otherwise be left empty: what the status means, and the headers it comes with."""
    response["description"] = response.get("description") or HTTPStatus(status).phrase
    for name, (kind, text) in HEADERS.get(status, {}).items():
        response.setdefault("headers", {})[name] = {"schema": {"type": kind}, "description": text}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # as above
    """The studio's session login, described as the framework's own is."""

    target_class = "shop_genai.api.authentication.SessionAuthentication"
    name = "cookieAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


IDEMPOTENCY_PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="A string of your choice, at most 255 printable ASCII characters. Sent again with the same "
    "request it returns the same job; with another request it is refused.",
    examples=[OpenApiExample("quoted", value='"8e03978e-40d5-43dd-bc93-6894a57f9324"')],
)
