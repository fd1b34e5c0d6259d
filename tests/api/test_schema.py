"""The OpenAPI document: complete, not drifting, and true."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import call_command
from drf_spectacular.validation import validate_schema
from jsonschema import ValidationError
from rest_framework.test import APIClient

from shop_genai.api.schema import COMMON, EXAMPLES, problems
from shop_genai.api.titles import TITLES
from shop_genai.models import ProductImage
from tests.api.conftest import API
from tests.api.openapi import DOCUMENT, check, document, template_of

SAFE = ("healthz", "readyz", "schema")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_committed_document_is_what_the_code_says() -> None:
    made = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=made)
    assert made.getvalue().strip() == DOCUMENT.read_text(encoding="utf-8").strip(), (
        "run: python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml"
    )


def test_it_is_valid_openapi() -> None:
    validate_schema(document())


def test_every_operation_is_explained_with_an_example() -> None:
    tags = {tag["name"] for tag in document()["tags"]}
    seen = set()
    for path, method, operation in operations():
        name = operation["operationId"]
        assert operation["summary"], name
        assert operation["description"] != operation["summary"], name
        assert set(operation["tags"]) <= tags, name
        seen.update(operation["tags"])
        for status, answer in operation["responses"].items():
            assert answer["description"], (name, status)
            for kind, content in answer.get("content", {}).items():
                picture_or_document = kind == "image/*" or name == "schema"
                assert picture_or_document or content.get("examples"), (path, method, status)
    assert seen == tags


def test_every_operation_names_its_problems() -> None:
    for _path, _method, operation in operations():
        name = operation["operationId"]
        statuses = {int(status) for status in operation["responses"] if int(status) >= 400}
        if name in SAFE:
            assert statuses <= {406, 503}, name
        elif name == "results_file":  # the link is the permission
            assert {403, 404} <= statuses
        else:
            assert {401, 503} <= statuses, name
        if name in ("images_upload", "jobs_submit"):
            assert {400, 403, 413, 415, 422, 429} <= statuses


def test_ids_are_unique_and_nothing_of_the_host_is_described() -> None:
    ids = [operation["operationId"] for *_where, operation in operations()]
    assert len(ids) == len(set(ids)) > 10
    assert all(path.startswith("/genai/") for path, *_rest in operations())


def test_examples_of_problems_are_complete() -> None:
    assert EXAMPLES.keys() <= TITLES.keys()
    assert set(COMMON) <= EXAMPLES.keys()
    [(key, answer)] = problems("/x/", "throttled").items()
    assert key == (429, "application/problem+json")
    [example] = answer.examples
    assert (example.value["status"], example.value["instance"], example.value["retryable"]) == (429, "/x/", True)


def test_problems_of_one_status_share_an_answer() -> None:
    answers = problems("/x/", "invalid_cursor", "invalid_request", "not_found")
    assert [status for status, _kind in answers] == [400, 404]
    assert [example.name for example in answers[400, "application/problem+json"].examples] == [
        "invalid_cursor",
        "invalid_request",
    ]


@pytest.mark.django_db
def test_the_answers_of_the_main_flow_are_as_described(
    client_of: Callable[..., APIClient],
    user: User,
    invert: Any,
    photo_bytes: Callable[..., bytes],
    drain: Callable[[], int],
) -> None:
    client = client_of(user)
    uploaded = client.post(f"{API}images/", {"file": ContentFile(photo_bytes(), name="p.jpg")}, format="multipart")
    image = uploaded.json()
    wanted = {"recipe": "invert", "inputs": {"image": image["id"]}}
    accepted = client.post(f"{API}jobs/", wanted, headers={"Idempotency-Key": "a"})
    job = accepted.json()
    answers = [uploaded, accepted, client.post(f"{API}jobs/", wanted), client.get(job["url"])]
    drain()
    done = client.get(job["url"])
    result = client.get(done.json()["result"])
    answers += [
        done,
        result,
        client.get(result.json()["file"]),
        *(client.get(f"{API}{name}/") for name in ("images", "jobs", "results", "recipes", "schema")),
        client.get(f"{API}jobs/?page_size=1&status=succeeded"),
        client.get(image["url"]),
        client.get(image["content"]),
        client.get("/genai/healthz/"),
        client.get("/genai/readyz/"),
    ]
    waiting = client.post(f"{API}jobs/", {**wanted, "seed": 2}).json()
    answers += [client.post(f"{waiting['url']}cancel/"), client.post(f"{waiting['url']}cancel/")]
    answers += [client.delete(image["url"]), client.get(image["url"])]
    for answer in answers:
        check(answer)
    assert [answer.status_code for answer in answers[:4]] == [201, 202, 200, 200]
    assert [answer.status_code for answer in answers[-4:]] == [200, 409, 204, 404]


@pytest.mark.django_db
def test_the_refusals_of_a_submission_are_as_described(
    client_of: Callable[..., APIClient], user: User, invert: Any, upload: Callable[..., ProductImage]
) -> None:
    client = client_of(user)
    wanted = {"recipe": "invert", "inputs": {"image": str(upload(user).pk)}}
    client.post(f"{API}jobs/", wanted, headers={"Idempotency-Key": "a"})
    answers = [
        client_of().post(f"{API}jobs/", wanted),
        client.post(f"{API}jobs/", {}),
        client.post(f"{API}jobs/", b"{", content_type="application/json"),
        client.post(f"{API}jobs/", "x", content_type="text/plain"),
        client.post(f"{API}jobs/", {**wanted, "recipe": "x"}),
        client.post(f"{API}jobs/", {**wanted, "params": {"x": 1}}),
        client.post(f"{API}jobs/", {**wanted, "inputs": {"x": wanted["inputs"]["image"]}}),
        client.post(f"{API}jobs/", {**wanted, "seed": 9}, headers={"Idempotency-Key": "a"}),
        client.post(f"{API}jobs/", wanted, headers={"Idempotency-Key": ""}),
        client.get(f"{API}jobs/?cursor=x"),
        client.post(f"{API}images/", {"file": ContentFile(b"text", name="p.jpg")}, format="multipart"),
    ]
    for answer in answers:
        check(answer)
    assert [answer.status_code for answer in answers] == [401, 400, 400, 415, 404, 422, 422, 409, 400, 400, 415]


@pytest.mark.django_db
def test_the_check_notices_what_the_document_does_not_say(client_of: Callable[..., APIClient], user: User) -> None:
    answer = client_of(user).get(f"{API}jobs/")
    check(answer)
    answer.content = b'{"next": null, "results": []}'
    with pytest.raises(ValidationError, match="previous"):
        check(answer)
    answer.content = b'{"next": 1, "previous": null, "results": []}'
    with pytest.raises(ValidationError):
        check(answer)
    answer.status_code = 418
    with pytest.raises(AssertionError, match="418"):
        check(answer)


def test_paths_are_named_as_in_the_document() -> None:
    number = "5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1"
    assert template_of(f"{API}jobs/{number}/cancel/") == "/genai/api/v1/jobs/{id}/cancel/"
    assert template_of("/genai/healthz/") == "/genai/healthz/"
