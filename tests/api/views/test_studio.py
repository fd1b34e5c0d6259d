"""The policies that all views share, whatever the host has set for its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import override_settings
from rest_framework.test import APIClient

from shop_genai.api.views.studio import PublicView, StudioView
from shop_genai.models import Job, ProductImage
from shop_genai.urls import urlpatterns
from tests.api.conftest import API

pytestmark = pytest.mark.django_db
ClientOf = Callable[..., APIClient]
ProblemOf = Callable[..., dict[str, Any]]
LISTS = ("images", "jobs", "results", "recipes")


def test_every_view_of_the_studio_follows_them() -> None:
    for pattern in urlpatterns:
        kind = pattern.callback.cls
        assert issubclass(kind, StudioView), pattern
        assert kind.permission_classes, pattern
    public = {pattern.name for pattern in urlpatterns if issubclass(pattern.callback.cls, PublicView)}
    assert public == {"result-file", "schema", "healthz", "readyz", None}


@pytest.mark.parametrize("name", LISTS)
def test_head_is_get_without_a_body(client_of: ClientOf, user: User, name: str) -> None:
    client = client_of(user)
    got, head = client.get(f"{API}{name}/"), client.head(f"{API}{name}/")
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Type"] == got["Content-Type"]


def test_options_tells_the_methods(client_of: ClientOf, user: User, problem: ProblemOf) -> None:
    response = client_of(user).options(f"{API}jobs/")
    problem(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


@pytest.mark.parametrize("name", LISTS)
def test_no_shared_cache_keeps_what_depends_on_who_asks(client_of: ClientOf, user: User, name: str) -> None:
    for client in (client_of(user), client_of()):
        response = client.get(f"{API}{name}/")
        assert response["Cache-Control"] == "private, no-cache"
        assert "Cookie" in response["Vary"]


@pytest.mark.parametrize("path", ["", "v1/", "v2/jobs/", "v1/jobs/x/", "v1/jobs", "v1/jobs//"])
def test_other_addresses_are_problems_not_pages(client_of: ClientOf, problem: ProblemOf, path: str) -> None:
    problem(client_of().get(f"/genai/api/{path}"), 404, "not_found")


@pytest.mark.parametrize("path", [f"jobs/{uuid.UUID(int=1)}".upper(), "jobs/%00/", "jobs/..%2f..%2f/"])
def test_odd_ids_are_not_found(client_of: ClientOf, user: User, problem: ProblemOf, path: str) -> None:
    problem(client_of(user).get(f"{API}{path}"), 404, "not_found")


def test_the_hosts_own_rest_framework_changes_nothing(client_of: ClientOf, user: User, problem: ProblemOf) -> None:
    host = {
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.StaticHTMLRenderer"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
        "DEFAULT_THROTTLE_RATES": {"anon": "0/day"},
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
        "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
        "EXCEPTION_HANDLER": "tests.api.views.test_studio.never",
        "NON_FIELD_ERRORS_KEY": "__all__",
    }
    with override_settings(REST_FRAMEWORK=host):
        response = client_of(user).get(f"{API}jobs/")
        assert response.json() == {"next": None, "previous": None, "results": []}
        problem(client_of().get(f"{API}jobs/"), 401, "not_authenticated")


def never(error: Exception, context: object) -> None:
    raise AssertionError("the host's handler was asked")


def test_a_host_with_atomic_requests_still_gets_its_503(
    client_of: ClientOf, user: User, problem: ProblemOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ATOMIC_REQUESTS is off for these views, so no transaction fails before the view can answer."""
    client = client_of(user)
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    assert client.get(f"{API}jobs/").status_code == 200
    problem(client.get(f"{API}jobs/{uuid.uuid4()}/"), 404, "not_found")
    view = next(pattern.callback for pattern in urlpatterns if pattern.name == "job-list")
    assert connection.alias in view._non_atomic_requests


def test_a_submission_behind_atomic_requests_is_kept(
    client_of: ClientOf,
    user: User,
    invert: Any,
    upload: Callable[..., ProductImage],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    body = {"recipe": "invert", "inputs": {"image": str(upload(user).pk)}}
    assert client_of(user).post(f"{API}jobs/", body).status_code == 202
    assert Job.objects.count() == 1
