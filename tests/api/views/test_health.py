"""Up, and ready: asked by load balancers, answered without a login."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from celery import current_app
from django.core.files.storage import storages
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from rest_framework.test import APIClient

from shop_genai.api.views import health
from shop_genai.api.views.health import PROBES, unanswered

ClientOf = Callable[..., APIClient]


def refuse(*args: object, **options: object) -> None:
    raise ConnectionRefusedError("as asked")


def test_a_process_that_answers_is_up_without_a_database(client_of: ClientOf) -> None:
    """This test may not touch the database: pytest-django would fail it."""
    response = client_of().get("/genai/healthz/")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert client_of().head("/genai/healthz/").content == b""


@pytest.mark.django_db(transaction=True)
def test_ready_when_all_services_answer(client_of: ClientOf) -> None:
    response = client_of().get("/genai/readyz/")
    assert (response.status_code, response.json()) == (200, {"status": "ready"})


@pytest.mark.django_db(transaction=True)
def test_the_services_that_do_not_answer_are_listed(
    client_of: ClientOf, problem: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(self: BaseDatabaseWrapper) -> None:
        raise OperationalError("as asked")

    with monkeypatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "cursor", down)
        response = client_of().get("/genai/readyz/")
        told = problem(response, 503, "not_ready")
    assert [(error["field"], error["code"]) for error in told["errors"]] == [("database", "database_unavailable")]
    assert told["errors"][0]["detail"] == "Database unavailable"
    assert told["retryable"] is True
    assert response["Retry-After"]
    monkeypatch.setattr(current_app, "connection_for_write", refuse)
    monkeypatch.setattr(type(storages["private"]), "exists", refuse)
    told = problem(client_of().get("/genai/readyz/"), 503, "not_ready")
    assert [error["field"] for error in told["errors"]] == ["broker", "storage"]
    assert "broker, storage" in told["detail"]


def test_a_service_that_swallows_packets_costs_a_second_not_more(caplog: pytest.LogCaptureFixture) -> None:
    release = threading.Event()
    began = time.monotonic()
    failed = unanswered(
        {"slow": lambda: release.wait(30) and None, "late": lambda: release.wait(30) and None, "quick": lambda: None},
        0.2,
    )
    took = time.monotonic() - began
    release.set()
    assert failed == {"slow": "slow_unavailable", "late": "late_unavailable"}
    assert 0.2 <= took < 5


def test_a_refusal_is_logged_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    assert unanswered({"broker": refuse}, 5) == {"broker": "broker_unavailable"}
    assert "The broker does not answer" in caplog.text
    assert "as asked" in caplog.text


def test_what_is_asked() -> None:
    assert list(PROBES) == ["database", "broker", "storage"]
    health.ask_storage()
    health.ask_broker()
