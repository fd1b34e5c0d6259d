"""submission: what becomes a job, and what finds one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.contrib.auth.models import User
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from shop_genai import ledger, submission, tasks
from shop_genai.errors import (
    BadRequest,
    DatabaseUnavailable,
    GenaiError,
    IdempotencyConflict,
    InvalidInputs,
    InvalidParams,
    UnknownRecipe,
    WeightsMissing,
)
from shop_genai.models import Job, JobEvent, JobInput, LaneState, ProductImage, Status, Weights
from shop_genai.recipes import Recipe, Slot, register
from shop_genai.submission import submit, submit_many
from tests.fakes.recipes import InvertParams, load_invert

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invert")]

Photo = Callable[..., ProductImage]
DIGEST = "d" * 64


@pytest.fixture
def photo(user: User) -> Photo:
    """``photo("a")``: an upload whose bytes are known by one letter."""

    def photo(letter: str = "a", owner: User | None = None) -> ProductImage:
        return ProductImage.objects.create(
            owner=owner or user,
            storage="private",
            name=f"{letter}.jpg",
            sha256=letter * 64,
            format="JPEG",
            width=4,
            height=4,
            bytes=10,
        )

    return photo


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lanes that were rung for."""
    rung: list[str] = []
    monkeypatch.setattr(tasks, "ring", rung.append)
    return rung


def weighty(digest: Callable[[Path | None], str]) -> Recipe:
    """A recipe whose weights are known by a digest."""
    return register(Recipe("weighty", "W", (Slot("image"),), params=InvertParams, load=load_invert, digest=digest))


# What a job is --------------------------------------------------------------------------------------------


def test_a_request_becomes_a_row_that_says_everything(user: User, photo: Photo) -> None:
    made = submit(recipe="invert", inputs={"image": photo()}, params={"seconds": 1}, seed=7, owner=user, priority=3)
    job = Job.objects.get(id=made.job.id)
    assert made.created
    assert job.params == {"seconds": 1.0, "fail": "", "memory": 99}  # every default spelled out
    assert (job.status, job.lane, job.seed, job.priority, job.batch_limit) == ("queued", "bulk", 7, 3, 8)
    assert (len(job.key), job.weights, job.owner) == (64, None, user)
    assert job.deadline is not None
    assert timedelta(days=6) < job.deadline - timezone.now() < timedelta(days=8)
    assert list(JobEvent.objects.filter(job=job).values_list("kind", flat=True)) == ["queued"]
    assert [(entry.slot, entry.image.sha256) for entry in job.inputs.all()] == [("image", "a" * 64)]


def test_the_same_request_is_the_same_job(user: User, photo: Photo) -> None:
    image = photo()
    first = submit(recipe="invert", inputs={"image": image}, owner=user)
    again = submit(recipe="invert", inputs={"image": image}, params={"seconds": 0}, seed=0, owner=user)
    copy = submit(recipe="invert", inputs={"image": photo()}, owner=user)  # the same bytes, uploaded twice
    assert [entry.job for entry in (again, copy)] == [first.job] * 2
    assert not again.created
    assert not copy.created
    assert Job.objects.count() == 1


def test_whatever_decides_the_output_makes_another_job(user: User, staff: User, photo: Photo) -> None:
    image = photo()
    requests: list[dict[str, Any]] = [
        {},
        {"seed": 1},
        {"params": {"seconds": 0.5}},
        {"inputs": {"image": photo("b")}},
        {"owner": staff},  # people never share a job, though the picture is the same
    ]
    made = [submit(**{"recipe": "invert", "inputs": {"image": image}, "owner": user, **extra}) for extra in requests]
    assert all(entry.created for entry in made)
    assert len({entry.job.key for entry in made}) == 4
    assert made[0].job.key == made[4].job.key


def test_a_job_that_ended_without_result_answers_nothing(user: User, photo: Photo) -> None:
    image = photo()
    first = submit(recipe="invert", inputs={"image": image}, owner=user)
    ledger.cancel(first.job)
    assert submit(recipe="invert", inputs={"image": image}, owner=user).created


