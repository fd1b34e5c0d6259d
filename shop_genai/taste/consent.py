"""Whether anything may be kept of a shopper: asked once per version of the text, taken back at any time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import router, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from shop_genai import photos
from shop_genai.conf import genai_settings
from shop_genai.models import Event, Shopper, TasteProfile


def give_consent(shopper: Shopper, version: str | None = None) -> None:
    """The shopper agreed. Events are kept from now on, while this is the version of the text that is in force.

    Args:
        shopper: gets the time and the version written into its row.
        version: of the text that was shown; by default ``TASTE_CONSENT_VERSION``.
    """
    shopper.consent_at = timezone.now()
    shopper.consent_version = (version or genai_settings.TASTE_CONSENT_VERSION)[:64]
    shopper.opted_out_at = None
    shopper.save(update_fields=["consent_at", "consent_version", "opted_out_at"])


def withdraw_consent(shopper: Shopper) -> None:
    """The shopper opted out: what was recorded is deleted, nothing more is, and all they see is what is popular."""
    alias = router.db_for_write(Shopper)
    shopper.opted_out_at = timezone.now()
    with transaction.atomic(using=alias):
        # First the row: an event that is being recorded holds its lock, and is there to be deleted afterwards.
        Shopper.objects.using(alias).filter(pk=shopper.pk).update(
            opted_out_at=shopper.opted_out_at, version=F("version") + 1
        )
        Event.objects.using(alias).filter(shopper=shopper).delete()
        TasteProfile.objects.using(alias).filter(shopper=shopper).delete()
    shopper.refresh_from_db(fields=["version"])


def consenting() -> QuerySet[Shopper]:
    """The shoppers of whom events may be kept."""
    return Shopper.objects.filter(
        consent_at__isnull=False, opted_out_at=None, consent_version=genai_settings.TASTE_CONSENT_VERSION
    )


def export(shopper: Shopper) -> dict[str, Any]:
    """All that is kept of a shopper, as plain JSON: consents, every event, the taste, the jobs made for it, try-ons."""
    events = Event.objects.filter(shopper=shopper).select_related("image").order_by("at", "pk")
    profiles = TasteProfile.objects.filter(shopper=shopper).select_related("weights").order_by("pk")
    jobs = shopper.taste_jobs.select_related("job").order_by("pk")
    return {
        "shopper": {
            "key": str(shopper.key),
            "user": None if shopper.user_id is None else str(shopper.user_id),
            "created": _text(shopper.created),
            "consent_at": _text(shopper.consent_at),
            "consent_version": shopper.consent_version,
            "opted_out_at": _text(shopper.opted_out_at),
        },
        "events": [
            {
                "kind": event.kind,
                "at": _text(event.at),
                "picture": None if event.image_id is None else str(event.image_id),
                "title": event.image.title if event.image else "",
                "query": event.query,
            }
            for event in events
        ],
        "profiles": [_profile(row) for row in profiles],
        "jobs": [
            {"id": str(link.job_id), "recipe": link.job.recipe, "params": link.job.params, "at": _text(link.created)}
            for link in jobs
        ],
        "tryon": photos.export(shopper),
    }


def _profile(row: TasteProfile) -> dict[str, Any]:
    from array import array

    numbers = array("f")
    numbers.frombytes(bytes(row.vectors))
    return {
        "weights": row.weights.digest,
        "updated": _text(row.updated),
        "vectors": [round(number, 6) for number in numbers],
        "facts": row.facts,
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
