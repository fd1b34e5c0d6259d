"""Checks real answers against ``docs/openapi.yaml``, the document that front-end developers read."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.urls import resolve
from jsonschema import Draft4Validator

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.yaml"


@cache
def document() -> dict[str, Any]:
    """The committed document. Aliases of YAML are shared objects here, so nobody may change it."""
    with DOCUMENT.open(encoding="utf-8") as file:
        loaded: dict[str, Any] = yaml.safe_load(file)
    return loaded


@cache
def json_schemas() -> dict[str, Any]:
    """The components as JSON schema: OpenAPI 3.0 writes ``nullable`` where JSON schema wants another type."""
    return {"components": {"schemas": _plain(document()["components"]["schemas"])}}


def template_of(path: str) -> str:
    """``/genai/api/v1/jobs/…uuid…/`` → ``/genai/api/v1/jobs/{id}/``, as the document calls it."""
    match = resolve(path)
    for name, value in match.kwargs.items():
        path = path.replace(str(value), f"{{{name}}}")
    return path


def check(response: Any) -> None:
    """Fail unless the document foresees this answer to this request: status, type, body, error code, headers.

    Raises:
        AssertionError: the path, the method, the status, the content type or the error code is not documented.
        ValidationError: the body has another shape.
    """
    request = response.wsgi_request
    operation = document()["paths"][template_of(request.path)][request.method.lower()]
    documented = operation["responses"]
    assert str(response.status_code) in documented, f"{response.status_code} of {request.path} is not documented"
    answer = documented[str(response.status_code)]
    for name in answer.get("headers", {}):
        optional = name == "Retry-After" and response.status_code < 400  # absent once a job is over
        assert optional or name in response, f"{name} is missing"
    if "content" not in answer:
        assert response.content == b""
        return
    kind = response["Content-Type"].partition(";")[0]
    wildcard = f"{kind.partition('/')[0]}/*"
    assert kind in answer["content"] or wildcard in answer["content"], f"{kind} is not documented"
    if "json" in kind:
        body = json.loads(response.content)
        schema = {**_plain(answer["content"][kind]["schema"]), **json_schemas()}
        Draft4Validator(schema).validate(body)
        if kind == "application/problem+json":
            examples = answer["content"][kind]["examples"].values()
            assert body["code"] in [example["value"]["code"] for example in examples], body["code"]


def _plain(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_plain(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _plain(inner) for name, inner in schema.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain
