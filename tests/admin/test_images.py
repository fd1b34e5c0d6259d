"""The list of pictures: where each stands, who may see whose bytes, and the way to new jobs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from shop_genai import review, submission
from shop_genai.admin.states import PictureState, with_state
from shop_genai.models import Job, ProductImage, Status
from tests.admin.conftest import act, listing, page
from tests.conftest import draw_photo
from tests.fakes.shop import make_image, make_result


def state(image: ProductImage) -> str:
    return str(with_state(ProductImage.objects.filter(pk=image.pk)).get().state)  # type: ignore[attr-defined]


def test_the_state_follows_a_picture_through_its_life(image: Any, invert: Any, drain: Any, staff: Any) -> None:
    assert state(image) == PictureState.NONE
    job = submission.submit(recipe="invert", inputs={"image": image}).job
    assert state(image) == PictureState.QUEUED
    drain()
    assert state(image) == PictureState.WAITING
    result = Job.objects.get(pk=job.pk).result
    review.approve(result, staff)
    assert state(image) == PictureState.APPROVED
    review.publish(result, staff)
    assert state(image) == PictureState.PUBLISHED
    submission.submit(recipe="invert", inputs={"image": image}, seed=5)
    assert state(image) == PictureState.QUEUED
    assert ProductImage.objects.get(pk=image.pk).results.count() == 1


def test_a_failed_job_shows_until_something_came_of_the_picture(image: Any, invert: Any, drain: Any) -> None:
    submission.submit(recipe="invert", inputs={"image": image})
    Job.objects.update(status=Status.FAILED, error_code="input_missing", active_key=None, finished=timezone.now())
    assert state(image) == PictureState.FAILED
    make_result(image, drain)
    assert state(image) == PictureState.WAITING


def test_a_rejected_result_leaves_nothing(result: Any, image: Any, staff: Any) -> None:
    review.reject(result, staff)
    assert state(image) == PictureState.NONE


def test_the_list_can_be_filtered_by_state_and_host(desk: Any, result: Any, upload: Any, user: Any) -> None:
    untouched = make_image(draw_photo(50, 50), "Bottle")
    loaded = upload(user, width=33, height=22)
    for query, expected in [
        ({"state": "waiting"}, {result.source_id}),
        ({"state": "none"}, {untouched.pk, loaded.pk}),
        ({"host": "upload"}, {loaded.pk}),
        ({"host": str(untouched.content_type_id)}, {untouched.pk, result.source_id}),
        ({"q": "bottle"}, {untouched.pk}),
        ({"q": str(loaded.pk)}, {loaded.pk}),
    ]:
        rows = desk.get(listing("productimage"), query).context["cl"].queryset
        assert {row.pk for row in rows} == expected, query


def test_a_longer_list_needs_no_more_queries(desk: Any, invert: Any, drain: Any, upload: Any, user: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert desk.get(listing("productimage")).status_code == 200
        return len(captured)

    make_result(make_image(draw_photo(40, 30)), drain)
    upload(user)
    queries()  # content types and sessions are read once
    few = queries()
    for number in range(6):
        make_result(make_image(draw_photo(41 + number, 30)), drain)
        upload(user, width=70 + number)
    assert queries() == few <= 12


def test_an_empty_list_says_what_to_do(desk: Any) -> None:
    assert "tracked" in desk.get(listing("productimage")).text
    assert "Show everything" in desk.get(listing("productimage"), {"q": "nothing like it"}).text


def test_the_page_of_a_picture_shows_results_and_jobs(desk: Any, result: Any) -> None:
    text = desk.get(page(result.source)).text
    assert page(result) in text
    assert page(result.job) in text


@pytest.mark.parametrize("variant", ["original", "thumbnail"])
def test_uploads_are_streamed_only_to_who_may_see_them(
    variant: str, desk: Any, someone: Any, client: Any, upload: Any, user: Any
) -> None:
    loaded = upload(user)
    address = reverse("admin:shop_genai_productimage_picture", args=[loaded.pk, variant])
    answer = desk.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("image/")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, max-age=3600"
    assert someone("view_job").get(address).status_code == 403
    assert client.get(address).status_code == 302  # to the login page
    client.force_login(user)
    assert client.get(address).status_code == 302


def test_the_list_links_uploads_only_through_the_guarded_view(desk: Any, upload: Any, user: Any) -> None:
    loaded = upload(user)
    text = desk.get(listing("productimage")).text
    assert reverse("admin:shop_genai_productimage_picture", args=[loaded.pk, "thumbnail"]) in text
    assert loaded.name not in text


def test_a_missing_file_is_a_404_with_a_sentence(desk: Any, image: Any) -> None:
    from example_project.shop.models import Photo

    photo = Photo.objects.get(pk=image.object_id)
    photo.image.storage.delete(photo.image.name)
    address = reverse("admin:shop_genai_productimage_picture", args=[image.pk, "original"])
    assert desk.get(address).status_code == 404
    assert desk.get(page(image)).status_code == 200


def test_the_original_stays_visible_while_a_result_is_published(desk: Any, result: Any, image: Any, staff: Any) -> None:
    address = reverse("admin:shop_genai_productimage_picture", args=[image.pk, "original"])
    before = b"".join(desk.get(address))
    review.approve(result, staff)
    review.publish(result, staff)
    assert b"".join(desk.get(address)) == before == draw_photo(80, 60)


def test_rows_are_not_typed_in_or_deleted_here(desk: Any, image: Any) -> None:
    assert desk.get(reverse("admin:shop_genai_productimage_add")).status_code == 403
    assert (
        desk.post(reverse("admin:shop_genai_productimage_delete", args=[image.pk]), {"post": "yes"}).status_code == 403
    )
    assert desk.post(page(image), {"title": "Other"}).status_code == 403
    assert ProductImage.objects.filter(pk=image.pk, title=image.title).exists()


def test_deleting_a_user_in_the_shops_admin_is_not_stopped_by_us(
    admin_client: Any, invert: Any, drain: Any, upload: Any, user: Any
) -> None:
    make_result(upload(user), drain, owner=user)
    address = reverse("admin:auth_user_delete", args=[user.pk])
    assert admin_client.post(address, {"post": "yes"}).status_code == 302
    assert not ProductImage.objects.exists()
    assert not Job.objects.filter(status=Status.SUCCEEDED).exists()


def test_without_the_permission_there_is_no_action(someone: Any, invert: Any, image: Any) -> None:
    viewer = someone("view_productimage")
    assert "genai_invert" not in viewer.get(listing("productimage")).text
    act(viewer, "genai_invert", image)
    assert not Job.objects.exists()
    address = reverse("admin:shop_genai_productimage_generate", args=["invert", "token"])
    assert viewer.get(address).status_code == 403
