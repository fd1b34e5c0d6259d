"""Erased is erased: rows, files, what was made from them; all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import Storage, storages
from rest_framework.test import APIClient

from shop_genai import ledger, worker
from shop_genai.api.erasure import erase
from shop_genai.errors import StorageUnavailable
from shop_genai.media import files
from shop_genai.models import GeneratedImage, IdempotencyKey, Job, JobEvent, JobInput, ProductImage, Status
from tests.api.conftest import API
from tests.fakes.shop import make_image, make_result

pytestmark = pytest.mark.django_db


def everything(root: str = files.ROOT, storage: Storage | None = None) -> set[str]:
    """The name of every file below a folder of the private storage."""
    storage = storage or storages["private"]
    if not storage.exists(root):
        return set()
    folders, names = storage.listdir(root)
    found = {f"{root}/{name}" for name in names}
    return found.union(*(everything(f"{root}/{folder}", storage) for folder in folders))


def test_nothing_of_it_is_left(
    user: User, upload: Callable[..., ProductImage], invert: Any, drain: Callable[..., int]
) -> None:
    before = everything()
    image = upload(user, width=400, height=300)
    result = make_result(image, drain, owner=user)
    IdempotencyKey.objects.create(owner=user, key="a", request_digest="0" * 64, job=result.job)
    assert len(everything() - before) > 3  # upload, thumbnail, result, renditions
    erase(image)
    assert everything() == before
    for model in (ProductImage, Job, JobInput, JobEvent, GeneratedImage, IdempotencyKey):
        assert not model.objects.exists(), model


def test_a_job_that_uses_it_in_another_slot_goes_too(
    user: User, upload: Callable[..., ProductImage], make_job: Callable[..., Job], photo_bytes: Callable[..., bytes]
) -> None:
    host, mask = make_image(photo_bytes()), upload(user)
    job = make_job(user, host)
    JobInput.objects.create(job=job, slot="mask", image=mask)
    kept = make_job(user, host)
    erase(mask)
    assert list(Job.objects.all()) == [kept]
    assert list(ProductImage.objects.all()) == [host]


def test_a_catalogue_picture_is_not_ours_to_erase(photo_bytes: Callable[..., bytes]) -> None:
    image = make_image(photo_bytes())
    with pytest.raises(ValueError, match="belongs to the shop"):
        erase(image)
    assert ProductImage.objects.get() == image


def test_a_running_job_cannot_bring_it_back(
    user: User, upload: Callable[..., ProductImage], make_job: Callable[..., Job]
) -> None:
    """Erased between the claim and the work: the worker finds nothing and leaves nothing."""
    before = everything()
    image = upload(user)
    make_job(user, image)
    claimed = ledger.claim("bulk", "test")
    assert [job.status for job in claimed] == [Status.RUNNING]
    erase(image)
    worker.run_batch(claimed)
    assert not Job.objects.exists()
    assert not GeneratedImage.objects.exists()
    assert everything() == before


def test_a_storage_that_is_down_keeps_every_row(
    client_of: Callable[..., APIClient],
    user: User,
    upload: Callable[..., ProductImage],
    invert: Any,
    drain: Callable[..., int],
    problem: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = upload(user)
    make_result(image, drain, owner=user)
    address = f"{API}images/{image.pk}/"

    def refuse(*args: object) -> None:
        raise ConnectionRefusedError("no storage")

    kind = type(storages["private"])
    with monkeypatch.context() as patch:
        patch.setattr(kind, "delete", refuse)
        patch.setattr(kind, "listdir", refuse)
        told = problem(client_of(user).delete(address), 503, "storage_unavailable")
        with pytest.raises(StorageUnavailable):
            erase(image)
    assert told["retryable"] is True
    assert (ProductImage.objects.count(), Job.objects.count(), GeneratedImage.objects.count()) == (1, 1, 1)
    assert client_of(user).delete(address).status_code == 204
    assert not ProductImage.objects.exists()


def test_a_link_that_was_handed_out_dies(
    client_of: Callable[..., APIClient],
    user: User,
    upload: Callable[..., ProductImage],
    invert: Any,
    drain: Callable[..., int],
    problem: Callable[..., Any],
) -> None:
    image = upload(user)
    result = make_result(image, drain, owner=user)
    client = client_of(user)
    link = client.get(f"{API}results/{result.pk}/").json()["file"]
    assert client_of().get(link).status_code == 200
    client.delete(f"{API}images/{image.pk}/")
    problem(client_of().get(link), 404, "not_found")
