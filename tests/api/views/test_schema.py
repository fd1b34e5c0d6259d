"""The document over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml
from rest_framework.test import APIClient

from shop_genai.api.views import schema
from tests.api.conftest import API
from tests.api.openapi import document

ClientOf = Callable[..., APIClient]


def test_everybody_may_read_it_as_json(client_of: ClientOf) -> None:
    response = client_of().get(f"{API}schema/")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/json")
    assert response.json()["paths"].keys() == document()["paths"].keys()


def test_or_as_yaml(client_of: ClientOf) -> None:
    response = client_of().get(f"{API}schema/", headers={"Accept": "application/vnd.oai.openapi"})
    assert response["Content-Type"].startswith("application/vnd.oai.openapi")
    assert yaml.safe_load(response.content)["openapi"] == "3.0.3"


def test_it_is_the_document_that_the_repository_holds(client_of: ClientOf) -> None:
    assert client_of().get(f"{API}schema/").json() == document()


def test_a_browser_gets_json_or_a_problem(client_of: ClientOf, problem: Callable[..., dict[str, object]]) -> None:
    asked = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert client_of().get(f"{API}schema/", headers={"Accept": asked})["Content-Type"].startswith("application/json")
    problem(client_of().get(f"{API}schema/", headers={"Accept": "text/html"}), 406, "not_acceptable")


def test_it_is_made_once_for_each_language(client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    schema.document.cache_clear()
    for language in ("en", "zh-hans", "en", "zh-hans"):
        client_of().get(f"{API}schema/", headers={"Accept-Language": language})
    assert schema.document.cache_info().misses == 2
    assert schema.document.cache_info().hits == 2
