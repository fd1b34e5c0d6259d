"""Send a request as often as you like: one key, one job."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.request import Request
from rest_framework.test import APIClient

from shop_genai.api.idempotency import MAX_LENGTH, InvalidIdempotencyKey, key_of
from shop_genai.models import IdempotencyKey, Job, JobEvent, ProductImage
from tests.api.conftest import API

JOBS = f"{API}jobs/"
UNLIMITED = {"PRIVATE_STORAGE": "private", "THROTTLE_RATES": {}}


def header(value: str | None) -> str | None:
    headers = {} if value is None else {"Idempotency-Key": value}
    return key_of(Request(RequestFactory().post("/", headers=headers)))


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (None, None),
        ("abc", "abc"),
        ('"abc"', "abc"),
        ('  "a b"  ', "a b"),
        (r'"a\"b\\c"', 'a"b\\c'),
        ("x" * MAX_LENGTH, "x" * MAX_LENGTH),
        ('"' + "x" * MAX_LENGTH + '"', "x" * MAX_LENGTH),
    ],
)
def test_keys_are_quoted_or_bare(value: str | None, key: str | None) -> None:
    assert header(value) == key


@pytest.mark.parametrize(
    "value", ["", '""', "a b", '"a', 'a"b', r'"a\b"', "ä", "x" * (MAX_LENGTH + 1), '"a" "b"', "a\tb"]
)
def test_other_keys_are_refused(value: str) -> None:
    with pytest.raises(InvalidIdempotencyKey):
        header(value)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=MAX_LENGTH))
def test_any_printable_text_can_be_quoted(text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert header(quoted) == text


def at_once(number: int, threads: int, send: Callable[[int], Any]) -> list[Any]:
    """Call ``send(0)``, ``send(1)``, … from so many threads that start together."""
    start = threading.Barrier(threads)

    def one(index: int) -> Any:
        if index < threads:
            start.wait(timeout=60)
        try:
            return send(index)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(number)))


def crowd() -> int:
    """How many requests come at the same time: SQLite lets one writer in after the other."""
    return 100 if connection.vendor == "postgresql" else 12


@pytest.mark.django_db(transaction=True)
def test_many_concurrent_requests_with_one_key_make_one_job(
    client_of: Callable[..., APIClient], user: User, invert: Any, upload: Callable[..., ProductImage]
) -> None:
    wanted = {"recipe": "invert", "inputs": {"image": str(upload(user).pk)}}
    clients = [client_of(user) for _number in range(crowd())]
    with override_settings(SHOP_GENAI=UNLIMITED):
        answers = at_once(
            len(clients),
            len(clients),
            lambda index: clients[index].post(JOBS, wanted, headers={"Idempotency-Key": '"one"'}),
        )
    assert Counter(answer.status_code for answer in answers) == {202: 1, 200: len(clients) - 1}
    assert {answer.json()["id"] for answer in answers} == {str(Job.objects.get().pk)}
    assert IdempotencyKey.objects.count() == 1
    assert JobEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_under_one_key_one_wins(
    client_of: Callable[..., APIClient], user: User, invert: Any, upload: Callable[..., ProductImage]
) -> None:
    wanted = {"recipe": "invert", "inputs": {"image": str(upload(user).pk)}}
    clients = [client_of(user) for _number in range(crowd() // 2)]
    with override_settings(SHOP_GENAI=UNLIMITED):
        answers = at_once(
            len(clients),
            len(clients),
            lambda index: clients[index].post(
                JOBS, {**wanted, "seed": index % 2}, headers={"Idempotency-Key": '"one"'}
            ),
        )
    job = Job.objects.get()
    for index, answer in enumerate(answers):
        if index % 2 == job.seed:
            assert answer.status_code in (200, 202)
            assert answer.json()["id"] == str(job.pk)
        else:
            assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")


@pytest.mark.django_db(transaction=True)
def test_a_quota_under_parallel_requests_accepts_exactly_its_number(
    client_of: Callable[..., APIClient], user: User, invert: Any, upload: Callable[..., ProductImage]
) -> None:
    image = str(upload(user).pk)
    threads = min(50, crowd())
    clients = [client_of(user) for _number in range(threads)]
    number = 2 * crowd()

    def send(index: int) -> Any:
        body = {"recipe": "invert", "inputs": {"image": image}, "seed": index}
        return clients[index % threads].post(JOBS, body)

    with override_settings(SHOP_GENAI={**UNLIMITED, "THROTTLE_RATES": {"genai-submit": "10/day"}}):
        answers = at_once(number, threads, send)
    assert Counter(answer.status_code for answer in answers) == {202: 10, 429: number - 10}
    assert Job.objects.count() == 10
