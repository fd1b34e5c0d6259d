"""Consent: to one version of a text that says what is true, and back at any time."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import translation

from shop_genai import tryon
from shop_genai.errors import ConsentMissing
from shop_genai.models import ProductImage, Shopper, TryOnAudit, TryOnConsent
from tests.tryon.conftest import files, give

pytestmark = pytest.mark.django_db


def test_the_text_tells_how_long_and_who_else(settings: Any) -> None:
    assert "24 hours" in tryon.consent_text()
    assert "a service" not in tryon.consent_text()
    remote = {"studio": {"url": "https://example.com/", "commercial_ok": True}}
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_TTL": 3600, "TRYON_BACKENDS": remote}
    assert "after 1 hour at" in tryon.consent_text()
    assert "may be sent to a service" in tryon.consent_text()
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_CONSENT_TEXT": "Our own words."}
    assert tryon.consent_text() == "Our own words."


def test_agreeing_twice_is_one_row_and_agreeing_again_another(shopper: Shopper) -> None:
    with translation.override("zh-hans"):
        tryon.consent(shopper)
    assert TryOnConsent.objects.get().language == "en"  # of the first time
    tryon.withdraw(shopper)
    assert tryon.consented(shopper) is None
    with translation.override("zh-hans"):
        tryon.consent(shopper)
    rows = list(TryOnConsent.objects.order_by("pk"))
    assert [(row.language, row.withdrawn_at is None) for row in rows] == [("en", False), ("zh-hans", True)]
    assert tryon.consented(shopper) == rows[1]


def test_consent_to_tastes_is_another(shopper: Shopper) -> None:
    assert not shopper.consents
    assert tryon.consented(Shopper.objects.create(consent_version="1")) is None
    assert tryon.consented(None) is None


def test_without_it_the_file_is_not_even_read(db: None) -> None:
    class Untouchable(ContentFile):
        def read(self, *args: Any) -> bytes:
            raise AssertionError("read")

    with pytest.raises(ConsentMissing):
        tryon.upload(Shopper.objects.create(), Untouchable(b"x"))
    assert not ProductImage.objects.exists()


def test_withdrawing_deletes_the_photos_and_keeps_the_evidence(shopper: Shopper) -> None:
    photo = give(shopper)
    tryon.withdraw(shopper)
    assert files() == set()
    assert not tryon.photos_of(shopper).exists()
    row = TryOnConsent.objects.get()
    assert row.withdrawn_at is not None
    assert row.withdrawn_at > photo.created
    assert set(TryOnAudit.objects.values_list("kind", flat=True)) == {"consent", "upload", "withdraw", "delete"}