def test_a_success_answers_until_its_result_is_deleted(
    user: User, upload: Callable[..., ProductImage], drain: Callable[..., int]
) -> None:
    image = upload(user)
    first = submit(recipe="invert", inputs={"image": image}, owner=user)
    drain()
    again = submit(recipe="invert", inputs={"image": image}, owner=user)
    assert (again.job, again.created, again.job.status) == (first.job, False, Status.SUCCEEDED)
    again.job.result.delete()
    assert submit(recipe="invert", inputs={"image": image}, owner=user).created


# Refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"recipe": "paint"}, UnknownRecipe, None),
        ({"params": {"seconds": "long"}}, InvalidParams, "seconds"),
        ({"params": {"speed": 1}}, InvalidParams, "speed"),
        ({"params": {"fail": "please"}}, InvalidParams, "fail"),
        ({"inputs": {}}, InvalidInputs, "image"),
        ({"lane": "fast"}, InvalidParams, "lane"),
        ({"seed": -1}, InvalidParams, "seed"),
        ({"seed": 2**63}, InvalidParams, "seed"),
        ({"seed": True}, InvalidParams, "seed"),
        ({"priority": 40_000}, InvalidParams, "priority"),
        ({"deadline": timezone.now() - timedelta(seconds=1)}, InvalidParams, "deadline"),
    ],
)
def test_a_request_that_cannot_be_carried_out_leaves_nothing(
    user: User, photo: Photo, changes: dict[str, Any], refusal: type[GenaiError], field: str | None
) -> None:
    with pytest.raises(refusal) as caught:
        submit(**{"recipe": "invert", "inputs": {"image": photo()}, "owner": user, **changes})
    assert caught.value.details.get("field") == field
    assert caught.value.http_status in (404, 422)
    assert not Job.objects.exists()


def test_an_unknown_slot_is_refused(user: User, photo: Photo) -> None:
    with pytest.raises(InvalidInputs, match="face"):
        submit(recipe="invert", inputs={"image": photo(), "face": photo("b")}, owner=user)


# Weights --------------------------------------------------------------------------------------------------


def test_packaged_weights_are_pinned_and_noted_once(user: User, photo: Photo) -> None:
    weighty(lambda folder: DIGEST)
    jobs = [submit(recipe="weighty", inputs={"image": photo(letter)}, owner=user).job for letter in "ab"]
    [row] = Weights.objects.all()
    assert (row.recipe, row.digest, row.folder, row.promoted) == ("weighty", DIGEST, "", False)
    assert {job.weights for job in jobs} == {row}


def test_promoted_weights_go_first_and_make_another_job(user: User, photo: Photo) -> None:
    weighty(lambda folder: DIGEST)
    image = photo()
    before = submit(recipe="weighty", inputs={"image": image}, owner=user).job
    promoted = Weights.objects.create(
        recipe="weighty", digest="e" * 64, version="2", folder="/models/2", promoted=True, promoted_at=timezone.now()
    )
    after = submit(recipe="weighty", inputs={"image": image}, owner=user)
    assert (after.created, after.job.weights) == (True, promoted)
    assert after.job.key != before.key
    assert after.job.batch_key != before.batch_key


def test_missing_weights_refuse_the_request(user: User, photo: Photo) -> None:
    def missing(folder: Path | None) -> str:
        raise WeightsMissing("There are none.")

    weighty(missing)
    with pytest.raises(WeightsMissing):
        submit(recipe="weighty", inputs={"image": photo()}, owner=user)
    assert not Job.objects.exists()


# Idempotency keys -----------------------------------------------------------------------------------------


def test_a_key_answers_with_its_job_whatever_became_of_it(user: User, photo: Photo) -> None:
    image = photo()
    first = submit(recipe="invert", inputs={"image": image}, owner=user, idempotency_key="k")
    ledger.cancel(first.job)
    again = submit(recipe="invert", inputs={"image": image}, owner=user, idempotency_key="k")
    assert (again.job, again.created) == (first.job, False)
    assert submit(recipe="invert", inputs={"image": image}, owner=user, idempotency_key="other").created


def test_a_key_does_not_serve_another_request(user: User, photo: Photo) -> None:
    image = photo()
    submit(recipe="invert", inputs={"image": image}, owner=user, idempotency_key="k")
    with pytest.raises(IdempotencyConflict):
        submit(recipe="invert", inputs={"image": image}, seed=1, owner=user, idempotency_key="k")
    assert Job.objects.count() == 1


