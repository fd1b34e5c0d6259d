"""Absolute addresses, made once per pattern."""

from __future__ import annotations

import uuid

import pytest
from django.test import RequestFactory, override_settings
from django.urls import NoReverseMatch

from shop_genai.api import links as module
from shop_genai.api.links import Links

ROW = uuid.UUID("5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1")


def test_addresses_are_absolute() -> None:
    links = Links(RequestFactory().get("/", headers={"Host": "testserver:8000"}))
    assert links.to("job-detail", ROW) == f"http://testserver:8000/genai/api/v1/jobs/{ROW}/"
    assert links.to("result-file", ROW) == f"http://testserver:8000/genai/api/v1/results/{ROW}/file/"
    assert links.absolute("/media/x.png") == "http://testserver:8000/media/x.png"
    assert links.absolute("https://cdn.example/x.png") == "https://cdn.example/x.png"


def test_a_proxy_that_ends_tls_is_believed_where_the_host_says_so() -> None:
    with override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        request = RequestFactory().get("/", headers={"X-Forwarded-Proto": "https", "Host": "testserver"})
        assert Links(request).to("image-detail", ROW).startswith("https://testserver/")


def test_a_pattern_is_reversed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    original = module.reverse

    def counting(name: str, **options: object) -> str:
        calls.append(name)
        return str(original(name, **options))

    monkeypatch.setattr(module, "reverse", counting)
    links = Links(RequestFactory().get("/"))
    made = {links.to("job-detail", uuid.UUID(int=number)) for number in range(50)}
    assert len(made) == 50
    assert calls == ["shop_genai:job-detail"]


def test_an_unknown_name_is_a_mistake_of_ours() -> None:
    with pytest.raises(NoReverseMatch):
        Links(RequestFactory().get("/")).to("nothing", ROW)
