"""Whatever goes wrong leaves as a problem document, and nothing accepted is lost."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import exceptions as core
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.test import override_settings
from rest_framework import exceptions
from rest_framework.test import APIClient

from shop_genai import errors, tasks
from shop_genai.api import problems
from shop_genai.api.problems import Problem, problem_of, type_of
from shop_genai.api.views.jobs import JobListView
from shop_genai.api.views.recipes import RecipeListView
from shop_genai.models import Job, ProductImage
from tests.api.conftest import API
from tests.api.openapi import check

JOBS = f"{API}jobs/"
ClientOf = Callable[..., APIClient]
ProblemOf = Callable[..., dict[str, Any]]


@contextmanager
def down(statements: int = 0) -> Iterator[None]:
    """The database answers so many statements, and then no more."""
    answered = 0

    def statement(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal answered
        answered += 1
        if answered > statements:
            raise OperationalError("the server closed the connection unexpectedly")
        return execute(sql, *rest)

    with connection.execute_wrapper(statement):
        yield


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (exceptions.NotFound(), 404, "not_found"),
        (core.PermissionDenied(), 403, "permission_denied"),
        (core.RequestDataTooBig("much"), 413, "body_too_large"),
        (MultiPartParserError(), 400, "malformed_request"),
        (UnreadablePostError(), 400, "malformed_request"),
        (core.SuspiciousOperation(), 400, "bad_request"),
        (core.BadRequest(), 400, "bad_request"),
        (OperationalError(), 503, "database_unavailable"),
        (InterfaceError(), 503, "database_unavailable"),
        (exceptions.ParseError(), 400, "malformed_request"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.APIException(), 500, "internal_error"),
        (RuntimeError("password=secret"), 500, "internal_error"),
    ],
)
def test_every_exception_has_its_problem(error: Exception, status: int, code: str) -> None:
    problem = problem_of(error)
    assert (problem.status, problem.code) == (status, code)
    assert problem.detail
    assert problem.retryable is (status == 503)
    assert ("Retry-After" in problem.headers) is (status == 503)
    assert "secret" not in str(problem)


@pytest.mark.parametrize(
    "kind", [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, errors.GenaiError)]
)
def test_every_error_of_the_studio_keeps_its_code(kind: type[errors.GenaiError]) -> None:
    problem = problem_of(kind("A sentence."))
    body = problem.body("/x/")
    assert (body["code"], body["status"]) == (kind.code, kind.http_status)
    assert (body["detail"], body["retryable"]) == ("A sentence.", kind.retryable)
    assert body["title"]
    assert body["type"] == type_of(kind.code)


def test_members_appear_only_where_they_say_something() -> None:
    plain = Problem(404, "not_found", "Nothing.").body("/a/")
    assert list(plain) == ["type", "title", "status", "detail", "instance", "code", "retryable"]
    full = Problem(400, "x", "y", errors=[{"field": "a", "code": "b", "detail": "c"}], details={"limit": 1}).body("/a/")
    assert full["errors"] == [{"field": "a", "code": "b", "detail": "c"}]
    assert full["details"] == {"limit": 1}


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (errors.InvalidParams("x", field="strength"), "params.strength"),
        (errors.InvalidParams("x", field="params"), "params"),
        (errors.InvalidParams("x", field="seed"), "seed"),
        (errors.InvalidInputs("x", field="image"), "inputs.image"),
        (errors.BadRequest("x", field="idempotency_key"), "idempotency_key"),
    ],
)
def test_fields_are_named_as_in_the_request(error: errors.GenaiError, field: str) -> None:
    problem = problem_of(error)
    assert [entry["field"] for entry in problem.errors] == [field]
    assert problem.details == {}


def test_nested_errors_of_fields_are_flattened() -> None:
    detail = {"inputs": {"image": ["No.", "Never."]}, "non_field_errors": ["Not so."]}
    entries = problem_of(exceptions.ValidationError(detail)).errors
    assert [(entry["field"], entry["detail"]) for entry in entries] == [
        ("inputs.image", "No."),
        ("inputs.image", "Never."),
        ("", "Not so."),
    ]


@pytest.mark.django_db
def test_the_statuses_of_the_framework(client_of: ClientOf, user: User, problem: ProblemOf) -> None:
    client = client_of(user)
    stranger = problem(client_of().get(JOBS), 401, "not_authenticated")
    assert stranger["retryable"] is False
    assert client_of().get(JOBS)["WWW-Authenticate"].startswith("Session")
    problem(client.get(f"{API}nothing/"), 404, "not_found")
    problem(client.get(f"{JOBS}1/"), 404, "not_found")
    refused = client.put(JOBS, {})
    problem(refused, 405, "method_not_allowed")
    assert refused["Allow"] == "GET, POST, HEAD, OPTIONS"
    problem(client.get(JOBS, headers={"Accept": "text/csv"}), 406, "not_acceptable")
    problem(client.post(JOBS, "a=1", content_type="application/x-www-form-urlencoded"), 415, "unsupported_media_type")
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
        told = problem(client.post(JOBS, {"recipe": "invert"}), 413, "body_too_large")
    assert "10 bytes" in told["detail"]


@pytest.mark.django_db
def test_a_client_may_accept_problems_only(client_of: ClientOf, problem: ProblemOf) -> None:
    problem(client_of().get(JOBS, headers={"Accept": problems.MEDIA_TYPE}), 401, "not_authenticated")


@pytest.mark.django_db
def test_what_nobody_foresaw_is_logged_and_announced_but_not_told(
    client_of: ClientOf,
    user: User,
    problem: ProblemOf,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(self: object, request: object) -> None:
        raise ZeroDivisionError("password=secret")

    announced: list[object] = []

    def listen(sender: object, **kwargs: object) -> None:
        announced.append(sender)

    monkeypatch.setattr(RecipeListView, "get", broken)
    got_request_exception.connect(listen)
    try:
        response = client_of(user).get(f"{API}recipes/")
    finally:
        got_request_exception.disconnect(listen)
    problem(response, 500, "internal_error")
    assert b"secret" not in response.content
    assert announced == [RecipeListView]
    [record] = [record for record in caplog.records if record.name == "django.request"]
    assert record.exc_info
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.django_db
def test_problems_speak_the_readers_language(client_of: ClientOf, problem: ProblemOf) -> None:
    english = problem(client_of().get(JOBS), 401, "not_authenticated")
    chinese = problem(client_of().get(JOBS, headers={"Accept-Language": "zh-hans"}), 401, "not_authenticated")
    assert chinese["title"] != english["title"]
    assert chinese["type"] == english["type"]


@pytest.mark.django_db
def test_a_database_that_is_down_is_a_503(
    client_of: ClientOf, user: User, problem: ProblemOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(user)

    def refuse(self: BaseDatabaseWrapper) -> None:
        raise OperationalError("could not connect to server")

    with monkeypatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "cursor", refuse)
        for response in (client.get(JOBS), client.post(JOBS, {}), client.get(f"{API}recipes/")):
            told = problem(response, 503, "database_unavailable")
            assert told["retryable"] is True
            assert int(response["Retry-After"]) > 0
            check(response)
    assert client.get(JOBS).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_no_accepted_job_is_lost_wherever_the_database_fails(
    client_of: ClientOf, user: User, invert: Any, upload: Callable[..., ProductImage], problem: ProblemOf
) -> None:
    """At every statement of a submission: 503, or 202 and the row is there. Sent again, it is one job."""
    client = client_of(user)
    image = str(upload(user).pk)
    statements = accepted = 0
    while not accepted:
        wanted = {"recipe": "invert", "inputs": {"image": image}, "seed": statements}
        key = {"Idempotency-Key": f"key-{statements}"}
        with down(after := statements):
            response = client.post(JOBS, wanted, headers=key)
        made = Job.objects.filter(seed=after)
        if response.status_code == 202:
            accepted = made.count()
            assert response.json()["id"] == str(made.get().pk)
        else:
            problem(response, 503, "database_unavailable")
        again = client.post(JOBS, wanted, headers=key)
        assert again.status_code in (200, 202), again.content
        assert again.json()["id"] == str(made.get().pk)
        statements += 1
        assert statements < 60
    assert statements > 5


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_refuses_nobody(
    client_of: ClientOf,
    user: User,
    invert: Any,
    upload: Callable[..., ProductImage],
    drain: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise ConnectionRefusedError("no broker")

    for doorbell in tasks.DOORBELLS.values():
        monkeypatch.setattr(doorbell, "apply_async", refuse)
    client = client_of(user)
    response = client.post(JOBS, {"recipe": "invert", "inputs": {"image": str(upload(user).pk)}})
    assert response.status_code == 202
    drain()
    assert client.get(response["Location"]).json()["status"] == "succeeded"


def test_the_handler_is_the_studios_own() -> None:
    assert JobListView().get_exception_handler() is problems.handle