def test_a_key_belongs_to_its_owner(user: User, staff: User, photo: Photo) -> None:
    image = photo()
    jobs = [submit(recipe="invert", inputs={"image": image}, owner=o, idempotency_key="k").job for o in (user, staff)]
    assert jobs[0] != jobs[1]
    with pytest.raises(BadRequest):
        submit(recipe="invert", inputs={"image": image}, idempotency_key="k")


def in_threads(count: int, work: Callable[[], Any]) -> list[Any]:
    """What ``count`` simultaneous calls returned or raised."""
    gate = threading.Barrier(count)
    answers: list[Any] = []

    def run() -> None:
        try:
            gate.wait(30)
            answers.append(work())
        except Exception as error:  # noqa: BLE001 - whatever it was, the test looks at it
            answers.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", [None, "k"])
def test_simultaneous_requests_are_one_job(user: User, photo: Photo, key: str | None) -> None:
    image = photo()
    answers = in_threads(8, lambda: submit(recipe="invert", inputs={"image": image}, owner=user, idempotency_key=key))
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert len({answer.job.id for answer in answers}) == 1
    assert sum(answer.created for answer in answers) == 1
    assert (Job.objects.count(), JobInput.objects.count()) == (1, 1)


# Many -----------------------------------------------------------------------------------------------------


def test_many_images_are_one_transaction_and_one_ring(
    user: User, photo: Photo, rings: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    known = photo("a")
    submit(recipe="invert", inputs={"image": known}, owner=user)
    images = [known, photo("b"), photo("c"), photo("b")]
    with django_capture_on_commit_callbacks(execute=True):
        made = submit_many(images, recipe="invert", owner=user)
    assert [entry.created for entry in made] == [False, True, True, False]
    assert made[3].job == made[1].job
    assert rings == ["bulk"]
    queued = Job.objects.order_by("created").values_list("inputs__image__sha256", flat=True)
    assert [sha[0] for sha in queued] == ["a", "b", "c"]


def test_many_images_go_in_chunks(
    user: User, photo: Photo, monkeypatch: pytest.MonkeyPatch, rings: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(submission, "CHUNK", 2)
    with django_capture_on_commit_callbacks(execute=True):
        made = submit_many([photo(letter) for letter in "abcde"], recipe="invert", owner=user, lane="interactive")
    assert sum(entry.created for entry in made) == 5
    assert rings == ["interactive"] * 3
    assert submit_many([], recipe="invert") == []


# When a server is down ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_broken_broker_neither_fails_nor_loses_a_request(
    user: User, photo: Photo, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise ConnectionRefusedError("broker")

    monkeypatch.setattr(current_app.tasks["shop_genai.bulk"], "apply_async", refuse)
    with caplog.at_level(logging.WARNING, "shop_genai.tasks"):
        made = submit(recipe="invert", inputs={"image": photo()}, owner=user)
    assert made.created
    assert "the next sweep rings" in caplog.text
    assert ledger.due("bulk")
    assert LaneState.objects.get(lane="bulk").rung_at is None  # the next ring is not taken for a second one
    rung: list[str] = []
    monkeypatch.setattr(
        current_app.tasks["shop_genai.bulk"], "apply_async", lambda **options: rung.append(options["queue"])
    )
    tasks.sweep()
    assert rung == ["bulk"]


def test_nothing_is_accepted_without_the_database(
    user: User, photo: Photo, monkeypatch: pytest.MonkeyPatch, rings: list[str]
) -> None:
    def refuse(*args: Any) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    image = photo()
    monkeypatch.setattr(ledger, "enqueue", refuse)
    with pytest.raises(DatabaseUnavailable, match="send it again") as caught:
        submit(recipe="invert", inputs={"image": image}, owner=user)
    assert (caught.value.http_status, caught.value.retryable, rings) == (503, True, [])
    monkeypatch.undo()
    assert submit(recipe="invert", inputs={"image": image}, owner=user).created


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_only_if_the_hosts_transaction_commits(user: User, photo: Photo, rings: list[str]) -> None:
    image = photo()
    with transaction.atomic():
        submit(recipe="invert", inputs={"image": image}, owner=user)
        assert rings == []
        transaction.set_rollback(True)
    assert (rings, Job.objects.count()) == ([], 0)
    with transaction.atomic():
        submit(recipe="invert", inputs={"image": image}, owner=user)
    assert rings == ["bulk"]
    assert not connection.in_atomic_block
