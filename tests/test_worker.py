"""The worker: a batch from claimed rows to published results, and everything that can go wrong on the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connections
from django.utils import timezone

from shop_genai import ledger, media, worker
from shop_genai.errors import GenaiError, OutOfMemory, StorageUnavailable, WeightsTampered
from shop_genai.ledger import Claim
from shop_genai.models import GeneratedImage, Job, JobEvent, Lane, ProductImage, Status, Weights
from shop_genai.recipes import Recipe, Slot, register
from shop_genai.submission import submit
from shop_genai.worker import batch, failures, pipelines, pulse
from tests.fakes import recipes as fakes
from tests.fakes.recipes import InvertParams, InvertPipeline, load_invert

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invert")]

RED = (255, 0, 0)
GREY = (90, 90, 90)
Queue = Callable[..., list[Job]]
Run = Callable[[], list[Job]]


@pytest.fixture
def queue(user: User, upload: Callable[..., ProductImage]) -> Queue:
    """``queue(GREY, RED, recipe="invert", **params)``: one job per colour, in this order."""

    def queue(*colours: tuple[int, int, int], recipe: str = "invert", **params: Any) -> list[Job]:
        jobs = []
        for number, colour in enumerate(colours):
            image = upload(user, width=40 + number, height=30, colour=colour, format="PNG")
            jobs.append(submit(recipe=recipe, inputs={"image": image}, params=params, owner=user).job)
        return jobs

    return queue


@pytest.fixture
def run() -> Run:
    """Claim one batch and work on it; returns the jobs as they were claimed."""

    def run() -> list[Job]:
        jobs = ledger.claim(Lane.BULK, "w")
        worker.run_batch(jobs)
        return jobs

    return run


@pytest.fixture
def fast(settings: Any) -> None:
    """Heartbeats after milliseconds."""
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "HEARTBEAT_SECONDS": 0.05}


@pytest.fixture
def stopping() -> Iterator[None]:
    yield
    pulse._stopping.clear()


def now_is(job: Job) -> tuple[str, str]:
    job.refresh_from_db()
    return job.status, job.error_code


def calls() -> list[int]:
    """The batch sizes that the pipeline was called with."""
    return fakes.pipelines[-1].calls


# Good days ------------------------------------------------------------------------------------------------


def test_a_batch_is_one_call_and_every_job_gets_its_own_picture(queue: Queue, run: Run) -> None:
    jobs = queue((10, 20, 30), (200, 100, 0))
    run()
    assert calls() == [2]
    for job, colour in zip(jobs, [(245, 235, 225), (55, 155, 255)], strict=True):
        assert now_is(job) == (Status.SUCCEEDED, "")
        result = job.result
        with result.files.open(result.name) as file:
            picture = media.decode(file.read())
        assert all(abs(a - b) <= 3 for a, b in zip(picture.getpixel((5, 5)), colour, strict=True))
        assert (result.source, picture.size) == (job.inputs.get().image, (result.width, result.height))
        assert (job.progress, job.device, job.lease_until) == (1.0, "cpu", None)


def test_different_parameters_are_different_batches(queue: Queue, run: Run) -> None:
    queue(GREY, GREY)
    queue((1, 2, 3), memory=50)
    assert [len(run()) for _time in range(3)] == [2, 1, 0]
    assert not Job.objects.exclude(status=Status.SUCCEEDED).exists()


@pytest.mark.django_db(transaction=True)
def test_the_device_time_is_shared_out(queue: Queue, run: Run) -> None:
    jobs = queue(GREY, (1, 1, 1), seconds=0.2)
    run()
    for job in jobs:
        now_is(job)
        assert 0.09 <= job.seconds <= 0.19


# One fails, the others do not -----------------------------------------------------------------------------


def test_a_missing_file_costs_its_own_job_only(queue: Queue, run: Run) -> None:
    lost, fine = queue(GREY, (1, 1, 1))
    image = lost.inputs.get().image
    media.files.delete(image.storage, image.name)
    run()
    assert now_is(lost) == (Status.FAILED, "input_missing")
    assert now_is(fine) == (Status.SUCCEEDED, "")
    assert calls() == [1]


def test_a_replaced_file_is_not_taken_for_the_old_one(
    queue: Queue, run: Run, photo_bytes: Callable[..., bytes]
) -> None:
    [job] = queue(GREY)
    ProductImage.objects.update(sha256="0" * 64)
    run()
    assert now_is(job) == (Status.FAILED, "input_changed")


def test_a_poisonous_picture_fails_alone(queue: Queue, run: Run) -> None:
    jobs = queue(GREY, RED, (1, 1, 1), fail="error")
    run()
    assert calls() == [3, 1, 1, 1]  # the call fails, then each job is tried by itself
    assert [now_is(job) for job in jobs] == [
        (Status.SUCCEEDED, ""),
        (Status.FAILED, "pipeline_failed"),
        (Status.SUCCEEDED, ""),
    ]
    assert "ArithmeticError" in jobs[1].error_message


def test_too_few_outputs_are_a_failure(queue: Queue, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InvertPipeline, "__call__", lambda self, *args: [])
    [job] = queue(GREY)
    run()
    assert now_is(job) == (Status.FAILED, "pipeline_failed")


# Memory ---------------------------------------------------------------------------------------------------


def test_out_of_memory_halves_the_batch(queue: Queue, run: Run) -> None:
    jobs = queue(*[(number, 0, 0) for number in range(8)], memory=2)
    run()
    assert calls() == [8, 4, 2, 2, 4, 2, 2]
    assert {now_is(job)[0] for job in jobs} == {Status.SUCCEEDED}


def test_a_job_too_large_by_itself_ends_with_a_code_and_the_process_lives(
    queue: Queue, drain: Callable[..., int], settings: Any
) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "MAX_RETRIES": 1}
    jobs = queue(GREY, RED, fail="memory")
    drain(backoff=True)
    assert now_is(jobs[0]) == (Status.SUCCEEDED, "")
    assert now_is(jobs[1]) == (Status.FAILED, "out_of_memory")
    assert (jobs[1].retries, jobs[1].batch_limit) == (1, 1)


def test_a_devices_own_memory_error_is_known_by_its_name() -> None:
    class OutOfMemoryError(RuntimeError):
        """As torch.OutOfMemoryError, without torch."""

    assert isinstance(failures.coded(OutOfMemoryError("CUDA out of memory")), OutOfMemory)
    assert isinstance(failures.coded(MemoryError()), OutOfMemory)
    kept = failures.coded(StorageUnavailable("Away."))
    assert (type(kept), kept.__traceback__) == (StorageUnavailable, None)


# Weights and torch ----------------------------------------------------------------------------------------


def a_recipe(load: Callable[..., Any] = load_invert, digest: Callable[..., str] = lambda folder: "d" * 64) -> Recipe:
    slots = (Slot("image"),)
    return register(Recipe("weighty", "Weighty", slots, params=InvertParams, load=load, digest=digest))


def raising(error: Exception) -> Callable[..., Any]:
    def load(folder: Path | None, device: str) -> Any:
        raise error

    return load


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ModuleNotFoundError("No module named 'torch'", name="torch"), "torch_missing"),
        (ModuleNotFoundError("No module named 'safetensors.torch'", name="safetensors.torch"), "torch_missing"),
        (WeightsTampered("enhance.safetensors is not the file of its manifest."), "weights_tampered"),
        (ModuleNotFoundError("No module named 'theirs'", name="theirs"), "pipeline_failed"),
        (ZeroDivisionError(), "pipeline_failed"),
    ],
)
def test_a_pipeline_that_cannot_be_opened_fails_its_jobs_with_a_code(
    queue: Queue, run: Run, error: Exception, code: str
) -> None:
    a_recipe(load=raising(error))
    jobs = queue(GREY, (1, 1, 1), recipe="weighty")
    run()
    assert [now_is(job) for job in jobs] == [(Status.FAILED, code)] * 2
    ledger.retry(jobs[0])  # nothing is lost: when the cause is gone, the same job goes on
    assert now_is(jobs[0])[0] == Status.QUEUED


def test_other_weights_are_never_taken_instead(queue: Queue, run: Run) -> None:
    present = ["d" * 64]
    a_recipe(digest=lambda folder: present[0])
    [job] = queue(GREY, recipe="weighty")
    present[0] = "e" * 64  # another release was installed between submission and work
    run()
    assert now_is(job) == (Status.FAILED, "weights_missing")
    assert "dddddddddddd" in job.error_message


def test_a_recipe_that_is_gone_fails_its_jobs(queue: Queue, run: Run) -> None:
    from shop_genai import recipes

    [job] = queue(GREY)
    recipes.unregister("invert")
    run()
    assert now_is(job) == (Status.FAILED, "unknown_recipe")


def test_pipelines_stay_loaded_and_the_oldest_makes_room(settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "PIPELINE_CACHE": 2}
    loaded: list[Path | None] = []

    def load(folder: Path | None, device: str) -> InvertPipeline:
        loaded.append(folder)
        return InvertPipeline()

    recipe = a_recipe(load=load, digest=lambda folder: str(folder)[-1] * 64)
    one, two, three = (Weights(recipe="weighty", digest=name * 64, folder=f"/{name}") for name in "abc")
    first = pipelines.get(recipe, one)
    second = pipelines.get(recipe, two)
    assert pipelines.get(recipe, one) is first  # used again, so “two” is the oldest now
    pipelines.get(recipe, three)
    assert pipelines.get(recipe, one) is first
    assert pipelines.get(recipe, two) is not second
    assert loaded == [Path("/a"), Path("/b"), Path("/c"), Path("/b")]


# Storage and database -------------------------------------------------------------------------------------


def test_a_storage_that_is_away_makes_the_job_wait_not_fail(
    queue: Queue, drain: Callable[..., int], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise StorageUnavailable("The storage does not answer.")

    [job] = queue(GREY)
    with monkeypatch.context() as broken:
        broken.setattr(media, "store_result", refuse)
        run()
    assert now_is(job) == (Status.QUEUED, "storage_unavailable")
    assert job.run_after > timezone.now()
    drain(backoff=True)
    assert now_is(job)[0] == Status.SUCCEEDED


def test_a_step_is_repeated_until_the_database_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Exception | str] = [OperationalError("away"), OperationalError("still away"), "written"]
    waits: list[float] = []
    monkeypatch.setattr(failures.time, "sleep", waits.append)
    monkeypatch.setattr(failures.connections, "close_all", lambda: None)

    def write() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert failures.persist(write) == "written"
    assert waits == [0.1, 0.2]


def test_a_picture_deleted_meanwhile_does_not_take_the_others_results(
    queue: Queue, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, fine = queue(GREY, (1, 1, 1))
    store = media.store_result

    def store_without_source(output: Any, job: Job, source: ProductImage) -> GeneratedImage:
        result = store(output, job, source)
        if job.id == gone.id:
            result.storage = None  # what the database refuses, as it refuses a source that is gone
        return result

    monkeypatch.setattr(media, "store_result", store_without_source)
    run()
    assert now_is(gone) == (Status.FAILED, "input_missing")
    assert now_is(fine)[0] == Status.SUCCEEDED


# Fences, wishes, ends -------------------------------------------------------------------------------------


def test_a_stale_worker_publishes_nothing(queue: Queue, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    [job] = queue(GREY)
    store = media.store_result

    def slow(*args: Any) -> GeneratedImage:
        result = store(*args)
        Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        ledger.sweep()
        ledger.claim(Lane.BULK, "another worker")
        return result

    monkeypatch.setattr(media, "store_result", slow)
    run()
    assert (now_is(job)[0], job.worker) == (Status.RUNNING, "another worker")
    assert not GeneratedImage.objects.exists()
    monkeypatch.undo()
    worker.run_batch(list(Job.objects.all()))
    assert now_is(job)[0] == Status.SUCCEEDED
    assert GeneratedImage.objects.count() == 1


def test_a_job_that_comes_too_late_is_not_started(queue: Queue, run: Run) -> None:
    late, fine = queue(GREY, (1, 1, 1))
    Job.objects.filter(id=late.id).update(deadline=timezone.now() - timedelta(seconds=1))
    run()
    assert now_is(late) == (Status.EXPIRED, "deadline_passed")
    assert now_is(fine)[0] == Status.SUCCEEDED
    assert calls() == [1]


def in_background(jobs: list[Job]) -> threading.Thread:
    def work() -> None:
        try:
            worker.run_batch(jobs)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fast")
def test_progress_is_seen_and_a_cancelled_job_stops(queue: Queue) -> None:
    [job] = queue(GREY, seconds=60)
    thread = in_background(ledger.claim(Lane.BULK, "w"))
    give_up = time.monotonic() + 20
    while Job.objects.get().progress == 0.0 and time.monotonic() < give_up:
        time.sleep(0.05)
    assert 0.0 < Job.objects.get().progress < 0.9
    ledger.cancel(job)
    thread.join(20)
    assert not thread.is_alive()
    assert now_is(job)[0] == Status.CANCELLED
    assert not GeneratedImage.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fast")
def test_a_deadline_passes_while_the_job_runs(queue: Queue) -> None:
    late, fine = queue(GREY, (1, 1, 1), seconds=2)
    Job.objects.filter(id=late.id).update(deadline=timezone.now() + timedelta(seconds=0.5))
    in_background(ledger.claim(Lane.BULK, "w")).join(30)
    assert now_is(late) == (Status.EXPIRED, "deadline_passed")
    assert now_is(fine)[0] == Status.SUCCEEDED  # its neighbour goes on


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fast", "stopping")
def test_a_stopping_worker_gives_its_jobs_back(queue: Queue) -> None:
    jobs = queue(GREY, (1, 1, 1), seconds=60)
    thread = in_background(ledger.claim(Lane.BULK, "w"))
    time.sleep(0.3)
    assert worker.stop()
    thread.join(20)
    assert not thread.is_alive()
    assert worker.is_stopping()
    assert [(now_is(job)[0], job.crashes) for job in jobs] == [(Status.QUEUED, 0)] * 2
    assert JobEvent.objects.filter(kind="given_back").count() == 2
    assert not worker.stop()  # nothing runs here any more


@pytest.mark.django_db(transaction=True)
def test_work_stops_when_the_database_was_silent_for_a_lease(
    queue: Queue, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*args: Any) -> None:
        raise OperationalError("no answer")

    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "LEASE_SECONDS": 1, "HEARTBEAT_SECONDS": 0.2}
    monkeypatch.setattr(ledger, "heartbeat", silent)
    [job] = queue(GREY, seconds=30)
    started = time.monotonic()
    worker.run_batch(ledger.claim(Lane.BULK, "w"))
    assert time.monotonic() - started < 10
    assert (now_is(job)[0], job.crashes) == (Status.QUEUED, 0)
    assert not GeneratedImage.objects.exists()


def test_a_pulse_knows_what_it_holds(queue: Queue) -> None:
    queue(GREY, (1, 1, 1))
    one, two = (Claim.of(job) for job in ledger.claim(Lane.BULK, "w"))
    beating = pulse.Pulse([one, two])
    beating.drop(one)
    assert (beating.holds(one), beating.holds(two), beating.holds_any()) == (False, True, True)
    beating.drop(two)
    with pytest.raises(GenaiError, match="No job of this batch"):
        beating.report(0.5)


def test_results_of_a_long_batch_appear_one_after_the_other(
    queue: Queue, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "PUBLISH_EVERY", -1.0)
    queue(GREY, (1, 1, 1), (2, 2, 2))
    published: list[int] = []
    finish = ledger.finish_many
    monkeypatch.setattr(ledger, "finish_many", lambda done: published.append(len(done)) or finish(done))
    run()
    assert published == [1, 1, 1]
