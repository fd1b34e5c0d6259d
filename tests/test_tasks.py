"""The doorbell and the sweep: a lost message loses nothing, a needless one does nothing."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from celery import current_app
from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone

from shop_genai import ledger, tasks, worker
from shop_genai.models import Job, Lane, LaneState, ProductImage, Status
from shop_genai.submission import submit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invert")]

Queue = Callable[..., list[Job]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queues that doorbells were sent to. Nothing reaches a broker."""
    rung: list[str] = []
    for task in tasks.DOORBELLS.values():
        monkeypatch.setattr(task, "apply_async", lambda **options: rung.append(options["queue"]))
    return rung


@pytest.fixture
def queue(user: User, upload: Callable[..., ProductImage], sent: list[str]) -> Queue:
    """``queue(3)``: that many jobs, each on a picture of its own."""

    def queue(count: int = 1, **options: Any) -> list[Job]:
        pictures = [upload(user, width=40 + number) for number in range(count)]
        return [submit(recipe="invert", inputs={"image": one}, owner=user, **options).job for one in pictures]

    return queue


def statuses() -> set[str]:
    return set(Job.objects.values_list("status", flat=True))


# Ringing --------------------------------------------------------------------------------------------------


def test_a_message_names_a_lane_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, Any]] = []
    monkeypatch.setattr(tasks.bulk, "apply_async", lambda *args, **options: calls.append((args, options)))
    tasks.ring(Lane.BULK)
    [(args, options)] = calls
    assert args == ()
    assert options == {"queue": "bulk", **tasks.PUBLISH}
    assert options["ignore_result"]


def test_a_second_ring_is_covered_by_the_first_until_it_is_heard_or_lost(sent: list[str]) -> None:
    for _time in range(5):
        tasks.ring(Lane.BULK)
    tasks.ring(Lane.INTERACTIVE)
    assert sent == ["bulk", "interactive"]
    LaneState.objects.update(rung_at=timezone.now() - timedelta(seconds=31))
    tasks.ring(Lane.BULK)
    assert sent[2:] == ["bulk"]
    ledger.lift(Lane.BULK)
    tasks.ring(Lane.BULK)
    assert sent[3:] == ["bulk"]
    assert LaneState.objects.get(lane=Lane.BULK).rings == 3


def test_a_broken_broker_is_logged_and_the_ring_taken_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(**options: Any) -> None:
        raise ConnectionRefusedError("no broker")

    monkeypatch.setattr(tasks.bulk, "apply_async", refuse)
    with caplog.at_level(logging.WARNING, tasks.__name__):
        tasks.ring(Lane.BULK)
    assert "took no doorbell for lane bulk" in caplog.text
    state = LaneState.objects.get(lane=Lane.BULK)
    assert (state.rung_at, state.rings) == (None, 0)


def test_a_broken_database_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, sent: list[str]
) -> None:
    def refuse(lane: str) -> bool:
        raise OperationalError("no database")

    monkeypatch.setattr(ledger, "press", refuse)
    with caplog.at_level(logging.WARNING, tasks.__name__):
        tasks.ring(Lane.BULK)
    assert "could not be noted" in caplog.text
    assert sent == []


# Answering ------------------------------------------------------------------------------------------------


def test_a_doorbell_empties_its_lane_and_no_other(queue: Queue, sent: list[str]) -> None:
    bulk = queue(2)
    [other] = queue(1, lane=Lane.INTERACTIVE, seed=1)
    tasks.ring(Lane.BULK)
    sent.clear()
    tasks.answer(Lane.BULK)
    assert {Job.objects.get(id=job.id).status for job in bulk} == {Status.SUCCEEDED}
    assert Job.objects.get(id=other.id).status == Status.QUEUED
    state = LaneState.objects.get(lane=Lane.BULK)
    assert (state.rung_at, state.claims) == (None, 1)
    assert sent == []  # one batch took all there was: nobody else is needed


def test_what_somebody_waits_for_goes_before_the_next_bulk_batch(
    queue: Queue, sent: list[str], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "BATCH_LIMIT": 1}
    bulk = queue(3)
    monkeypatch.setattr(tasks, "_lanes", {"interactive", "bulk"})
    claimed: list[Any] = []

    def run(jobs: list[Job]) -> None:
        claimed.extend(job.id for job in jobs)
        if len(claimed) == 1:
            queue(1, lane=Lane.INTERACTIVE, seed=1)

    monkeypatch.setattr(worker, "run_batch", run)
    tasks.answer(Lane.BULK, eager=True)
    assert [claimed[0], *claimed[2:]] == [job.id for job in bulk]
    assert Job.objects.get(id=claimed[1]).lane == Lane.INTERACTIVE


