"""Bodies that the database could not keep are refused at the door."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError
from rest_framework.test import APIClient

from shop_genai.api.parsers import JSONParser
from tests.api.conftest import API

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def parse(text: str) -> Any:
    return JSONParser().parse(io.BytesIO(text.encode()))


@given(JSON)
def test_storable_json_comes_through_unchanged(value: Any) -> None:
    text = json.dumps(value)
    if "\\u0000" in text:
        with pytest.raises(ParseError):
            parse(text)
    else:
        assert parse(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"a": 1,}',
        "nonsense",
        '"\\u0000"',
        '{"\\u0000": 1}',
        '{"a": ["x\\u0000y"]}',
        '"\\ud800"',
        '{"a": "\\udfff"}',
        "NaN",
        "[Infinity]",
        '{"a": -Infinity}',
        "1e999",
        "[" * 100_000,
        '{"a":' * 100_000,
    ],
)
def test_what_cannot_be_kept_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        parse(text)


def test_deep_json_that_can_be_kept_is_accepted() -> None:
    assert parse("[" * 200 + "]" * 200)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ParseError):
        JSONParser().parse(io.BytesIO(b'"\xff\xfe"'))


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"text"', b'{"recipe": {"a": 1}}', b'{"inputs": [[]]}'])
def test_json_of_another_shape_is_a_400(
    client_of: Callable[..., APIClient], user: User, problem: Callable[..., Any], body: bytes
) -> None:
    response = client_of(user).post(f"{API}jobs/", body, content_type="application/json")
    problem(response, 400, "invalid_request")


@pytest.mark.django_db
def test_a_body_over_the_limit_is_refused_unread(
    client_of: Callable[..., APIClient], user: User, problem: Callable[..., Any]
) -> None:
    client = client_of(user)
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100):
        over = client.post(f"{API}jobs/", b"x" * 101, content_type="application/json")
        problem(over, 413, "body_too_large")
        under = client.post(f"{API}jobs/", b"x" * 100, content_type="application/json")
        problem(under, 400, "malformed_request")
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=None):
        # A host that lifts Django's limit does not lift the studio's.
        body = b" " * 2_700_000
        problem(client.post(f"{API}jobs/", body, content_type="application/json"), 413, "body_too_large")
