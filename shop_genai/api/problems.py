"""Every error under the studio's API leaves as ``application/problem+json``.

Source: RFC 9457, Problem Details for HTTP APIs. Members beyond the standard's: ``code`` (stable, for
programs), ``retryable``, ``errors`` (one entry per field at fault), ``details`` (facts such as a limit).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core import exceptions as core
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.log import log_response
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from shop_genai.api.titles import title_of
from shop_genai.errors import GenaiError, InvalidInputs, InvalidParams

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5


@dataclass(frozen=True)
class Problem:
    """What went wrong, before it is written down for one request."""

    status: int
    code: str
    detail: str
    errors: list[dict[str, str]] = field(default_factory=list)
    details: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    retryable: bool = False

    def body(self, instance: str) -> dict[str, Any]:
        """The members as JSON values. ``instance`` is the path of the request."""
        members: dict[str, Any] = {
            "type": type_of(self.code),
            "title": title_of(self.code, self.status),
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "retryable": self.retryable,
        }
        if self.errors:
            members["errors"] = self.errors
        if self.details:
            members["details"] = dict(self.details)
        return members

    def response(self, instance: str) -> Response:
        return Response(self.body(instance), status=self.status, headers=dict(self.headers), content_type=MEDIA_TYPE)


def type_of(code: str) -> str:
    """The problem type of a code: a name, not an address, so that it never moves."""
    return f"urn:problem-type:shop-genai:{code}"


def handle(error: Exception, context: Mapping[str, Any]) -> Response:
    """The exception handler of the studio's views. It answers everything, so no traceback reaches a client.

    What nobody foresaw is logged with its traceback, and announced by Django's signal, as Django does itself.
    A problem is JSON even where the view's own answers are YAML or pictures.
    """
    request = context["request"]
    request.accepted_renderer, request.accepted_media_type = JSONRenderer(), MEDIA_TYPE
    set_rollback()
    problem = problem_of(error)
    response = problem.response(request.path)
    if problem.status >= 500:
        log_response("%s: %s", problem.code, request.path, response=response, request=request._request, exception=error)
    if problem.code == GenaiError.code:
        got_request_exception.send(sender=type(context["view"]), request=request._request)
    return response


def problem_of(error: Exception) -> Problem:
    """Any exception → its problem; the unforeseen becomes ``internal_error`` without a word of its own."""
    if isinstance(error, GenaiError):
        return _from_studio(error)
    if isinstance(error, exceptions.APIException):
        return _from_framework(error)
    if isinstance(error, Http404):
        return Problem(404, "not_found", _("There is nothing at this address that you may see."))
    if isinstance(error, core.PermissionDenied):
        return Problem(403, "permission_denied", _("You may not do this."))
    if isinstance(error, core.RequestDataTooBig):
        return Problem(413, "body_too_large", str(error) or _("The request's body is too large."))
    if isinstance(error, MultiPartParserError | UnreadablePostError):
        return Problem(400, "malformed_request", _("The request's body is incomplete or malformed."))
    if isinstance(error, core.SuspiciousOperation | core.BadRequest):
        return Problem(400, "bad_request", _("The request was refused."))
    if isinstance(error, OperationalError | InterfaceError):
        return Problem(
            503,
            "database_unavailable",
            _("The database does not answer, so the request was not accepted. Send it again."),
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
            retryable=True,
        )
    return Problem(500, GenaiError.code, _("Something unforeseen happened. The operators can find it in the log."))


def _from_studio(error: GenaiError) -> Problem:
    details = {name: value for name, value in error.details.items() if name not in ("field", "path")}
    errors = []
    if "field" in error.details:
        errors.append({"field": _path(error), "code": error.code, "detail": str(error)})
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if error.http_status == 503 else {}
    if "retry_after" in error.details:
        headers["Retry-After"] = str(error.details["retry_after"])
    return Problem(error.http_status, error.code, str(error), errors, details, headers, error.retryable)


def _path(error: GenaiError) -> str:
    """Where the field is in the request: parameters and inputs are nested, ``lane`` and ``seed`` are not."""
    if "path" in error.details:
        return str(error.details["path"])
    name = str(error.details["field"])
    if name in ("params", "inputs", "lane", "seed"):
        return name
    if isinstance(error, InvalidParams):
        return f"params.{name}"
    return f"inputs.{name}" if isinstance(error, InvalidInputs) else name


def _from_framework(error: exceptions.APIException) -> Problem:
    headers: dict[str, str] = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]  # set by APIView
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    if isinstance(error, exceptions.ValidationError):
        errors = list(_fields(error.detail))
        detail = _("Please correct the fields listed in “errors”.")
        return Problem(400, "invalid_request", detail, errors, headers=headers)
    if isinstance(error, exceptions.NotFound):
        return problem_of(Http404())
    renamed = {"parse_error": "malformed_request", "error": GenaiError.code}
    code = getattr(error.detail, "code", None) or error.default_code
    return Problem(
        error.status_code,
        renamed.get(code, code),
        str(error.detail),
        headers=headers,
        retryable=isinstance(error, exceptions.Throttled),
    )


def _fields(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Flatten the framework's nested errors; a path names nested fields with dots: ``inputs.image``."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            step = "" if name == api_settings.NON_FIELD_ERRORS_KEY else str(name)
            yield from _fields(inner, ".".join(part for part in (path, step) if part))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _fields(inner, path)
    else:
        yield {"field": path, "code": getattr(detail, "code", None) or "invalid", "detail": str(detail)}
