"""Forgetting a shopper: nothing is left but what was also made for others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import storages

from shop_genai import catalogue, media, review, submission, taste
from shop_genai.errors import StorageUnavailable
from shop_genai.models import Event, GeneratedImage, Job, ProductImage, Shopper, TasteJob, TasteProfile
from tests.conftest import draw_photo
from tests.fakes.shop import make_image, shop_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invert")]

ORIGINAL = draw_photo(70, 50)


@pytest.fixture
def image() -> ProductImage:
    return make_image(ORIGINAL)


def made_for(shopper: Shopper, image: ProductImage, drain: Callable[..., Any], **order: Any) -> GeneratedImage:
    job = submission.submit(recipe="invert", inputs={"image": image}, **order).job
    taste.note_jobs(shopper, [job])
    drain()
    return GeneratedImage.objects.get(job=job)


def files_of(result: GeneratedImage) -> list[str]:
    return [result.name, *(entry["name"] for entry in result.renditions)]


def there(result: GeneratedImage) -> set[bool]:
    return {storages[result.storage].exists(name) for name in files_of(result)}


def test_all_of_a_shopper_goes(shopper: Shopper, image: ProductImage, drain: Any) -> None:
    taste.record_event(shopper, "like", image)
    result = made_for(shopper, image, drain)
    waiting = submission.submit(recipe="invert", inputs={"image": image}, seed=9).job
    taste.note_jobs(shopper, [waiting, result.job])  # noting twice is noting once
    assert TasteJob.objects.count() == 2
    assert there(result) == {True}
    taste.erase(shopper)
    for model in (Shopper, Event, TasteProfile, TasteJob, Job, GeneratedImage):
        assert not model.objects.exists(), model
    assert there(result) == {False}
    assert ProductImage.objects.get() == image  # the shop's


def test_other_shoppers_keep_theirs(shopper: Shopper, image: ProductImage, drain: Any) -> None:
    other = Shopper.objects.create()
    taste.give_consent(other)
    taste.record_event(other, "like", image)
    shared, mine = made_for(shopper, image, drain), made_for(shopper, image, drain, seed=1)
    taste.note_jobs(other, [shared.job])
    taste.erase(shopper)
    assert list(GeneratedImage.objects.all()) == [shared]
    assert (there(shared), there(mine)) == ({True}, {False})
    assert Event.objects.get().shopper == other
    taste.erase(other)
    assert there(shared) == {False}


def test_the_same_work_of_another_owner_keeps_its_files(
    shopper: Shopper, image: ProductImage, drain: Any, user: User
) -> None:
    mine, theirs = made_for(shopper, image, drain), None
    job = submission.submit(recipe="invert", inputs={"image": image}, owner=user).job
    drain()
    theirs = GeneratedImage.objects.get(job=job)
    assert theirs.name == mine.name
    taste.erase(shopper)
    assert there(theirs) == {True}


def test_a_users_own_jobs_with_a_look_go_too(user: User, image: ProductImage, drain: Any) -> None:
    mine = Shopper.objects.create(user=user)
    jobs = [submission.submit(recipe="invert", inputs={"image": image}, owner=user, seed=n).job for n in range(2)]
    Job.objects.filter(pk=jobs[0].pk).update(params={"target": "look", "look": "AAA="})
    taste.erase(mine)
    assert [job.pk for job in Job.objects.all()] == [jobs[1].pk]
    assert User.objects.filter(pk=user.pk).exists()


def test_a_published_picture_is_taken_back(shopper: Shopper, image: ProductImage, drain: Any, staff: User) -> None:
    result = review.publish(review.approve(made_for(shopper, image, drain), staff), staff)
    assert shop_bytes(image) != ORIGINAL
    taste.erase(shopper)
    assert shop_bytes(image) == ORIGINAL
    assert not GeneratedImage.objects.filter(pk=result.pk).exists()
    assert catalogue.reader(ProductImage.objects.get())() == ORIGINAL


def test_when_storage_fails_it_can_be_repeated(
    shopper: Shopper, image: ProductImage, drain: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = made_for(shopper, image, drain)

    def fail(storage: Any, name: str) -> None:
        raise StorageUnavailable("as asked")

    with monkeypatch.context() as patch:
        patch.setattr(media, "delete", fail)
        with pytest.raises(StorageUnavailable):
            taste.erase(shopper)
    assert Shopper.objects.exists()
    assert GeneratedImage.objects.filter(pk=result.pk).exists()
    taste.erase(shopper)
    assert not Shopper.objects.exists()
