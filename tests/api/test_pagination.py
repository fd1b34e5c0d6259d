"""Pages stay in place while rows arrive and go."""

from __future__ import annotations

import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from shop_genai.api.pagination import Cursor, InvalidCursor, paginate
from shop_genai.models import Job
from tests.api.conftest import API

JOBS = f"{API}jobs/"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MakeJob = Callable[..., Job]


def walk(size: int, forward: bool = True, start: str | None = None) -> list[uuid.UUID]:
    """Every id from a cursor to the end, page by page."""
    seen: list[uuid.UUID] = []
    cursor = start
    while True:
        page = paginate(Job.objects.all(), cursor, size)
        assert len(page.rows) <= size
        seen += [row.pk for row in (page.rows if forward else reversed(page.rows))]
        follows = page.next if forward else page.previous
        if follows is None:
            return seen
        cursor = follows.encode()


@given(st.datetimes(timezones=st.just(UTC)), st.uuids(), st.booleans())
def test_cursors_survive_the_wire(created: datetime, row: uuid.UUID, back: bool) -> None:
    cursor = Cursor(created, row, back)
    assert Cursor.decode(cursor.encode()) == cursor
    assert cursor.encode().isascii()
    assert "=" not in cursor.encode()


def coded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "=",
        "é",
        coded(""),
        coded("n"),
        coded("n2026-11-24T12:00:00+00:00"),
        coded("n2026-11-24T12:00:00~" + "0" * 32),  # no zone
        coded("n2026-11-24T12:00:00+01:00~" + "0" * 32),  # not in UTC
        coded("x2026-11-24T12:00:00+00:00~" + "0" * 32),  # no direction
        coded("n2026-11-24T12:00:00+00:00~" + "0" * 31),
        coded("n2026-11-24T12:00:00+00:00~" + "A" * 32),  # not as written
        coded("n99999-11-24T12:00:00+00:00~" + "0" * 32),
    ],
)
def test_forged_cursors_are_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        Cursor.decode(text)


@given(st.text(max_size=200))
def test_no_text_breaks_the_decoder(text: str) -> None:
    try:
        cursor = Cursor.decode(text)
    except InvalidCursor:
        return
    assert cursor.encode() == text


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 3, 7, 50])
def test_every_row_is_seen_once_in_both_directions(user: User, make_job: MakeJob, size: int) -> None:
    for number in range(14):
        make_job(user, created=NOON + timedelta(seconds=number // 4))  # up to four at the same moment
    expected = [job.pk for job in Job.objects.order_by("-created", "id")]
    assert walk(size) == expected
    oldest = Job.objects.order_by("created", "-id")[0]
    beyond = Cursor(oldest.created - timedelta(seconds=1), oldest.pk, back=True)
    assert walk(size, forward=False, start=beyond.encode()) == expected[::-1]


@pytest.mark.django_db
def test_rows_that_arrive_meanwhile_move_nothing(user: User, make_job: MakeJob) -> None:
    for number in range(6):
        make_job(user, created=NOON + timedelta(seconds=number))
    expected = [job.pk for job in Job.objects.order_by("-created", "id")]
    first = paginate(Job.objects.all(), None, 2)
    assert first.next is not None
    newer = [make_job(user, created=NOON + timedelta(minutes=1 + number)) for number in range(3)]
    Job.objects.get(pk=expected[0]).delete()
    second = paginate(Job.objects.all(), first.next.encode(), 2)
    assert [row.pk for row in second.rows] == expected[2:4]
    assert second.previous is not None
    back = paginate(Job.objects.all(), second.previous.encode(), 50)
    assert [row.pk for row in back.rows] == [newer[2].pk, newer[1].pk, newer[0].pk, expected[1]]
    assert back.previous is None


@pytest.mark.django_db
def test_ends_have_no_neighbours(user: User, make_job: MakeJob) -> None:
    empty = paginate(Job.objects.all(), None, 2)
    assert (empty.rows, empty.next, empty.previous) == ([], None, None)
    make_job(user)
    make_job(user)
    whole = paginate(Job.objects.all(), None, 2)
    assert (len(whole.rows), whole.next, whole.previous) == (2, None, None)


@pytest.mark.django_db
def test_links_keep_the_filters(client_of: Callable[..., APIClient], user: User, make_job: MakeJob) -> None:
    for _number in range(3):
        make_job(user)
    make_job(user, status="failed")
    client = client_of(user)
    first = client.get(f"{JOBS}?status=queued&page_size=2").json()
    assert first["previous"] is None
    second = client.get(first["next"]).json()
    assert [row["status"] for row in second["results"]] == ["queued"]
    assert second["next"] is None
    assert client.get(second["previous"]).json()["results"] == first["results"]


@pytest.mark.django_db
def test_forged_cursors_are_a_400(client_of: Callable[..., APIClient], user: User, problem: Callable[..., Any]) -> None:
    problem(client_of(user).get(f"{JOBS}?cursor=abc"), 400, "invalid_cursor")
    problem(client_of(user).get(f"{JOBS}?cursor={'a' * 201}"), 400, "invalid_request")


@pytest.mark.django_db
def test_times_in_another_zone_are_written_in_utc(user: User, make_job: MakeJob) -> None:
    for _number in range(2):
        make_job(user)
    with override_settings(TIME_ZONE="Asia/Shanghai"):
        page = paginate(Job.objects.all(), None, 1)
        assert page.next is not None
        assert Cursor.decode(page.next.encode()).created.utcoffset() == timedelta(0)
        assert len(paginate(Job.objects.all(), page.next.encode(), 1).rows) == 1
