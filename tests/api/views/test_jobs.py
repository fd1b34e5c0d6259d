"""Submit, follow, list and cancel, through HTTP."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from rest_framework.test import APIClient

from shop_genai.models import Job, JobEvent, ProductImage, Status, Weights
from tests.api.conftest import API

pytestmark = pytest.mark.django_db
JOBS = f"{API}jobs/"
ClientOf = Callable[..., APIClient]
ProblemOf = Callable[..., dict[str, Any]]


@pytest.fixture
def image(user: User, upload: Callable[..., ProductImage]) -> ProductImage:
    return upload(user)


@pytest.fixture
def body(image: ProductImage, invert: Any) -> dict[str, Any]:
    return {"recipe": "invert", "inputs": {"image": str(image.pk)}, "seed": 7, "lane": "interactive"}


def test_a_submission_is_accepted_with_its_address(client_of: ClientOf, user: User, body: dict[str, Any]) -> None:
    response = client_of(user).post(JOBS, body)
    assert response.status_code == 202
    answer = response.json()
    job = Job.objects.get()
    assert answer["id"] == str(job.pk)
    assert response["Location"] == answer["url"] == f"http://testserver{JOBS}{job.pk}/"
    assert answer["status"] == "queued"
    assert answer["inputs"] == body["inputs"]
    assert answer["params"] == {"seconds": 0.0, "fail": "", "memory": 99}
    assert answer["seed"] == job.seed == 7
    assert answer["lane"] == "interactive"
    assert answer["deduplicated"] is False
    assert int(response["Retry-After"]) > 0
    assert job.owner == user


def test_a_minimal_submission_gets_seed_0_and_the_recipes_lane(
    client_of: ClientOf, user: User, body: dict[str, Any]
) -> None:
    del body["seed"], body["lane"]
    answer = client_of(user).post(JOBS, body).json()
    assert (answer["seed"], answer["lane"]) == (0, "bulk")


def test_the_same_request_is_the_same_job(client_of: ClientOf, user: User, body: dict[str, Any]) -> None:
    client = client_of(user)
    first = client.post(JOBS, body)
    second = client.post(JOBS, body)
    assert (first.status_code, second.status_code) == (202, 200)
    assert second.json()["id"] == first.json()["id"]
    assert second.json()["deduplicated"] is True
    assert second["Location"] == first["Location"]
    assert Job.objects.count() == 1


def test_an_idempotency_key_returns_its_job_and_refuses_another_request(
    client_of: ClientOf, user: User, body: dict[str, Any], problem: ProblemOf
) -> None:
    client = client_of(user)
    first = client.post(JOBS, body, headers={"Idempotency-Key": '"one"'})
    again = client.post(JOBS, body, headers={"Idempotency-Key": "one"})
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json()["id"] == first.json()["id"]
    refused = client.post(JOBS, {**body, "seed": 8}, headers={"Idempotency-Key": '"one"'})
    problem(refused, 409, "idempotency_conflict")
    assert Job.objects.count() == 1


def test_keys_of_two_users_do_not_meet(
    client_of: ClientOf, user: User, other: User, body: dict[str, Any], upload: Callable[..., ProductImage]
) -> None:
    client_of(user).post(JOBS, body, headers={"Idempotency-Key": "one"})
    theirs = {**body, "inputs": {"image": str(upload(other).pk)}}
    assert client_of(other).post(JOBS, theirs, headers={"Idempotency-Key": "one"}).status_code == 202
    assert Job.objects.count() == 2


def test_a_key_that_is_too_long_is_refused(
    client_of: ClientOf, user: User, body: dict[str, Any], problem: ProblemOf
) -> None:
    response = client_of(user).post(JOBS, body, headers={"Idempotency-Key": "x" * 256})
    problem(response, 400, "invalid_idempotency_key")
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"recipe": "nothing"}, 404, "unknown_recipe", None),
        ({"params": {"colour": 1}}, 422, "invalid_params", "params.colour"),
        ({"params": {"seconds": "long"}}, 422, "invalid_params", "params.seconds"),
        ({"params": {"seconds": 601.0}}, 422, "invalid_params", "params.seconds"),
        ({"params": [1]}, 400, "invalid_request", "params"),
        ({"inputs": {}}, 400, "invalid_request", "inputs"),
        ({"inputs": {"image": "x"}}, 400, "invalid_request", "inputs.image"),
        ({"inputs": {"image": str(uuid.uuid4())}}, 422, "invalid_inputs", "inputs.image"),
        ({"inputs": {"mask": str(uuid.uuid4())}}, 422, "invalid_inputs", "inputs.mask"),
        ({"seed": -1}, 400, "invalid_request", "seed"),
        ({"seed": 2**63}, 400, "invalid_request", "seed"),
        ({"lane": "fast"}, 400, "invalid_request", "lane"),
        ({"parms": {}}, 400, "invalid_request", "parms"),
        ({"recipe": "a\x00b"}, 400, "malformed_request", None),
    ],
)
def test_bad_requests_are_told_what_is_wrong(
    client_of: ClientOf,
    user: User,
    body: dict[str, Any],
    problem: ProblemOf,
    change: dict[str, Any],
    status: int,
    code: str,
    field: str | None,
) -> None:
    told = problem(client_of(user).post(JOBS, {**body, **change}), status, code)
    assert [error["field"] for error in told.get("errors", [])] == ([field] if field else [])
    assert not Job.objects.exists()


def test_other_peoples_images_cannot_be_used(
    client_of: ClientOf, other: User, body: dict[str, Any], problem: ProblemOf
) -> None:
    problem(client_of(other).post(JOBS, body), 422, "invalid_inputs")


def test_staff_who_may_only_look_are_refused(
    client_of: ClientOf, clerk: Callable[..., User], body: dict[str, Any], problem: ProblemOf
) -> None:
    problem(client_of(clerk("view_productimage")).post(JOBS, body), 403, "permission_denied")
    both = clerk("view_productimage", "enhance_productimage")
    assert client_of(both).post(JOBS, body).status_code == 202


def test_a_job_is_followed_to_its_result(
    client_of: ClientOf, user: User, body: dict[str, Any], drain: Callable[[], int]
) -> None:
    client = client_of(user)
    address = client.post(JOBS, body).json()["url"]
    waiting = client.get(address)
    assert waiting.json()["position"] == 0
    assert waiting.json()["result"] is None
    assert "Retry-After" in waiting
    drain()
    done = client.get(address)
    assert done.json()["status"] == "succeeded"
    assert done.json()["progress"] == 1.0
    assert done.json()["position"] is None
    assert [event["kind"] for event in done.json()["events"]] == ["queued", "claimed", "succeeded"]
    assert "Retry-After" not in done
    result = client.get(done.json()["result"])
    assert result.json()["job"] == done.json()["url"]


def test_position_counts_who_comes_first(
    client_of: ClientOf, user: User, other: User, make_job: Callable[..., Job]
) -> None:
    make_job(other)
    make_job(other, lane="interactive")
    make_job(other, status=Status.RUNNING)
    mine = make_job(user)
    make_job(other, priority=5)
    make_job(other)
    assert client_of(user).get(f"{JOBS}{mine.pk}/").json()["position"] == 2


def test_a_failed_job_says_why(client_of: ClientOf, user: User, make_job: Callable[..., Job]) -> None:
    job = make_job(user, status=Status.FAILED, error_code="input_missing", error_message="The file is gone.")
    assert client_of(user).get(f"{JOBS}{job.pk}/").json()["error"] == {
        "code": "input_missing",
        "title": "Image file missing",
        "detail": "The file is gone.",
    }


def test_the_pinned_weights_are_named(client_of: ClientOf, user: User, make_job: Callable[..., Job]) -> None:
    weights = Weights.objects.create(recipe="invert", digest="ab" * 32, version="1")
    job = make_job(user, weights=weights)
    assert client_of(user).get(f"{JOBS}{job.pk}/").json()["weights"] == "ab" * 32


def test_lists_are_filtered_newest_first(client_of: ClientOf, user: User, make_job: Callable[..., Job]) -> None:
    first = make_job(user)
    failed = make_job(user, status=Status.FAILED)
    gone = make_job(user, recipe="removed")
    client = client_of(user)

    def ids(query: str) -> list[str]:
        return [row["id"] for row in client.get(f"{JOBS}{query}").json()["results"]]

    assert ids("") == [str(gone.pk), str(failed.pk), str(first.pk)]
    assert ids("?status=failed") == [str(failed.pk)]
    assert ids("?recipe=removed") == [str(gone.pk)]
    assert ids("?recipe=invert&status=queued") == [str(first.pk)]


@pytest.mark.parametrize("query", ["status=done", "page_size=0", "page_size=101", "page_size=x", "recipe=%00"])
def test_bad_filters_are_refused(client_of: ClientOf, user: User, problem: ProblemOf, query: str) -> None:
    problem(client_of(user).get(f"{JOBS}?{query}"), 400, "invalid_request")


def test_cancel_a_queued_job(client_of: ClientOf, user: User, make_job: Callable[..., Job], problem: ProblemOf) -> None:
    job = make_job(user)
    client = client_of(user)
    response = client.post(f"{JOBS}{job.pk}/cancel/")
    assert response.status_code == 200
    assert response.json()["status"] == "cancelled"
    assert JobEvent.objects.get(job=job).kind == "cancelled"
    told = problem(client.post(f"{JOBS}{job.pk}/cancel/"), 409, "wrong_state")
    assert told["details"] == {"status": "cancelled"}


def test_cancel_a_running_job(client_of: ClientOf, user: User, make_job: Callable[..., Job]) -> None:
    job = make_job(user, status=Status.RUNNING)
    response = client_of(user).post(f"{JOBS}{job.pk}/cancel/")
    assert response.status_code == 202
    assert response.json()["cancel_requested"] is True
    assert response["Retry-After"]


def test_cancelling_other_peoples_jobs_needs_the_permission(
    client_of: ClientOf, user: User, clerk: Callable[..., User], make_job: Callable[..., Job], problem: ProblemOf
) -> None:
    job = make_job(user)
    problem(client_of(clerk("view_job")).post(f"{JOBS}{job.pk}/cancel/"), 403, "permission_denied")
    problem(client_of(clerk("control_job")).post(f"{JOBS}{job.pk}/cancel/"), 404, "not_found")
    assert client_of(clerk("control_job", "view_job")).post(f"{JOBS}{job.pk}/cancel/").status_code == 200


def test_other_peoples_jobs_do_not_exist(
    client_of: ClientOf,
    user: User,
    other: User,
    clerk: Callable[..., User],
    make_job: Callable[..., Job],
    problem: ProblemOf,
) -> None:
    job = make_job(user)
    client = client_of(other)
    problem(client.get(f"{JOBS}{job.pk}/"), 404, "not_found")
    problem(client.post(f"{JOBS}{job.pk}/cancel/"), 404, "not_found")
    assert client.get(JOBS).json()["results"] == []
    assert Job.objects.get(pk=job.pk).status == Status.QUEUED
    assert len(client_of(clerk("view_job")).get(JOBS).json()["results"]) == 1
    other.user_permissions.set(clerk("view_job", "control_job").user_permissions.all())
    problem(client_of(User.objects.get(pk=other.pk)).get(f"{JOBS}{job.pk}/"), 404, "not_found")  # not staff


def test_a_list_of_50_takes_3_queries(
    client_of: ClientOf,
    user: User,
    make_job: Callable[..., Job],
    image: ProductImage,
    django_assert_num_queries: Any,
) -> None:
    for _number in range(51):
        make_job(user, image)
    client = client_of(user)
    with django_assert_num_queries(3):  # session, user, jobs
        rows = client.get(JOBS).json()["results"]
    assert len(rows) == 50
    assert all(row["inputs"] == {"image": str(image.pk)} for row in rows)


def test_submissions_are_throttled_by_their_own_rate(
    client_of: ClientOf, user: User, body: dict[str, Any], problem: ProblemOf
) -> None:
    with override_settings(SHOP_GENAI={"THROTTLE_RATES": {"genai-submit": "2/day"}}):
        client = client_of(user)
        for seed in (1, 2):
            assert client.post(JOBS, {**body, "seed": seed}).status_code == 202
        refused = client.post(JOBS, {**body, "seed": 3})
        told = problem(refused, 429, "throttled")
        assert told["retryable"] is True
        assert 0 < int(refused["Retry-After"]) <= 86400
        assert client.get(JOBS).status_code == 200
    assert Job.objects.count() == 2
