"""Review and publication: who may, from which state, and that the shop's original bytes are never lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.storage import Storage
from django.db import connection
from PIL import Image

from example_project.shop.models import Photo
from shop_genai import review
from shop_genai.catalogue import ImageFieldAdapter
from shop_genai.errors import InputMissing, NotAllowed, StorageUnavailable, WrongState
from shop_genai.models import GeneratedImage, ProductImage, Review
from tests.conftest import draw_photo
from tests.fakes.shop import make_image, make_result, shop_bytes

ORIGINAL = draw_photo(80, 60)


@pytest.fixture
def image(db: None) -> ProductImage:
    return make_image(ORIGINAL)


@pytest.fixture
def result(image: ProductImage, invert: Any, drain: Callable[..., int]) -> GeneratedImage:
    return make_result(image, drain)


def stored(result: GeneratedImage) -> bytes:
    with result.files.open(result.name) as file:
        return bytes(file.read())


def pixels(result: GeneratedImage) -> bytes:
    return Image.open(BytesIO(stored(result))).convert("RGB").tobytes()


def history(result: GeneratedImage) -> list[str]:
    entries = LogEntry.objects.filter(object_id=str(result.pk)).order_by("pk")
    return [entry.change_message for entry in entries]


# Verdicts ----


def test_a_verdict_is_kept_with_its_judge_and_written_to_the_history(result: Any, staff: Any) -> None:
    review.approve(result, staff)
    result.refresh_from_db()
    assert (result.review, result.reviewed_by) == (Review.APPROVED, staff)
    assert result.reviewed_at is not None

    review.reject(result, staff)
    result.refresh_from_db()
    assert result.review == Review.REJECTED

    review.reset(result, staff)
    result.refresh_from_db()
    assert (result.review, result.reviewed_by, result.reviewed_at) == (Review.PENDING, None, None)
    assert history(result) == ["Approved.", "Rejected.", "Sent back to review."]


@pytest.mark.parametrize("step", ["approve", "reject", "reset", "publish", "revert"])
def test_every_step_needs_its_permission(step: str, result: Any, user: Any) -> None:
    with pytest.raises(NotAllowed):
        getattr(review, step)(result, user)
    result.refresh_from_db()
    assert result.review == Review.PENDING
    assert history(result) == []


def test_the_two_permissions_are_separate(result: Any, user: Any) -> None:
    user.user_permissions.add(Permission.objects.get(codename="review_generatedimage"))
    review.approve(result, user)
    with pytest.raises(NotAllowed):
        review.publish(result, user)


@pytest.mark.parametrize(
    ("before", "step"),
    [
        ([], "reset"),
        ([], "publish"),
        ([], "revert"),
        (["approve"], "approve"),
        (["approve"], "revert"),
        (["reject"], "reject"),
        (["reject"], "publish"),
        (["approve", "publish"], "publish"),
        (["approve", "publish"], "reject"),
        (["approve", "publish"], "reset"),
    ],
)
def test_steps_that_make_no_sense_are_refused_and_change_nothing(
    before: list[str], step: str, result: Any, image: Any, staff: Any
) -> None:
    for name in before:
        getattr(review, name)(result, staff)
    state, shop = GeneratedImage.objects.values().get(pk=result.pk), shop_bytes(image)
    with pytest.raises(WrongState) as refusal:
        getattr(review, step)(result, staff)
    assert str(refusal.value).endswith(".")
    assert GeneratedImage.objects.values().get(pk=result.pk) == state
    assert shop_bytes(image) == shop
    assert len(history(result)) == len(before)


def test_a_deleted_result_is_refused_in_words(result: Any, staff: Any) -> None:
    GeneratedImage.objects.filter(pk=result.pk).delete()
    with pytest.raises(WrongState, match="does not exist any more"):
        review.approve(result, staff)


# Publication ----


def test_publish_puts_the_result_into_the_shop_and_revert_brings_the_original_bytes_back(
    result: Any, image: Any, staff: Any
) -> None:
    review.approve(result, staff)
    review.publish(result, staff)
    assert shop_bytes(image) == stored(result) != ORIGINAL
    result.refresh_from_db()
    assert result.published_at is not None

    review.revert(result, staff)
    assert shop_bytes(image) == ORIGINAL
    result.refresh_from_db()
    assert result.published_at is None
    assert result.review == Review.PENDING  # an approved one would still show on pages that use the tag
    assert history(result) == ["Approved.", "Published.", "Reverted: the shop's original picture is back."]


def test_the_picture_itself_can_be_reverted(result: Any, image: Any, staff: Any) -> None:
    with pytest.raises(WrongState):
        review.revert(image, staff)
    review.approve(result, staff)
    review.publish(result, staff)
    review.revert(image, staff)
    assert shop_bytes(image) == ORIGINAL


def test_publishing_another_result_withdraws_the_first_and_keeps_the_one_true_original(
    result: Any, image: Any, staff: Any, drain: Any
) -> None:
    second = make_result(image, drain, seed=1)
    for each in (result, second):
        review.approve(each, staff)
        review.publish(each, staff)
    result.refresh_from_db()
    assert result.published_at is None
    assert history(result)[-1].startswith("Withdrawn")
    assert shop_bytes(image) == stored(second)
    with pytest.raises(WrongState):
        review.revert(result, staff)
    review.revert(second, staff)
    assert shop_bytes(image) == ORIGINAL
    assert set(image.results.values_list("review", flat=True)) == {Review.PENDING}


def test_publish_and_revert_can_be_repeated(result: Any, image: Any, staff: Any) -> None:
    for _round in range(3):
        review.approve(result, staff)
        review.publish(result, staff)
        assert shop_bytes(image) == stored(result)
        review.revert(result, staff)
        assert shop_bytes(image) == ORIGINAL


def test_a_result_made_while_another_is_published_starts_from_the_original(
    result: Any, image: Any, staff: Any, drain: Any
) -> None:
    review.approve(result, staff)
    review.publish(result, staff)
    again = make_result(image, drain, seed=7)
    assert pixels(again) == pixels(result)  # inverted once from the original, not twice


def test_uploads_have_no_row_in_the_shop_to_replace(
    invert: Any, drain: Any, upload: Any, staff: Any, user: Any
) -> None:
    source = upload(user)
    before = ProductImage.objects.values().get(pk=source.pk)
    made = make_result(source, drain)
    review.approve(made, staff)
    review.publish(made, staff)
    made.refresh_from_db()
    assert made.published_at is not None
    review.revert(made, staff)
    assert ProductImage.objects.values().get(pk=source.pk) == before


# Trouble ----


@pytest.mark.parametrize("when", ["before", "after"])
def test_nothing_is_half_done_when_publishing_fails_in_the_middle(
    when: str, result: Any, image: Any, staff: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    review.approve(result, staff)
    row = ProductImage.objects.values().get(pk=image.pk)
    photo = Photo.objects.values().get(pk=image.object_id)
    replace = ImageFieldAdapter.replace

    def failing(self: Any, *args: Any, **kwargs: Any) -> None:
        if when == "after":
            replace(self, *args, **kwargs)
        raise OSError("the disk is gone")

    monkeypatch.setattr(ImageFieldAdapter, "replace", failing)
    with pytest.raises(StorageUnavailable):
        review.publish(result, staff)
    result.refresh_from_db()
    assert result.published_at is None
    assert history(result) == ["Approved."]
    assert ProductImage.objects.values().get(pk=image.pk) == row
    assert Photo.objects.values().get(pk=image.object_id) == photo
    assert shop_bytes(image) == ORIGINAL

    monkeypatch.undo()
    review.publish(result, staff)
    assert shop_bytes(image) == stored(result)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_revert_that_fails_leaves_the_published_picture(
    when: str, result: Any, image: Any, staff: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    review.approve(result, staff)
    review.publish(result, staff)
    replace = ImageFieldAdapter.replace

    def failing(self: Any, *args: Any, **kwargs: Any) -> None:
        if when == "after":
            replace(self, *args, **kwargs)
        raise OSError("the disk is gone")

    monkeypatch.setattr(ImageFieldAdapter, "replace", failing)
    with pytest.raises(StorageUnavailable):
        review.revert(result, staff)
    result.refresh_from_db()
    assert result.published_at is not None
    assert shop_bytes(image) == stored(result)

    monkeypatch.undo()
    review.revert(result, staff)
    assert shop_bytes(image) == ORIGINAL


def test_a_result_whose_file_is_gone_is_not_published(result: Any, image: Any, staff: Any) -> None:
    review.approve(result, staff)
    result.files.delete(result.name)
    with pytest.raises(InputMissing):
        review.publish(result, staff)
    assert shop_bytes(image) == ORIGINAL


def test_a_result_whose_file_was_changed_is_not_published(result: Any, image: Any, staff: Any) -> None:
    review.approve(result, staff)
    files: Storage = result.files
    with Path(files.path(result.name)).open("r+b") as file:
        file.write(b"other")
    with pytest.raises(InputMissing, match="changed"):
        review.publish(result, staff)
    assert shop_bytes(image) == ORIGINAL


def test_a_picture_whose_row_is_gone_from_the_shop_is_refused(result: Any, image: Any, staff: Any) -> None:
    review.approve(result, staff)
    Photo.objects.all().delete()
    with pytest.raises(InputMissing):
        review.publish(result, staff)
    result.refresh_from_db()
    assert result.published_at is None


@pytest.mark.django_db(transaction=True)
def test_two_people_publishing_at_once_take_turns(image: Any, result: Any, staff: Any, drain: Any) -> None:
    results = [result, make_result(image, drain, seed=1)]
    for each in results:
        review.approve(each, staff)
    start, errors = threading.Barrier(2), []

    def publish(each: GeneratedImage) -> None:
        try:
            start.wait()
            review.publish(each, staff)
        except Exception as error:  # noqa: BLE001  # whatever it is, the main thread reports it
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish, args=[each]) for each in results]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    published = GeneratedImage.objects.get(source=image, published_at__isnull=False)
    assert shop_bytes(image) == stored(published)
    review.revert(published, staff)
    assert shop_bytes(image) == ORIGINAL
