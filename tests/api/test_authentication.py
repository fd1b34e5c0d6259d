"""The shop's own login, with CSRF protection; and whatever classes the host lists."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from rest_framework.authentication import BasicAuthentication
from rest_framework.test import APIClient

from shop_genai.api.authentication import SessionAuthentication, configured
from tests.api.conftest import API

pytestmark = pytest.mark.django_db
JOBS = f"{API}jobs/"
ClientOf = Callable[..., APIClient]
ProblemOf = Callable[..., dict[str, Any]]


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def test_the_configured_classes_in_order() -> None:
    assert [type(one) for one in configured()] == [SessionAuthentication, BasicAuthentication]
    with override_settings(SHOP_GENAI={"API_AUTHENTICATION": ("rest_framework.authentication.BasicAuthentication",)}):
        assert [type(one) for one in configured()] == [BasicAuthentication]


def test_a_session_reads_without_a_token(client_of: ClientOf, user: User) -> None:
    assert client_of(user, enforce_csrf_checks=True).get(JOBS).status_code == 200


@pytest.mark.parametrize("method", ["post", "delete"])
def test_a_session_writes_with_a_csrf_token_only(
    client_of: ClientOf, user: User, problem: ProblemOf, method: str
) -> None:
    client = client_of(user, enforce_csrf_checks=True)
    address = JOBS if method == "post" else f"{API}images/5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1/"
    problem(getattr(client, method)(address), 403, "csrf_failed")
    client.get("/admin/login/")  # sets the cookie
    token = {"X-CSRFToken": client.cookies["csrftoken"].value}
    accepted = getattr(client, method)(address, headers=token)
    assert accepted.json()["code"] == ("invalid_request" if method == "post" else "not_found")
    problem(getattr(client, method)(address, headers={"X-CSRFToken": "x" * 32}), 403, "csrf_failed")


def test_a_password_needs_no_csrf_token(client_of: ClientOf, user: User, problem: ProblemOf) -> None:
    client = client_of(enforce_csrf_checks=True)
    assert client.get(JOBS, headers=basic("shopper", "shopper")).status_code == 200
    problem(client.post(JOBS, {}, headers=basic("shopper", "shopper")), 400, "invalid_request")


@pytest.mark.parametrize("header", [basic("shopper", "wrong"), {"Authorization": "Basic !"}, basic("nobody", "x")])
def test_a_wrong_password_is_a_401(client_of: ClientOf, user: User, problem: ProblemOf, header: dict[str, str]) -> None:
    problem(client_of().get(JOBS, headers=header), 401, "authentication_failed")


def test_a_locked_account_is_locked_here_too(client_of: ClientOf, user: User, problem: ProblemOf) -> None:
    client = client_of(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    problem(client.get(JOBS), 401, "not_authenticated")
    problem(client_of().get(JOBS, headers=basic("shopper", "shopper")), 401, "authentication_failed")


def test_the_challenge_opens_no_password_dialog(client_of: ClientOf) -> None:
    challenge = client_of().get(JOBS)["WWW-Authenticate"]
    assert challenge == 'Session realm="shop_genai"'
    assert not challenge.lower().startswith(("basic", "digest", "negotiate"))
