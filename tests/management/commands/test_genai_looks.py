"""`manage.py genai_looks`: looks computed now, and a word on how many there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from shop_genai import looks, recipes
from shop_genai.models import Weights
from tests.conftest import draw_photo
from tests.fakes.looks import variant
from tests.fakes.shop import make_photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def network(db: None, tmp_path: Path) -> Iterator[None]:
    """Promoted weights of a variant network that needs no torch."""
    recipes.unregister("variant")
    recipes.register(variant())
    (tmp_path / "cd").mkdir()
    Weights.objects.create(recipe="variant", digest="cd" * 32, version="2", folder=str(tmp_path / "cd"), promoted=True)
    yield
    looks._refused.clear()


def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    make_photo(draw_photo())
    call_command("genai_looks", "--status")
    assert capsys.readouterr().out == "variant 2: 0 looks, 0 pictures without one.\n"
    call_command("genai_looks", "--batch", "1")
    out = capsys.readouterr().out
    assert "1 seen" in out
    assert "1 tracked" in out
    assert "1 looks, 0 pictures without one." in out
    call_command("genai_looks")
    assert "nothing to do" in capsys.readouterr().out


def test_the_command_without_a_network(capsys: pytest.CaptureFixture[str]) -> None:
    recipes.unregister("variant")
    with pytest.raises(CommandError):
        call_command("genai_looks")
    call_command("genai_looks", "--status")
    assert "no weights" in capsys.readouterr().out
