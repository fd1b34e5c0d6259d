"""Consent: asked for a version of a text, kept with its time, taken back with everything that came of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shop_genai import taste
from shop_genai.models import Event, Shopper, TasteProfile
from tests.taste.conftest import Place

pytestmark = pytest.mark.django_db


def test_nothing_is_kept_before_consent_and_all_after(place: Place) -> None:
    shopper, image = Shopper.objects.create(), place([1.0])
    assert taste.record_event(shopper, "view", image) is None
    taste.give_consent(shopper)
    shopper.refresh_from_db()
    assert (shopper.consent_version, shopper.consents) == ("1", True)
    assert shopper.consent_at is not None
    assert taste.record_event(shopper, "view", image) is not None
    assert list(taste.consenting()) == [shopper]


def test_another_text_needs_another_consent(shopper: Shopper, place: Place, settings: Any) -> None:
    image = place([1.0])
    taste.record_event(shopper, "like", image)
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TASTE_CONSENT_VERSION": "2"}
    assert not shopper.consents
    assert taste.record_event(shopper, "view", image) is None
    assert taste.taste_of(shopper).empty
    taste.give_consent(shopper)
    assert not taste.taste_of(shopper).empty


def test_opting_out_deletes_and_stops(shopper: Shopper, place: Place) -> None:
    image, other = place([1.0]), place([0.9])
    place([-1.0])
    taste.record_event(shopper, "like", image)
    assert {one.image for one in taste.recommend(shopper, count=2)} == {image, other}
    taste.withdraw_consent(shopper)
    assert (Event.objects.count(), TasteProfile.objects.count()) == (0, 0)
    assert taste.record_event(shopper, "like", image) is None
    assert taste.taste_of(shopper).empty
    assert taste.recommend(shopper, count=3) == taste.recommend(None, count=3)
    stale = Shopper.objects.get(pk=shopper.pk)
    stale.opted_out_at = None  # read before the opt-out, written after it
    assert taste.record_event(stale, "like", image) is None


def test_the_export_is_complete_and_plain(shopper: Shopper, place: Place) -> None:
    image = place([1.0, 0.5], title="Red tee")
    taste.record_event(shopper, "like", image)
    taste.record_event(shopper, "search", query="red  t-shirt")
    taste.taste_of(shopper)
    data = json.loads(json.dumps(taste.export(shopper)))
    assert data["shopper"]["key"] == str(shopper.key)
    assert data["shopper"]["consent_version"] == "1"
    assert [(one["kind"], one["title"], one["query"]) for one in data["events"]] == [
        ("like", "Red tee", ""),
        ("search", "", "red t-shirt"),
    ]
    assert data["events"][0]["picture"] == str(image.pk)
    assert data["profiles"][0]["facts"]["events"] == 2
    assert len(data["profiles"][0]["vectors"]) == 2 * 2  # one category and what belongs to none
    assert data["jobs"] == []
    assert data["tryon"] == {"consents": [], "photos": [], "tryons": [], "audit": []}
    kept = {"shopper", "events", "profiles", "jobs", "tryon"}
    related = {field.get_accessor_name() for field in Shopper._meta.related_objects}
    tryon = {"tryon_consents", "tryon_photos", "tryons", "images"}
    assert related - tryon == {"events", "profiles", "taste_jobs"}  # another table belongs into the export
    assert set(data) == kept
