"""The job list: read-only, live, with retry and cancel."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shop_genai import submission
from shop_genai.admin.words import ADVICE, EVENTS
from shop_genai.errors import GenaiError
from shop_genai.models import Job, JobEvent, Status
from tests.admin.conftest import act, listing, messages, page
from tests.conftest import draw_photo
from tests.fakes.shop import make_image

LIVE = reverse("admin:shop_genai_job_live")


def queue(image: Any, seed: int = 0, **params: Any) -> Job:
    return submission.submit(recipe="invert", inputs={"image": image}, params=params, seed=seed).job


@pytest.fixture
def failed(invert: Any, drain: Any) -> Job:
    job = queue(make_image(draw_photo(colour=(255, 0, 0)), "Red mug"), fail="error")
    drain(backoff=True)
    job.refresh_from_db()
    assert job.status == Status.FAILED
    return job


def test_a_failed_job_shows_its_code_its_sentence_and_what_to_do(desk: Any, failed: Job) -> None:
    for address in (listing("job"), page(failed)):
        text = desk.get(address).text
        assert failed.error_code in text
        assert str(ADVICE[failed.error_code])[:20] in text
    assert "Failed" in desk.get(page(failed)).text


def test_every_error_that_can_end_a_job_has_advice() -> None:
    def tree(root: type[GenaiError]) -> set[type[GenaiError]]:
        return {root}.union(*map(tree, root.__subclasses__()))

    of_the_desk = {
        "internal_error",
        "bad_request",
        "invalid_inputs",
        "idempotency_conflict",
        "permission_denied",
        "taste_unknown",
    }
    of_the_queue = {"wrong_state", "service_unavailable", "database_unavailable", "lease_lost", "cancelled"}
    mine = {error for error in tree(GenaiError) if error.__module__ == "shop_genai.errors"}
    of_the_registry = {"weights_other_recipe", "weights_licence_refused", "weights_unmeasured"}
    of_the_registry |= {"weights_not_comparable", "weights_not_better", "nothing_to_roll_back"}
    of_a_command = {"vectors_unavailable"}
    known = of_a_command | of_the_desk | of_the_queue | of_the_registry | set(ADVICE)
    assert {error.code for error in mine} - known == set()


def test_every_event_that_the_ledger_writes_has_words(desk: Any, failed: Job) -> None:
    assert set(JobEvent.objects.values_list("kind", flat=True)) <= set(EVENTS)
    text = desk.get(page(failed)).text
    assert "Taken by a worker" in text


def test_the_list_is_filtered_and_searched(desk: Any, failed: Job, image: Any) -> None:
    waiting = queue(image)
    for query, expected in [
        ({"status__exact": "failed"}, {failed.pk}),
        ({"recipe": "invert"}, {failed.pk, waiting.pk}),
        ({"recipe": "enhance"}, set()),
        ({"q": str(waiting.pk)}, {waiting.pk}),
        ({"q": "red mug"}, {failed.pk}),
        ({"lane__exact": "bulk"}, {failed.pk, waiting.pk}),
    ]:
        assert {job.pk for job in desk.get(listing("job"), query).context["cl"].queryset} == expected, query


def test_a_longer_list_needs_no_more_queries(desk: Any, invert: Any, drain: Any) -> None:
    def queries(address: str, **data: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(address, data).status_code == 200
        return len(captured)

    first = queue(make_image(draw_photo(40, 30)))
    drain()
    queries(listing("job"))
    few, few_live = queries(listing("job")), queries(LIVE, id=[str(first.pk)])
    for number in range(6):
        queue(make_image(draw_photo(41 + number, 30)))
    drain()
    assert queries(listing("job")) == few <= 12
    everything = [str(pk) for pk in Job.objects.values_list("pk", flat=True)]
    assert queries(LIVE, id=everything) == few_live <= 8


def test_the_live_endpoint_tells_the_state_of_the_jobs_asked_for(
    desk: Any, image: Any, invert: Any, drain: Any
) -> None:
    job, other = queue(image), queue(image, seed=1)
    answer = desk.get(LIVE, {"id": [str(job.pk), "rubbish"]})
    assert "no-store" in answer["Cache-Control"]
    assert set(answer.json()["jobs"]) == {str(job.pk)}
    told = answer.json()["jobs"][str(job.pk)]
    assert (told["status"], told["over"], told["progress"]) == ("queued", False, 0.0)
    assert answer.json()["queue"] == "Running: 0. Waiting: 2."
    drain()
    told = desk.get(LIVE, {"id": str(job.pk)}).json()
    assert told["jobs"][str(job.pk)]["over"] is True
    assert "Look at the result" in told["jobs"][str(job.pk)]["html"]
    assert told["queue"] == "Nothing is running or waiting."
    assert "page" not in told
    assert str(other.pk) not in str(told)
    assert "Succeeded" in desk.get(LIVE, {"id": str(job.pk), "page": "1"}).json()["page"]


def test_a_running_job_shows_a_progress_bar(desk: Any, image: Any, invert: Any) -> None:
    from shop_genai import ledger

    job = queue(image)
    ledger.claim("bulk", "test")
    Job.objects.filter(pk=job.pk).update(progress=0.42)
    html = desk.get(LIVE, {"id": str(job.pk)}).json()["jobs"][str(job.pk)]["html"]
    assert '<progress max="100" value="42"' in html
    assert html in desk.get(listing("job")).text


def test_the_live_endpoint_needs_the_view_permission(someone: Any, client: Any) -> None:
    assert someone("view_productimage").get(LIVE).status_code == 403
    assert someone("view_job").get(LIVE).status_code == 200
    assert client.get(LIVE).status_code == 302


def test_retry_and_cancel_act_on_each_row_and_say_what_was_skipped(desk: Any, failed: Job, image: Any) -> None:
    waiting = queue(image)
    told = messages(act(desk, "genai_cancel", failed, waiting))
    assert "1 job cancelled" in told
    assert "1 skipped (Red mug): This job is over" in told
    told = messages(act(desk, "genai_retry", failed, waiting))
    assert told.startswith("2 jobs queued again.")
    assert set(Job.objects.values_list("status", flat=True)) == {Status.QUEUED}


def test_a_job_can_be_retried_and_cancelled_from_its_page(desk: Any, failed: Job) -> None:
    control = reverse("admin:shop_genai_job_control", args=[failed.pk])
    assert 'value="retry"' in desk.get(page(failed)).text
    assert "1 job queued again." in messages(desk.post(control, {"step": "retry"}, follow=True))
    assert 'value="cancel"' in desk.get(page(failed)).text
    assert "1 job cancelled" in messages(desk.post(control, {"step": "cancel"}, follow=True))
    assert "This job is over" in messages(desk.post(control, {"step": "cancel"}, follow=True))
    assert desk.get(control).status_code == 405
    assert "does not exist" in messages(desk.post(control, {"step": "explode"}, follow=True))


def test_control_needs_its_permission(someone: Any, failed: Job) -> None:
    viewer = someone("view_job")
    assert 'value="retry"' not in viewer.get(page(failed)).text
    assert "genai_retry" not in viewer.get(listing("job")).text
    act(viewer, "genai_retry", failed)
    assert viewer.post(reverse("admin:shop_genai_job_control", args=[failed.pk]), {"step": "retry"}).status_code == 403
    failed.refresh_from_db()
    assert failed.status == Status.FAILED


def test_jobs_are_not_typed_in_changed_or_deleted_here(desk: Any, failed: Job) -> None:
    assert desk.get(reverse("admin:shop_genai_job_add")).status_code == 403
    assert desk.post(page(failed), {"status": "succeeded"}).status_code == 403
    assert desk.post(reverse("admin:shop_genai_job_delete", args=[failed.pk]), {"post": "yes"}).status_code == 403


def test_an_empty_list_says_what_to_do(desk: Any) -> None:
    assert "Enhance selected" in desk.get(listing("job")).text


def test_the_error_filter_offers_the_codes_that_happened(desk: Any, failed: Job, image: Any) -> None:
    queue(image)
    shown = desk.get(listing("job"), {"error": failed.error_code})
    assert [job.pk for job in shown.context["cl"].queryset] == [failed.pk]
    assert f"?error={failed.error_code}" in shown.text
    Job.objects.all().delete()
    assert "?error=" not in desk.get(listing("job")).text
