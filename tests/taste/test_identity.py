"""Who is looking: cookies that cannot be forged, users whose taste stays theirs, and logins that never fail."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from shop_genai import taste
from shop_genai.models import Event, Shopper, TasteProfile
from shop_genai.taste import identity
from tests.taste.conftest import Place

pytestmark = pytest.mark.django_db


def visit(cookie: str = "", user: Any = None) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = user or AnonymousUser()
    if cookie:
        request.COOKIES[taste.COOKIE] = cookie
    return request


def cookie_of(shopper: Shopper) -> str:
    """What a browser sends after the cookie was set."""
    response = HttpResponse()
    taste.remember(response, shopper)
    return str(response.cookies[taste.COOKIE].value)


def test_looking_makes_no_row() -> None:
    assert taste.shopper_of(visit()) is None
    assert Shopper.objects.count() == 0


def test_a_request_without_sessions_is_a_strangers() -> None:
    assert taste.shopper_of(RequestFactory().get("/")) is None


def test_a_row_is_made_when_asked_for_and_found_by_its_cookie(django_assert_num_queries: Any) -> None:
    made = taste.shopper_of(visit(), create=True)
    assert made is not None
    request = visit(cookie_of(made))
    with django_assert_num_queries(1):
        assert taste.shopper_of(request) == made
        assert taste.shopper_of(request) == made


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TASTE_COOKIE_AGE": 77}
    response = HttpResponse()
    taste.remember(response, Shopper.objects.create())
    cookie = response.cookies[taste.COOKIE]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["max-age"]) == (True, True, "Lax", 77)
    taste.forget(response)
    assert response.cookies[taste.COOKIE].value == ""


@pytest.mark.parametrize("change", [lambda c: c[:-2] + "xx", lambda c: uuid.uuid4().hex, lambda c: "x" + c[1:]])
def test_a_changed_cookie_is_a_new_shoppers(change: Any) -> None:
    victim = Shopper.objects.create()
    request = visit(change(cookie_of(victim)))
    assert taste.shopper_of(request) is None
    made = taste.shopper_of(request, create=True)
    assert made is not None
    assert made.pk != victim.pk


def test_a_signed_cookie_of_another_purpose_is_none() -> None:
    victim = Shopper.objects.create()
    response = HttpResponse()
    response.set_signed_cookie("other", victim.key.hex, salt="other")
    assert taste.shopper_of(visit(str(response.cookies["other"].value))) is None


def test_an_old_cookie_is_none(settings: Any) -> None:
    cookie = cookie_of(Shopper.objects.create())
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TASTE_COOKIE_AGE": -1}
    assert taste.shopper_of(visit(cookie)) is None


def test_a_users_row_wins_over_the_cookie_and_needs_none(user: User) -> None:
    mine = taste.shopper_of(visit(user=user), create=True)
    assert mine is not None
    assert mine.user == user
    assert taste.shopper_of(visit(cookie_of(Shopper.objects.create()), user)) == mine
    response = HttpResponse()
    taste.remember(response, mine)
    assert taste.COOKIE not in response.cookies


def test_a_key_of_a_user_opens_nothing_without_the_login(user: User) -> None:
    anonymous = Shopper.objects.create()
    cookie = cookie_of(anonymous)
    Shopper.objects.filter(pk=anonymous.pk).update(user=user)
    assert taste.shopper_of(visit(cookie)) is None


# Signing in -----------------------------------------------------------------------------------------------------------


def test_signing_in_takes_the_events_along(user: User, shopper: Shopper, place: Place) -> None:
    image = place([1.0, 0.0])
    taste.record_event(shopper, "like", image)
    taste.taste_of(shopper)
    client = Client()
    client.cookies[taste.COOKIE] = cookie_of(shopper)
    client.force_login(user)  # the cookie is not in its request: nothing happens
    assert Shopper.objects.filter(pk=shopper.pk).exists()
    user_logged_in.send(sender=User, request=visit(cookie_of(shopper)), user=user)
    mine = Shopper.objects.get()
    assert (mine.user, mine.consents) == (user, True)
    assert [event.image for event in mine.events.all()] == [image]
    assert not TasteProfile.objects.filter(shopper=shopper.pk).exists()
    assert taste.shopper_of(visit(cookie_of(shopper))) is None  # and after logging out nothing of it is shown


def test_signing_in_keeps_the_users_own_events_and_consent(user: User, shopper: Shopper, place: Place) -> None:
    mine = Shopper.objects.create(user=user)
    taste.give_consent(mine)
    first, second = place([1.0, 0.0]), place([0.0, 1.0])
    taste.record_event(mine, "view", first)
    before = taste.taste_of(mine).n
    taste.record_event(shopper, "like", second)
    assert taste.merge(shopper, user) == mine
    mine.refresh_from_db()
    assert {event.image for event in mine.events.all()} == {first, second}
    assert taste.taste_of(mine).n > before


def test_an_opt_out_of_the_user_wins(user: User, shopper: Shopper, place: Place) -> None:
    mine = Shopper.objects.create(user=user)
    taste.give_consent(mine)
    taste.withdraw_consent(mine)
    taste.record_event(shopper, "like", place([1.0]))
    taste.merge(shopper, user)
    mine.refresh_from_db()
    assert not mine.consents
    assert Event.objects.count() == 0
    assert list(Shopper.objects.all()) == [mine]


def test_a_user_who_never_decided_takes_over_an_opt_out(user: User, shopper: Shopper) -> None:
    taste.withdraw_consent(shopper)
    mine = taste.merge(shopper, user)
    assert mine is not None
    assert mine.opted_out_at is not None


def test_nobody_decided_and_nobody_gets_a_row(user: User) -> None:
    assert taste.merge(Shopper.objects.create(), user) is None
    assert Shopper.objects.count() == 0


def test_merging_twice_is_merging_once(user: User, shopper: Shopper, place: Place) -> None:
    taste.record_event(shopper, "like", place([1.0]))
    first = taste.merge(shopper, user)
    assert taste.merge(shopper, user) == first
    assert Event.objects.count() == 1


def test_a_failing_merge_does_not_fail_the_login(
    user: User, shopper: Shopper, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any) -> None:
        raise ArithmeticError("as asked")

    monkeypatch.setattr(identity, "merge", fail)
    with caplog.at_level(logging.ERROR, identity.__name__):
        user_logged_in.send(sender=User, request=visit(cookie_of(shopper)), user=user)
    assert "could not be taken over" in caplog.text
    user_logged_in.send(sender=User, request=None, user=user)