def test_a_worker_of_one_lane_takes_nothing_of_the_other(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(1)
    [other] = queue(1, lane=Lane.INTERACTIVE, seed=1)
    monkeypatch.setattr(tasks, "_lanes", {"bulk"})
    tasks.answer(Lane.BULK, eager=True)
    assert Job.objects.get(id=other.id).status == Status.QUEUED


def test_a_needless_doorbell_does_nothing(sent: list[str]) -> None:
    tasks.answer(Lane.BULK)
    assert sent == []


def test_other_workers_are_rung_for_before_the_work_starts(
    queue: Queue, sent: list[str], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "BATCH_LIMIT": 1}
    queue(3)
    sent.clear()
    ledger.lift(Lane.BULK)
    rung_at_start: list[list[str]] = []
    run_batch = worker.run_batch

    def watched(jobs: list[Job]) -> None:
        rung_at_start.append(list(sent))
        run_batch(jobs)

    monkeypatch.setattr(worker, "run_batch", watched)
    tasks.answer(Lane.BULK)
    assert rung_at_start == [["bulk"]] * 3
    assert statuses() == {Status.SUCCEEDED}
    assert LaneState.objects.get(lane=Lane.BULK).claims == 3


def test_after_its_slice_of_time_a_doorbell_makes_room_and_rings(
    queue: Queue, sent: list[str], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "BATCH_LIMIT": 1}
    monkeypatch.setattr(tasks, "SLICE_SECONDS", 0.0)
    queue(2)
    tasks.answer(Lane.BULK)
    assert Job.objects.filter(status=Status.SUCCEEDED).count() == 1
    assert LaneState.objects.get(lane=Lane.BULK).rung_at is not None  # the bell rings for the other one
    assert sent[-1] == "bulk"


def test_an_eager_host_works_everything_off_and_rings_for_nobody(
    queue: Queue, sent: list[str], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "BATCH_LIMIT": 1}
    monkeypatch.setattr(tasks, "SLICE_SECONDS", 0.0)
    queue(3)
    sent.clear()
    tasks.bulk.apply()
    assert statuses() == {Status.SUCCEEDED}
    assert sent == []


def test_a_database_that_goes_away_ends_the_answer_quietly(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(lane: str, name: str) -> list[Job]:
        raise OperationalError("no database")

    monkeypatch.setattr(ledger, "claim", refuse)
    with caplog.at_level(logging.WARNING, tasks.__name__):
        tasks.answer(Lane.BULK)
    assert "the database does not answer" in caplog.text


# Sweeping -------------------------------------------------------------------------------------------------


def test_a_sweep_rings_for_what_a_lost_message_left_behind(queue: Queue, sent: list[str]) -> None:
    queue(2)
    sent.clear()
    ledger.lift(Lane.BULK)  # the ring was noted, but its message is gone
    tasks.sweep()
    tasks.sweep()
    assert sent == ["bulk"]


def test_a_sweep_brings_a_dead_workers_job_back_to_work(queue: Queue, sent: list[str]) -> None:
    [job] = queue()
    ledger.claim(Lane.BULK, "the worker that dies")
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    ledger.lift(Lane.BULK)
    sent.clear()
    tasks.sweep()
    assert sent == ["bulk"]
    tasks.answer(Lane.BULK)
    job.refresh_from_db()
    assert (job.status, job.attempt, job.crashes) == (Status.SUCCEEDED, 2, 1)


def test_a_sweep_closes_what_came_too_late_and_does_not_ring_for_it(queue: Queue, sent: list[str]) -> None:
    queue()
    Job.objects.update(deadline=timezone.now() - timedelta(seconds=1))
    sent.clear()
    tasks.sweep()
    assert (statuses(), sent) == ({Status.EXPIRED}, [])


def test_the_sweeping_thread_outlives_an_outage(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise OperationalError("no database")

    monkeypatch.setattr(tasks, "sweep", refuse)
    monkeypatch.setattr(tasks.connections, "close_all", lambda: None)
    with caplog.at_level(logging.ERROR, tasks.__name__):
        tasks.Sweeper().once()
    assert "A sweep failed" in caplog.text


# Processes ------------------------------------------------------------------------------------------------


def an_app(*queues: str) -> Any:
    return SimpleNamespace(amqp=SimpleNamespace(queues=SimpleNamespace(consume_from=dict.fromkeys(queues))))


def test_a_worker_that_connects_looks_into_the_lanes_it_serves(sent: list[str]) -> None:
    tasks.ready(sender=SimpleNamespace(app=an_app("bulk", "mail")))
    assert sent == ["bulk"]


def test_a_hosts_other_workers_neither_sweep_nor_ring(sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(tasks.Sweeper, "start", lambda self: started.append(self.name))
    monkeypatch.setattr(tasks, "_lanes", {"interactive", "bulk"})
    tasks.after_setup("mail@host", SimpleNamespace(app=an_app("mail"), concurrency=1))
    tasks.process_init()
    tasks.ready(sender=SimpleNamespace(app=an_app("mail")))
    assert (started, sent) == ([], [])


def test_cores_are_shared_out_among_the_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    monkeypatch.setattr(tasks, "_lanes", {"interactive", "bulk"})
    tasks.after_setup("w@host", SimpleNamespace(app=an_app("bulk"), concurrency=3))
    assert os.environ.pop("OMP_NUM_THREADS") == "2"


def test_an_idle_process_ends_at_once_and_a_busy_one_gives_back_first(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append((pid, number)))
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    monkeypatch.setattr(worker, "stop", lambda: True)
    tasks.end_process(signal.SIGTERM, None)
    assert killed == []
    monkeypatch.setattr(worker, "stop", lambda: False)
    tasks.end_process(signal.SIGTERM, None)
    assert killed == [(os.getpid(), signal.SIGTERM)]


def test_a_warm_shutdown_waits_for_the_grace(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "GRACE_SECONDS": 0.01}
    ended = threading.Event()
    monkeypatch.setattr(tasks, "_end_pool", ended.set)
    monkeypatch.setattr(tasks, "_closing", threading.Event())
    tasks.shutting_down(how="Cold")
    assert not ended.wait(0.1)
    tasks.shutting_down(how="Warm")
    assert ended.wait(5)


def test_a_process_that_replaces_another_during_a_shutdown_takes_no_jobs(
    queue: Queue, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    [job] = queue()
    sent.clear()
    monkeypatch.setattr(tasks, "_closing", threading.Event())
    tasks.shutting_down(how="Cold")
    tasks.answer(job.lane)
    job.refresh_from_db()
    assert (job.status, job.attempt, sent) == (Status.QUEUED, 0, [])


def test_the_tasks_are_found_by_their_names() -> None:
    assert {"shop_genai.interactive", "shop_genai.bulk", "shop_genai.sweep"} <= set(current_app.tasks)
