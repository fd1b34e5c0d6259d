"""Events, consent, profile and recommendations, through the HTTP door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from example_project.shop.models import Photo
from shop_genai import storefront, taste
from shop_genai.models import Event, ProductImage, Shopper
from tests.api.conftest import API
from tests.api.openapi import check
from tests.fakes.variants import make_variant
from tests.taste.conftest import Place, place, shopper, weights

__all__ = ["place", "shopper", "weights"]  # fixtures
pytestmark = pytest.mark.django_db
ClientOf = Callable[..., APIClient]
ProblemOf = Callable[..., dict[str, Any]]
EVENTS, PROFILE, RECOMMENDATIONS = f"{API}events/", f"{API}profile/", f"{API}recommendations/"


def agreed(client: APIClient) -> APIClient:
    """The client, after its shopper said yes."""
    answer = client.patch(PROFILE, {"consent": True})
    assert answer.status_code == 200, answer.content
    check(answer)
    return client


def product(image: ProductImage) -> str:
    return f"shop.product:{Photo.objects.get(pk=image.object_id).product_id}"


def record(client: APIClient, **event: Any) -> dict[str, Any]:
    answer = client.post(EVENTS, event)
    assert answer.status_code == 202, answer.content
    check(answer)
    body: dict[str, Any] = answer.json()
    return body


def test_a_stranger_who_agrees_is_known_by_a_signed_cookie(client_of: ClientOf, place: Place) -> None:
    image, client = place([1.0, 0.0]), client_of()
    assert record(client, kind="view", object=product(image)) == {"recorded": False, "reason": "no_consent"}
    assert not Shopper.objects.exists()
    agreed(client)
    cookie = client.cookies[taste.COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert record(client, kind="view", object=product(image)) == {"recorded": True, "reason": None}
    assert record(client, kind="like", object=str(image.pk))["recorded"]
    assert record(client, kind="search", query="navy polo")["recorded"]
    assert record(client, kind="view", object=product(image))["reason"] == "already_recorded"
    [known] = Shopper.objects.all()
    assert set(known.events.values_list("kind", "image", "query")) == {
        ("view", image.pk, ""),
        ("like", image.pk, ""),
        ("search", None, "navy polo"),
    }


def test_a_signed_in_shoppers_own_row_counts(client_of: ClientOf, user: User, place: Place) -> None:
    image, client = place([1.0, 0.0]), agreed(client_of(user))
    assert taste.COOKIE not in client.cookies
    record(client, kind="purchase", object=product(image))
    assert Event.objects.get().shopper.user == user


@pytest.mark.parametrize("name", ["shop.product:999", "auth.user:1", "5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1", "x"])
def test_what_does_not_exist_is_said_not_refused(client_of: ClientOf, name: str) -> None:
    client = agreed(client_of())
    assert record(client, kind="view", object=name) == {"recorded": False, "reason": "unknown_object"}


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"kind": "stare", "object": "shop.product:1"}, "kind", "invalid_choice"),
        ({"object": "shop.product:1"}, "kind", "required"),
        ({"kind": "view"}, "object", "required"),
        ({"kind": "search"}, "query", "required"),
        ({"kind": "search", "query": "x", "object": "shop.product:1"}, "object", "unknown_field"),
        ({"kind": "view", "object": "shop.product:1", "at": "2020-01-01"}, "at", "unknown_field"),
        ({"kind": "search", "query": "x" * 201}, "query", "max_length"),
    ],
)
def test_malformed_events_are_refused(
    client_of: ClientOf, problem: ProblemOf, body: dict[str, Any], field: str, code: str
) -> None:
    refused = problem(client_of().post(EVENTS, body), 400, "invalid_request")
    assert [(one["field"], one["code"]) for one in refused["errors"]] == [(field, code)]


def test_events_are_limited_per_browser(client_of: ClientOf, problem: ProblemOf, settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "THROTTLE_RATES": {"genai-event": "2/h"}}
    client = client_of()
    for _ in range(2):
        record(client, kind="search", query="x")
    answer = client.post(EVENTS, {"kind": "search", "query": "x"})
    problem(answer, 429, "throttled")
    check(answer)


def test_a_session_needs_its_csrf_token(client_of: ClientOf, user: User, problem: ProblemOf) -> None:
    client = client_of(user, enforce_csrf_checks=True)
    for answer in (
        client.post(EVENTS, {"kind": "search", "query": "x"}),
        client.patch(PROFILE, {"consent": True}),
        client.delete(PROFILE),
    ):
        problem(answer, 403, "csrf_failed")
        check(answer)
    assert not Shopper.objects.exists()


def test_the_profile_says_the_taste_in_words(client_of: ClientOf, place: Place) -> None:
    client = agreed(client_of())
    for colour, kind in (("navy", "purchase"), ("red", "view"), ("green", "dislike")):
        record(client, kind=kind, object=product(place([1.0, 0.0], category="clothing", colour=colour)))
    record(client, kind="search", query="polo")
    answer = client.get(PROFILE)
    check(answer)
    body = answer.json()
    assert (body["known"], body["consent"], body["consent_version"], body["version"]) == (True, True, "1", "1")
    assert body["events"] == {"view": 1, "basket": 0, "purchase": 1, "like": 0, "dislike": 1, "search": 1}
    assert [one["name"] for one in body["colours"]] == ["navy", "red"]
    assert [one["name"] for one in body["categories"]] == ["clothing"]
    assert body["text"].endswith("above all in navy, red.")
    assert client.get(PROFILE, headers={"Accept-Language": "zh-hans"}).json()["text"] != body["text"]


def test_a_stranger_has_an_empty_profile_and_leaves_no_row(client_of: ClientOf) -> None:
    client = client_of()
    answer = client.get(PROFILE)
    check(answer)
    assert (answer.json()["known"], answer.json()["consent"], answer.json()["events"]) == (False, False, {})
    answer = client.patch(PROFILE, {"consent": False})
    assert answer.json()["known"] is False
    assert client.delete(PROFILE).status_code == 204
    assert not Shopper.objects.exists()


def test_agreeing_to_another_text_is_refused(client_of: ClientOf, problem: ProblemOf) -> None:
    refused = problem(client_of().patch(PROFILE, {"consent": True, "version": "0"}), 400, "invalid_request")
    assert [one["field"] for one in refused["errors"]] == ["version"]
    assert not Shopper.objects.exists()


def test_agreeing_no_longer_deletes_what_was_kept(client_of: ClientOf, place: Place) -> None:
    image, client = place([1.0, 0.0]), agreed(client_of())
    record(client, kind="like", object=product(image))
    answer = client.patch(PROFILE, {"consent": False})
    check(answer)
    assert (answer.json()["consent"], answer.json()["events"]["like"]) == (False, 0)
    assert not Event.objects.exists()
    assert record(client, kind="like", object=product(image))["reason"] == "no_consent"


def test_an_export_has_everything_and_erasing_leaves_nothing(
    client_of: ClientOf, place: Place, problem: ProblemOf
) -> None:
    image, client = place([1.0, 0.0]), agreed(client_of())
    record(client, kind="like", object=product(image))
    answer = client.get(f"{PROFILE}export/")
    check(answer)
    assert answer.json()["events"][0]["picture"] == str(image.pk)
    assert "attachment" in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "private, no-store"
    answer = client.delete(PROFILE)
    check(answer)
    assert client.cookies[taste.COOKIE].value == ""
    assert not Shopper.objects.exists()
    gone = client.get(f"{PROFILE}export/")
    problem(gone, 404, "not_found")
    check(gone)


def test_recommendations_come_with_pictures_and_reasons(client_of: ClientOf, place: Place, staff: Any) -> None:
    pictures = [place([float(number), 0.0], title=f"Shirt {number}") for number in range(5)]
    better = make_variant(pictures[3], staff, recipe="cutout")
    client = agreed(client_of())
    record(client, kind="like", object=product(pictures[4]))
    answer = client.get(f"{RECOMMENDATIONS}?count=3&exclude={product(pictures[0])},{pictures[1].pk}")
    check(answer)
    rows = answer.json()["results"]
    assert len(rows) == 3
    assert {str(pictures[0].pk), str(pictures[1].pk)}.isdisjoint(row["image"] for row in rows)
    assert "Because you like “Shirt 4”" in {row["reason"]["text"] for row in rows}
    [shown] = [row for row in rows if row["image"] == str(pictures[3].pk)]
    assert shown["picture"] == f"http://testserver{better.files.url(better.name)}"
    assert shown["product"]["model"] == "shop.product"
    assert shown["product"]["url"].startswith("http://testserver/")


def test_strangers_see_what_is_popular_or_new(client_of: ClientOf, place: Place) -> None:
    place([1.0, 0.0])
    place([1.0, 0.0], category="kitchen")
    [row] = client_of().get(f"{RECOMMENDATIONS}?category=kitchen").json()["results"]
    assert row["reason"]["kind"] == "new"
    assert row["reason"]["because"] is None


@pytest.mark.parametrize("query", ["count=0", "count=49", "count=x", "exclude=" + ",".join(map(str, range(51)))])
def test_wishes_out_of_range_are_refused(client_of: ClientOf, problem: ProblemOf, query: str) -> None:
    answer = client_of().get(f"{RECOMMENDATIONS}?{query}")
    problem(answer, 400, "invalid_request")
    check(answer)


def test_two_shoppers_see_their_own_and_no_cache_keeps_it(client_of: ClientOf, user: User, place: Place) -> None:
    pictures = [place([float(number), 0.0]) for number in range(6)]
    one, two, third = agreed(client_of()), agreed(client_of(user)), client_of()
    record(one, kind="purchase", object=product(pictures[0]))
    record(two, kind="purchase", object=product(pictures[5]))

    def answer(client: APIClient) -> Any:
        return client.get(f"{RECOMMENDATIONS}?count=6")

    def seen(client: APIClient) -> list[str]:
        return [row["image"] for row in answer(client).json()["results"]]

    assert str(pictures[0].pk) not in seen(one)
    assert str(pictures[5].pk) not in seen(two)
    assert {str(pictures[0].pk), str(pictures[5].pk)} <= set(seen(third))
    assert "Because" not in answer(third).content.decode()
    assert one.get(PROFILE).json()["events"]["purchase"] == 1
    assert third.get(PROFILE).json()["known"] is False
    for path in (EVENTS, PROFILE, f"{PROFILE}export/", RECOMMENDATIONS, f"{API}variants/?image=x"):
        for client in (one, two, third):
            headers = client.get(path).headers
            assert headers["Cache-Control"].startswith("private")
            assert "Cookie" in headers["Vary"]


def test_a_changed_cookie_names_nobody(client_of: ClientOf, place: Place) -> None:
    client, other = agreed(client_of()), client_of()
    signed = client.cookies[taste.COOKIE].value
    other.cookies[taste.COOKIE] = signed[:-1] + ("A" if signed[-1] != "A" else "B")
    assert other.get(PROFILE).json()["known"] is False
    other.cookies[taste.COOKIE] = signed
    assert other.get(PROFILE).json()["known"] is True


def test_the_summary_costs_the_same_for_many_events(
    place: Place, shopper: Shopper, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        taste.record_event(shopper, "like", place([float(number), 0.0]))
    with django_assert_max_num_queries(4):
        found = storefront.summary(shopper)
    assert found.events["like"] == 5
    assert storefront.summary(None).text == "Nothing is known of your taste yet."
