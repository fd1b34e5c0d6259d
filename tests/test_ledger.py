"""The ledger: who may move a job where, and what a late or stale step changes (nothing)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.utils import timezone

from shop_genai import ledger
from shop_genai.errors import OutOfMemory, PipelineFailed, StorageUnavailable, WrongState
from shop_genai.ledger import Claim, Finished, Verdict
from shop_genai.models import GeneratedImage, Job, JobEvent, Lane, LaneState, ProductImage, Status

pytestmark = pytest.mark.django_db

LATER = timedelta(days=1)


@pytest.fixture
def photo(user: User) -> ProductImage:
    return ProductImage.objects.create(
        owner=user,
        storage="private",
        name="p.jpg",
        sha256="0" * 64,
        format="JPEG",
        width=4,
        height=4,
        bytes=9,
    )


@pytest.fixture
def enqueue(photo: ProductImage) -> Callable[..., Job]:
    """``enqueue(key="a", **fields)``: one queued job of recipe “invert”."""

    def enqueue(key: str = "a", **fields: Any) -> Job:
        fields = {"batch_key": "b", "batch_limit": 8, "lane": Lane.BULK, **fields}
        job = Job(owner=photo.owner, recipe="invert", key=key, **fields)
        ledger.enqueue(job, {"image": photo})
        return job

    return enqueue


def claim_one(lane: str = Lane.BULK) -> tuple[Job, Claim]:
    [job] = ledger.claim(lane, "worker-1")
    return job, Claim.of(job)


def result_for(job: Job, photo: ProductImage) -> GeneratedImage:
    return GeneratedImage(
        job=job,
        source=photo,
        storage="private",
        name="r.jpg",
        sha256="1" * 64,
        format="JPEG",
        width=4,
        height=4,
        bytes=9,
    )


def events(job: Job) -> list[str]:
    return list(JobEvent.objects.filter(job=job).values_list("kind", flat=True))


def expire_lease(job: Job) -> None:
    Job.objects.filter(id=job.id).update(lease_until=timezone.now() - timedelta(seconds=1))


# Claiming -----------------------------------------------------------------------------------------------


def test_claim_takes_the_job_with_its_inputs_and_notes_it(enqueue: Callable[..., Job], photo: ProductImage) -> None:
    queued = enqueue(params={"seconds": 0.5})
    job, claim = claim_one()
    assert (job.id, job.status, job.attempt, job.fence, job.worker) == (
        queued.id,
        "running",
        1,
        1,
        "worker-1",
    )
    assert job.params == {"seconds": 0.5}
    assert [(entry.slot, entry.image) for entry in job.inputs.all()] == [("image", photo)]
    assert job.lease_until is not None
    assert job.lease_until > timezone.now()
    assert claim == Claim(queued.id, 1, 1)
    assert events(job) == ["queued", "claimed"]


def test_what_is_claimed_is_not_claimed_again(enqueue: Callable[..., Job]) -> None:
    enqueue()
    assert len(ledger.claim(Lane.BULK, "a")) == 1
    assert ledger.claim(Lane.BULK, "b") == []


def test_a_batch_shares_key_and_lane_and_stays_in_order(enqueue: Callable[..., Job]) -> None:
    first = enqueue("1")
    other = enqueue("2", batch_key="other")
    second = enqueue("3")
    elsewhere = enqueue("4", lane=Lane.INTERACTIVE)
    assert [job.id for job in ledger.claim(Lane.BULK, "w")] == [first.id, second.id]
    assert [job.id for job in ledger.claim(Lane.BULK, "w")] == [other.id]
    assert [job.id for job in ledger.claim(Lane.INTERACTIVE, "w")] == [elsewhere.id]


def test_a_batch_is_no_larger_than_its_head_allows(enqueue: Callable[..., Job]) -> None:
    for number in range(5):
        enqueue(str(number), batch_limit=2)
    assert [len(ledger.claim(Lane.BULK, "w")) for _round in range(4)] == [2, 2, 1, 0]


def test_priority_goes_before_age(enqueue: Callable[..., Job]) -> None:
    enqueue("old", batch_key="x")
    urgent = enqueue("urgent", batch_key="y", priority=5)
    assert claim_one()[0].id == urgent.id


def test_a_job_waits_until_run_after(enqueue: Callable[..., Job]) -> None:
    job = enqueue()
    Job.objects.update(run_after=timezone.now() + LATER)
    assert ledger.claim(Lane.BULK, "w") == []
    assert not ledger.due(Lane.BULK)
    Job.objects.update(run_after=timezone.now())
    assert ledger.due(Lane.BULK)
    assert claim_one()[0].id == job.id


def test_a_job_whose_worker_died_is_claimed_alone(enqueue: Callable[..., Job]) -> None:
    crashed, neighbour, third = enqueue("1"), enqueue("2"), enqueue("3")
    Job.objects.filter(id=crashed.id).update(crashes=1)
    assert [job.id for job in ledger.claim(Lane.BULK, "w")] == [crashed.id]
    assert [job.id for job in ledger.claim(Lane.BULK, "w")] == [neighbour.id, third.id]


def test_one_owner_has_one_active_job_per_content_key(enqueue: Callable[..., Job]) -> None:
    enqueue("same")
    with pytest.raises(IntegrityError):
        enqueue("same")


# Heartbeats ---------------------------------------------------------------------------------------------


def test_a_heartbeat_extends_the_lease_and_writes_progress(enqueue: Callable[..., Job]) -> None:
    enqueue()
    job, claim = claim_one()
    expire_lease(job)
    assert ledger.heartbeat([claim], 0.25) == {job.id: Verdict.OK}
    job.refresh_from_db()
    assert job.progress == 0.25
    assert job.lease_until is not None
    assert job.lease_until > timezone.now() + timedelta(seconds=30)


def test_a_heartbeat_tells_each_job_apart(enqueue: Callable[..., Job]) -> None:
    for number in range(4):
        enqueue(str(number))
    fine, cancelled, late, lost = ledger.claim(Lane.BULK, "w")
    ledger.cancel(cancelled)
    Job.objects.filter(id=late.id).update(deadline=timezone.now() - timedelta(seconds=1))
    Job.objects.filter(id=lost.id).update(fence=7)
    verdicts = ledger.heartbeat([Claim.of(job) for job in (fine, cancelled, late, lost)])
    assert verdicts == {
        fine.id: Verdict.OK,
        cancelled.id: Verdict.CANCEL,
        late.id: Verdict.EXPIRED,
        lost.id: Verdict.LOST,
    }
    assert ledger.heartbeat([]) == {}


# Closing ------------------------------------------------------------------------------------------------


def test_finish_publishes_the_result_with_the_status(enqueue: Callable[..., Job], photo: ProductImage) -> None:
    enqueue()
    job, claim = claim_one()
    assert ledger.finish(claim, result_for(job, photo), seconds=1.5, device="cpu")
    job.refresh_from_db()
    assert (job.status, job.progress, job.seconds, job.device) == ("succeeded", 1.0, 1.5, "cpu")
    assert job.result.source == photo
    assert job.active_key is not None  # the same request is answered by this job from now on
    assert events(job) == ["queued", "claimed", "succeeded"]


def test_a_stale_worker_publishes_nothing(enqueue: Callable[..., Job], photo: ProductImage) -> None:
    enqueue()
    job, stale = claim_one()
    expire_lease(job)
    ledger.sweep()
    _job, fresh = claim_one()
    assert not ledger.finish(stale, result_for(job, photo))
    assert ledger.fail(stale, PipelineFailed("late")) == Verdict.LOST
    assert ledger.close_cancelled(stale) == Verdict.LOST
    ledger.give_back([stale])
    assert GeneratedImage.objects.count() == 0
    assert ledger.finish(fresh, result_for(job, photo))
    assert not ledger.finish(fresh, result_for(job, photo))
    assert GeneratedImage.objects.count() == 1


def test_of_a_batch_only_what_is_still_held_is_published(enqueue: Callable[..., Job], photo: ProductImage) -> None:
    enqueue("1")
    enqueue("2")
    jobs = ledger.claim(Lane.BULK, "w")
    Job.objects.filter(id=jobs[0].id).update(fence=9)
    finished = [Finished(Claim.of(job), result_for(job, photo), 0.1 * n) for n, job in enumerate(jobs)]
    assert ledger.finish_many(finished) == {jobs[1].id}
    assert list(GeneratedImage.objects.values_list("job", flat=True)) == [jobs[1].id]


def test_a_failure_that_a_retry_helps_waits_longer_each_time(enqueue: Callable[..., Job]) -> None:
    enqueue()
    waits = []
    for retries in range(1, 4):
        job, claim = claim_one()
        before = timezone.now()
        assert ledger.fail(claim, StorageUnavailable("The storage is away.")) == Status.QUEUED
        job.refresh_from_db()
        assert (job.retries, job.error_code) == (retries, "storage_unavailable")
        waits.append((job.run_after - before).total_seconds())
        Job.objects.update(run_after=timezone.now())
    for wait, expected in zip(waits, (5, 10, 20), strict=True):
        assert 0.75 * expected <= wait <= 1.25 * expected + 1


def test_retries_end_except_for_outages(enqueue: Callable[..., Job], settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "MAX_RETRIES": 1}
    enqueue("1")
    for expected in (Status.QUEUED, Status.FAILED):
        job, claim = claim_one()
        assert ledger.fail(claim, OutOfMemory("Too large.")) == expected
        Job.objects.filter(status=Status.QUEUED).update(run_after=timezone.now())
    assert events(job) == ["queued", "claimed", "retrying", "claimed", "failed"]
    enqueue("2")
    for _time in range(3):
        job, claim = claim_one()
        assert ledger.fail(claim, StorageUnavailable("Away.")) == Status.QUEUED
        Job.objects.filter(status=Status.QUEUED).update(run_after=timezone.now())


def test_after_running_out_of_memory_a_job_comes_back_alone(enqueue: Callable[..., Job]) -> None:
    enqueue("1")
    enqueue("2")
    first, second = ledger.claim(Lane.BULK, "w")
    for job in (first, second):
        ledger.fail(Claim.of(job), OutOfMemory("Too large."))
    Job.objects.update(run_after=timezone.now())
    assert [len(ledger.claim(Lane.BULK, "w")) for _round in range(3)] == [1, 1, 0]


def test_a_final_failure_frees_the_content_key(enqueue: Callable[..., Job]) -> None:
    enqueue("same")
    job, claim = claim_one()
    assert ledger.fail(claim, PipelineFailed("No."), seconds=2.0) == Status.FAILED
    job.refresh_from_db()
    assert (job.error_code, job.error_message, job.active_key, job.seconds) == (
        "pipeline_failed",
        "No.",
        None,
        2.0,
    )
    assert job.finished is not None
    assert enqueue("same").id != job.id


def test_a_job_given_back_has_not_crashed(enqueue: Callable[..., Job]) -> None:
    enqueue("1")
    enqueue("2")
    kept, unwanted = ledger.claim(Lane.BULK, "w")
    ledger.cancel(unwanted)
    ledger.give_back([Claim.of(kept), Claim.of(unwanted)])
    ledger.give_back([])
    kept.refresh_from_db()
    unwanted.refresh_from_db()
    assert (kept.status, kept.crashes, kept.retries) == ("queued", 0, 0)
    assert unwanted.status == "cancelled"
    assert claim_one()[1].fence == 2


# Wishes -------------------------------------------------------------------------------------------------


def test_cancelling_a_waiting_job_is_immediate(enqueue: Callable[..., Job]) -> None:
    job = enqueue("same")
    assert ledger.cancel(job) == Status.CANCELLED
    assert job.finished is not None
    assert ledger.claim(Lane.BULK, "w") == []
    with pytest.raises(WrongState):
        ledger.cancel(job)
    enqueue("same")


def test_cancelling_a_running_job_is_noted_and_outlives_its_worker(enqueue: Callable[..., Job]) -> None:
    enqueue()
    job, claim = claim_one()
    assert ledger.cancel(job) == Status.RUNNING
    assert job.active_key is None
    expire_lease(job)
    assert ledger.sweep().cancelled == 1
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    assert events(job) == ["queued", "claimed", "cancel_requested", "cancelled"]
    assert ledger.heartbeat([claim]) == {job.id: Verdict.LOST}


def test_the_worker_closes_what_was_cancelled_or_came_too_late(enqueue: Callable[..., Job]) -> None:
    enqueue("1")
    enqueue("2")
    one, two = ledger.claim(Lane.BULK, "w")
    assert ledger.close_cancelled(Claim.of(one)) == Status.CANCELLED
    assert ledger.close_expired(Claim.of(two)) == Status.EXPIRED
    assert ledger.close_expired(Claim.of(two)) == Verdict.LOST


@pytest.mark.parametrize("status", [Status.FAILED, Status.DEAD, Status.CANCELLED, Status.EXPIRED])
def test_retry_starts_afresh(enqueue: Callable[..., Job], status: Status) -> None:
    job = enqueue()
    Job.objects.update(
        status=status,
        finished=timezone.now(),
        active_key=None,
        crashes=3,
        retries=4,
        cancel_requested=True,
        error_code="x",
    )
    job.refresh_from_db()
    ledger.retry(job)
    assert (job.status, job.crashes, job.retries, job.cancel_requested) == ("queued", 0, 0, False)
    assert (job.error_code, job.finished, job.active_key) == (
        "",
        None,
        ledger.active_key(job.owner_id, job.key),
    )
    assert events(job)[-1] == "retried"
    assert claim_one()[0].id == job.id


def test_retry_refuses_what_is_not_over_or_is_done_elsewhere(enqueue: Callable[..., Job]) -> None:
    job = enqueue("same")
    with pytest.raises(WrongState, match="Queued"):
        ledger.retry(job)
    ledger.cancel(job)
    enqueue("same")
    with pytest.raises(WrongState, match="another job"):
        ledger.retry(job)


# The sweep ----------------------------------------------------------------------------------------------


def test_a_dead_workers_job_is_queued_again_and_dead_after_three(enqueue: Callable[..., Job]) -> None:
    job = enqueue()
    for crashes in (1, 2):
        claim_one()
        expire_lease(job)
        report = ledger.sweep()
        assert (report.requeued, report.dead, report.due) == (1, 0, {"bulk": 1})
        job.refresh_from_db()
        assert (job.status, job.crashes) == ("queued", crashes)
    claim_one()
    expire_lease(job)
    assert ledger.sweep().dead == 1
    job.refresh_from_db()
    assert (job.status, job.crashes, job.error_code, job.active_key) == ("dead", 3, "worker_crashed", None)
    assert events(job) == ["queued", "claimed", "crashed", "claimed", "crashed", "claimed", "dead"]


def test_deadlines_end_waiting_and_abandoned_jobs(enqueue: Callable[..., Job]) -> None:
    waiting, running = enqueue("1", batch_key="x"), enqueue("2", batch_key="y", priority=1)
    claim_one()
    expire_lease(running)
    Job.objects.update(deadline=timezone.now() - timedelta(seconds=1))
    assert ledger.sweep().expired == 2
    for job in (waiting, running):
        job.refresh_from_db()
        assert (job.status, job.error_code) == ("expired", "deadline_passed")


def test_a_sweep_leaves_alone_what_is_alive_or_over(enqueue: Callable[..., Job], photo: ProductImage) -> None:
    enqueue("1")
    done, claim = claim_one()
    ledger.finish(claim, result_for(done, photo))
    enqueue("2")
    alive, _claim = claim_one()
    assert ledger.sweep() == ledger.SweepReport()
    for job, status in ((done, "succeeded"), (alive, "running")):
        job.refresh_from_db()
        assert job.status == status


def test_a_sweep_costs_three_queries_when_there_is_nothing_to_do(
    enqueue: Callable[..., Job], django_assert_max_num_queries: Any
) -> None:
    enqueue()
    ledger.due(Lane.BULK)  # measures the clock
    with django_assert_max_num_queries(3):
        assert ledger.sweep().due == {"bulk": 1}


# Doorbells ----------------------------------------------------------------------------------------------


def test_a_thousand_rings_are_one_until_it_is_heard() -> None:
    assert ledger.press(Lane.BULK)
    assert not any(ledger.press(Lane.BULK) for _time in range(10))
    assert ledger.press(Lane.INTERACTIVE)
    ledger.lift(Lane.BULK)
    assert ledger.press(Lane.BULK)
    ledger.count_claims(Lane.BULK, 3)
    state = LaneState.objects.get(lane=Lane.BULK)
    assert (state.rings, state.claims) == (2, 3)


def test_an_old_ring_counts_as_lost_and_a_failed_one_is_taken_back() -> None:
    assert ledger.press(Lane.BULK)
    LaneState.objects.update(rung_at=timezone.now() - timedelta(seconds=31))
    assert ledger.press(Lane.BULK)
    ledger.release(Lane.BULK)
    assert LaneState.objects.get(lane=Lane.BULK).rings == 1
    assert ledger.press(Lane.BULK)
