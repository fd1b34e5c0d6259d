"""The audit's lines belong together by a keyed hash, and name nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from shop_genai import audit, ledger
from shop_genai.audit import Kind
from shop_genai.models import Shopper, TryOnAudit

pytestmark = pytest.mark.django_db


def test_a_pseudonym_stands_for_one_shopper_and_needs_the_shops_secret(settings: Any, user: User) -> None:
    shopper, other = Shopper.objects.create(user=user), Shopper.objects.create()
    mine = audit.pseudonym(shopper)
    assert mine == audit.pseudonym(Shopper.objects.get(pk=shopper.pk))
    assert mine != audit.pseudonym(other)
    assert len(mine) == 32
    settings.SECRET_KEY = "another"
    assert audit.pseudonym(shopper) != mine


def test_counting_looks_at_one_shopper_one_kind_and_a_time() -> None:
    shopper, other, now = Shopper.objects.create(), Shopper.objects.create(), ledger.now()
    for who, kind, hours in ((shopper, Kind.UPLOAD, 1), (shopper, Kind.UPLOAD, 30), (shopper, Kind.SUBMIT, 1)):
        audit.note(kind, who)
        TryOnAudit.objects.filter(pk=TryOnAudit.objects.latest("pk").pk).update(at=now - timedelta(hours=hours))
    audit.note(Kind.UPLOAD, other)
    day = now - timedelta(hours=24)
    assert audit.count(Kind.UPLOAD, shopper, day) == 1
    assert audit.earliest(Kind.UPLOAD, shopper, day) == now - timedelta(hours=1)
    assert audit.earliest(Kind.DELETE, shopper, day) is None
    assert audit.delete_before(day) == 1
    assert TryOnAudit.objects.count() == 3


def test_a_long_code_of_a_third_party_fits() -> None:
    audit.note(Kind.REFUSE, Shopper.objects.create(), code="x" * 200)
    assert TryOnAudit.objects.get().code == "x" * 64
