"""`manage.py genai_promote`: what it says, and its exit status."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from shop_genai import registry
from shop_genai.models import Promotion, Weights
from tests.fakes.weights import NAME, export, metrics, weighty

pytestmark = pytest.mark.django_db


def said(*arguments: Any) -> str:
    out = StringIO()
    call_command("genai_promote", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def better(tmp_path: Path) -> Weights:
    weighty(export(tmp_path / "package", "1.0", metrics(30.0)))
    return registry.register(export(tmp_path / "new", "2.0", metrics(31.0)))


def test_better_weights_by_version_or_digest(better: Weights) -> None:
    text = said(NAME, better.digest[:8])
    assert "better Sharpness 30.00 → 31.00" in text
    assert f"use 2.0 ({better.digest[:12]}) now; before: 1.0" in text
    assert Promotion.objects.get().by is None


def test_worse_weights_end_with_status_three(tmp_path: Path) -> None:
    registry.register(export(tmp_path / "worse", "0.9", metrics(20.0)))
    with pytest.raises(CommandError, match="weights_not_better") as caught:
        said(NAME, "0.9")
    assert caught.value.returncode == 3
    assert said(NAME, "0.9", "--force", "--reason", "a test").endswith("before: 1.0.\n")
    assert Promotion.objects.get().reason == "a test"


def test_names_that_are_not_known_end_with_status_one() -> None:
    for arguments in ([NAME, "7.0"], ["paint", "1.0"]):
        with pytest.raises(CommandError) as caught:
            said(*arguments)
        assert caught.value.returncode == 1


def test_force_needs_a_reason() -> None:
    with pytest.raises(CommandError, match="--reason"):
        said(NAME, "2.0", "--force", "--reason", " ")


def test_a_user_is_named_and_must_be_allowed(staff: User, user: User) -> None:
    with pytest.raises(CommandError, match="permission_denied"):
        said(NAME, "2.0", "--user", user.username)
    with pytest.raises(CommandError, match="no user"):
        said(NAME, "2.0", "--user", "nobody")
    said(NAME, "2.0", "--user", staff.username)
    assert Promotion.objects.get().by == staff
