"""What is kept only for a time. Called by the sweep; safe anywhere, any time, twice."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from shop_genai.conf import genai_settings
from shop_genai.models import Event, Shopper


def delete_old_events() -> int:
    """Delete the events that are older than ``TASTE_EVENTS_KEPT_DAYS``; returns how many there were.

    With them go the anonymous shoppers whose cookie has expired as well and of whom nothing is left.
    """
    now = timezone.now()
    oldest = now - timedelta(days=genai_settings.TASTE_EVENTS_KEPT_DAYS)
    count, _by_model = Event.objects.filter(at__lt=oldest).delete()
    unknown = oldest - timedelta(seconds=genai_settings.TASTE_COOKIE_AGE)
    Shopper.objects.filter(user=None, created__lt=unknown, events=None, taste_jobs=None, images=None).delete()
    return count
