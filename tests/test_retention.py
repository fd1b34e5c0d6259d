"""What is kept only for a time goes, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from shop_genai import retention
from shop_genai.models import Event, Shopper

pytestmark = pytest.mark.django_db


def test_old_events_go(settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TASTE_EVENTS_KEPT_DAYS": 30}
    shopper, now = Shopper.objects.create(), timezone.now()
    for days in (1, 29, 31, 400):
        Event.objects.create(shopper=shopper, kind="search", query=f"{days} days", at=now - timedelta(days=days))
    assert retention.delete_old_events() == 2
    assert set(Event.objects.values_list("query", flat=True)) == {"1 days", "29 days"}
    assert retention.delete_old_events() == 0
    assert Shopper.objects.get() == shopper


def test_of_forgotten_browsers_nothing_stays(user: User, settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TASTE_EVENTS_KEPT_DAYS": 30, "TASTE_COOKIE_AGE": 10 * 86400}
    now = timezone.now()
    gone = Shopper.objects.create(created=now - timedelta(days=41))
    young = Shopper.objects.create(created=now - timedelta(days=39))
    signed_in = Shopper.objects.create(user=user, created=now - timedelta(days=400))
    active = Shopper.objects.create(created=now - timedelta(days=400))
    Event.objects.create(shopper=active, kind="search", query="lamp")
    retention.delete_old_events()
    assert set(Shopper.objects.all()) == {young, signed_in, active}
    assert gone not in Shopper.objects.all()
