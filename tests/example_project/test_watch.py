"""Watching job rows: it ends when all are over, and says so when nobody works."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from rich.console import Console

from example_project.shop.demo import watch as watching
from example_project.shop.demo.watch import NothingHappens, Watched, watch
from shop_genai import submission
from shop_genai.models import Job, ProductImage, Status
from shop_genai.recipes import Recipe

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "POLL_SECONDS", 0.01)


@pytest.fixture
def queued(invert: Recipe, user: User, upload: Callable[..., ProductImage]) -> list[Watched]:
    images = [upload(user, width=40 + n) for n in range(3)]
    submitted = submission.submit_many(images, recipe="invert", params={}, owner=user)
    return [Watched(one.job.id, f"photo {n}") for n, one in enumerate(submitted)]


def console(terminal: bool = False) -> tuple[Console, StringIO]:
    written = StringIO()
    return Console(file=written, force_terminal=terminal, width=100), written


def once(work: Callable[[], Any]) -> Callable[[], None]:
    """A ``check`` that does some work at the second look."""
    looks = []

    def check() -> None:
        looks.append(None)
        if len(looks) == 2:
            work()

    return check


def test_it_ends_when_every_job_is_over_and_tells_each_step(queued: list[Watched], drain: Callable[..., int]) -> None:
    shown, written = console()
    watch(queued, shown, check=once(drain))
    assert set(Job.objects.values_list("status", flat=True)) == {Status.SUCCEEDED}
    assert written.getvalue().splitlines() == ["     0 %, 0 of 3 done", "   100 %, 3 of 3 done"]


def test_a_terminal_gets_a_bar_for_each_photo(queued: list[Watched], drain: Callable[..., int]) -> None:
    shown, written = console(terminal=True)
    watch(queued, shown, check=once(drain))
    assert all(one.title in written.getvalue() for one in queued)
    assert "3 of 3 done" not in written.getvalue()


def test_many_photos_share_one_bar(
    queued: list[Watched], drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "ROWS", 2)
    shown, written = console(terminal=True)
    watch(queued, shown, check=once(drain))
    assert "all photos" in written.getvalue()
    assert "photo 0" not in written.getvalue()


def test_it_says_how_to_start_a_worker_when_nobody_takes_a_job(
    queued: list[Watched], drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "HINT_SECONDS", -1.0)
    shown, written = console()
    watch(queued, shown, check=once(drain))
    assert written.getvalue().count("celery -A example_project worker") == 1


def test_it_gives_up_when_nothing_moves(queued: list[Watched], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "SILENCE_SECONDS", 0.05)
    with pytest.raises(NothingHappens, match="No job moved"):
        watch(queued, console()[0], check=lambda: None)
    assert set(Job.objects.values_list("status", flat=True)) == {Status.QUEUED}


def test_a_worker_that_is_gone_ends_it(queued: list[Watched]) -> None:
    def gone() -> None:
        raise RuntimeError("the worker is gone")

    with pytest.raises(RuntimeError, match="is gone"):
        watch(queued, console()[0], check=gone)
