"""`manage.py genai_rollback`: one step back each time."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from shop_genai import registry
from shop_genai.models import Promotion
from tests.fakes.weights import NAME, export, metrics, weighty

pytestmark = pytest.mark.django_db


def test_back_to_the_package_and_no_further(tmp_path: Path) -> None:
    weighty(export(tmp_path / "package", "1.0", metrics(30.0)))
    registry.promote(registry.register(export(tmp_path / "new", "2.0", metrics(31.0))))
    out = StringIO()
    call_command("genai_rollback", NAME, "--reason", "banding", stdout=out)
    assert "use 1.0" in out.getvalue()
    assert "before: 2.0" in out.getvalue()
    assert Promotion.objects.latest("id").reason == "banding"
    with pytest.raises(CommandError, match="nothing_to_roll_back") as caught:
        call_command("genai_rollback", NAME)
    assert caught.value.returncode == 3


def test_a_recipe_that_is_not_installed() -> None:
    with pytest.raises(CommandError, match="unknown_recipe") as caught:
        call_command("genai_rollback", "paint")
    assert caught.value.returncode == 1
