"""Exact counts per window and person."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.cache import cache
from django.test import RequestFactory, override_settings
from rest_framework.request import Request
from rest_framework.views import APIView

from shop_genai.api.throttles import WindowThrottle, parse_rate


@pytest.mark.parametrize(
    ("rate", "parsed"),
    [("5/s", (5, 1)), ("120/min", (120, 60)), ("7/hour", (7, 3600)), ("1/day", (1, 86400)), ("0/d", (0, 86400))],
)
def test_rates_are_a_number_and_a_unit(rate: str, parsed: tuple[int, int]) -> None:
    assert parse_rate(rate) == parsed


@pytest.mark.parametrize("rate", ["", "5", "5/", "/min", "many/min", "5/year"])
def test_other_rates_are_refused(rate: str) -> None:
    with pytest.raises(ValueError, match=r"rate|invalid literal"):
        parse_rate(rate)


def request_of(user: Any, address: str = "192.0.2.1") -> Request:
    request = Request(RequestFactory().post("/", REMOTE_ADDR=address))
    request.user = user
    return request


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """``allowed(user, at=…)``: whether a request passes a rate of two a minute."""

    def allowed(user: Any, at: float = 60.0, scope: str = "genai-submit", address: str = "192.0.2.1") -> bool:
        monkeypatch.setattr(time, "time", lambda: at)
        with override_settings(SHOP_GENAI={"THROTTLE_RATES": {"genai-submit": "2/min"}}):
            return WindowThrottle(scope).allow_request(request_of(user, address), APIView())

    return allowed


def test_a_window_lets_its_number_pass_and_the_next_starts_anew(allowed: Callable[..., bool]) -> None:
    shopper = User(pk=1)
    assert [allowed(shopper, at) for at in (60.0, 61.0, 119.9)] == [True, True, False]
    assert [allowed(shopper, at) for at in (120.0, 121.0, 122.0)] == [True, True, False]


def test_people_and_scopes_have_counts_of_their_own(allowed: Callable[..., bool]) -> None:
    assert [allowed(User(pk=1)) for _time in range(3)] == [True, True, False]
    assert [allowed(User(pk=2)) for _time in range(3)] == [True, True, False]
    assert all(allowed(User(pk=1), scope="unlimited") for _time in range(5))


def test_strangers_are_told_apart_by_their_address(allowed: Callable[..., bool]) -> None:
    nobody = AnonymousUser()
    assert [allowed(nobody) for _time in range(3)] == [True, True, False]
    assert allowed(nobody, address="192.0.2.2")


def test_the_wait_lasts_to_the_end_of_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 90.0)
    throttle = WindowThrottle("genai-submit")
    with override_settings(SHOP_GENAI={"THROTTLE_RATES": {"genai-submit": "0/min"}}):
        assert not throttle.allow_request(request_of(User(pk=1)), APIView())
    assert throttle.wait() == 30.0


def test_a_count_that_was_evicted_starts_anew(allowed: Callable[..., bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "add", lambda *args, **options: False)  # as if the cache threw it away at once
    assert allowed(User(pk=1)) is True
    assert allowed(User(pk=1)) is True
    assert allowed(User(pk=1)) is False
