"""Shoppers' photos go: when they say so, when their time is over, and when a worker comes too late. Nothing stays."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.utils import timezone

from shop_genai import audit, ledger, media, photos, tasks, taste, tryon, worker
from shop_genai.errors import StorageUnavailable
from shop_genai.models import (
    GeneratedImage,
    Job,
    JobEvent,
    JobInput,
    Lane,
    ProductImage,
    Shopper,
    ShopperPhoto,
    Status,
    TryOn,
    TryOnAudit,
    TryOnConsent,
)
from tests.fakes import fitting
from tests.tryon.conftest import _own_recipe as _own_recipe
from tests.tryon.conftest import files, give
from tests.tryon.conftest import garment as garment
from tests.tryon.conftest import shopper as shopper
from tests.tryon.conftest import worn as worn

pytestmark = pytest.mark.django_db

ROWS = (ShopperPhoto, TryOn, Job, JobInput, JobEvent, GeneratedImage)


def left() -> list[str]:
    """What there still is of anybody's photos, but for consents and audit."""
    rows = [model.__name__ for model in ROWS if model._default_manager.exists()]
    return rows + ["ProductImage"] * ProductImage.objects.filter(shopper__isnull=False).count()


def kinds() -> list[str]:
    return list(TryOnAudit.objects.order_by("pk").values_list("kind", flat=True))


def test_a_deleted_photo_leaves_nothing(worn: TryOn) -> None:
    before = files()
    names = [name.rpartition("/")[2].split("-")[0] for name in before if not name.endswith("/")]
    assert sorted(names) == ["full", "mask", "upload"]  # no thumbnail, no rendition: nobody lists them
    result = GeneratedImage.objects.get()
    assert {result.name, result.mask_name, worn.photo.image.name} <= before
    assert result.renditions == []
    tryon.delete(worn.photo)
    assert files() == set()
    assert storages["private"].listdir(media.TRYON) == ([], [])  # no empty folder tells of it
    assert left() == []
    assert ProductImage.objects.count() == 1  # the shop's
    assert kinds() == ["consent", "upload", "submit", "result", "delete"]


def test_a_deleted_try_on_leaves_the_photo(worn: TryOn) -> None:
    photo = {name for name in files() if "/results/" not in name}
    tryon.delete(worn)
    assert files() == photo
    assert left() == ["ShopperPhoto", "ProductImage"]
    tryon.delete(worn)  # twice is once


def test_erasing_a_shopper_erases_everything(worn: TryOn, shopper: Shopper, garment: Any) -> None:
    tryon.submit(shopper, give(shopper), garment)  # one that waits
    taste.erase(shopper)
    assert files() == set()
    assert left() == []
    assert not Shopper.objects.exists()
    assert not TryOnConsent.objects.exists()
    line = TryOnAudit.objects.filter(kind="delete").first()
    assert line is not None
    assert line.shopper == audit.pseudonym(shopper)
    assert shopper.key.hex not in line.shopper
    assert len(line.shopper) == 32


def test_other_shoppers_keep_theirs(worn: TryOn, garment: Any, drain: Any) -> None:
    other = Shopper.objects.create()
    tryon.consent(other)
    theirs = tryon.submit(other, give(other), garment)  # the same bytes
    drain()
    before = files()
    taste.erase(worn.shopper)
    assert files() == {name for name in before if str(theirs.photo.image_id) in name}
    assert TryOn.objects.get() == theirs


def test_when_the_time_is_over_the_sweep_deletes(worn: TryOn, monkeypatch: pytest.MonkeyPatch) -> None:
    real = timezone.now()
    monkeypatch.setattr(tasks, "_kept_house_at", float("-inf"))
    monkeypatch.setattr(timezone, "now", lambda: real + timedelta(hours=23, minutes=59))
    tasks.sweep()
    assert TryOn.objects.get() == worn
    monkeypatch.setattr(tasks, "_kept_house_at", float("-inf"))
    monkeypatch.setattr(timezone, "now", lambda: real + timedelta(hours=24, seconds=5))
    tasks.sweep()
    assert files() == set()
    assert left() == []
    assert kinds()[-1] == "expire"


def test_a_shortened_time_holds_for_photos_that_are_there(worn: TryOn, settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_TTL": 60}
    assert photos.expire(ledger.now() + timedelta(seconds=20)) == 0
    assert photos.expire(ledger.now() + timedelta(seconds=61)) == 1
    assert files() == set()


def test_a_storage_that_is_down_is_asked_again(worn: TryOn, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: Any) -> int:
        raise StorageUnavailable("down")

    at = ledger.now() + timedelta(days=2)
    with monkeypatch.context() as broken:
        broken.setattr("shop_genai.media.files.delete_folder", down)
        assert photos.expire(at) == 0
        with pytest.raises(StorageUnavailable):
            tryon.delete(worn.photo)
        assert set(left()) >= {"TryOn", "ShopperPhoto", "ProductImage"}
    assert photos.expire(at) == 1
    assert files() == set()


@pytest.mark.parametrize("what", ["photo", "tryon", "shopper"])
def test_a_job_that_runs_meanwhile_leaves_nothing(
    what: str, shopper: Shopper, garment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = tryon.submit(shopper, give(shopper), garment)
    jobs = ledger.claim(Lane.INTERACTIVE, "w")
    store = media.store_result

    def deleted_while_it_is_stored(*args: Any) -> GeneratedImage:
        """The shopper presses the button when the files have been put and the row has not."""
        result = store(*args)
        assert files()
        if what == "shopper":
            taste.erase(shopper)
        else:
            tryon.delete(row if what == "tryon" else row.photo)
        return result

    monkeypatch.setattr(media, "store_result", deleted_while_it_is_stored)
    before = files()
    worker.run_batch(jobs)
    assert not GeneratedImage.objects.exists()
    assert not Job.objects.exists()
    if what == "tryon":
        assert files() == before
    else:
        assert files() == set()
        assert left() == []


def test_a_result_that_another_worker_published_is_kept(worn: TryOn) -> None:
    result = GeneratedImage.objects.get()
    media.drop_leftover(result)
    assert result.name in files()


def test_files_without_a_row_are_found(worn: TryOn) -> None:
    lost = f"{media.TRYON}/7c9f3f60-0f86-4b9e-9a6b-3a4a3c5a1d11/results/ab"
    name = media.put("private", media.named(lost, "full", b"x", ".jpg"), b"x")
    kept = files() - {name}
    assert photos.drop_orphans() == 0  # it may be an upload that has no row yet
    old = (timezone.now() - timedelta(hours=2)).timestamp()
    os.utime(storages["private"].path(name), (old, old))
    assert photos.drop_orphans() == 1
    assert files() == {each for each in kept if "7c9f3f60" not in each}
    assert TryOn.objects.get() == worn


def test_how_it_ended_is_noted_without_anybody_looking(shopper: Shopper, garment: Any, drain: Any) -> None:
    tryon.submit(shopper, give(shopper, (250, 20, 20)), garment)
    drain()
    photos.keep_house()
    photos.keep_house()
    assert kinds() == ["consent", "upload", "submit", "refuse"]
    assert TryOnAudit.objects.get(kind="refuse").code == "no_person"


def test_the_audit_is_kept_for_a_time(shopper: Shopper, settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_AUDIT_KEPT_DAYS": 30}
    audit.note(audit.Kind.DELETE, shopper)
    TryOnAudit.objects.filter(kind="delete").update(at=timezone.now() - timedelta(days=31))
    photos.keep_house()
    assert kinds() == ["consent"]


def test_the_audit_has_no_room_for_a_picture_a_path_or_a_person() -> None:
    columns = {field.name for field in TryOnAudit._meta.get_fields()}
    assert columns == {"id", "at", "kind", "shopper", "photo", "tryon", "code", "staff"}


def test_only_photos_of_shoppers_are_deleted_here(user: User, upload: Any) -> None:
    with pytest.raises(ValueError, match="shoppers"):
        photos.erase_photo(upload(user))


def test_signing_in_takes_photos_along(worn: TryOn, user: User, shopper: Shopper) -> None:
    mine = taste.merge(shopper, user)
    assert mine is not None
    assert mine.user == user
    assert tryon.tryons_of(mine).get() == worn
    assert tryon.photos_of(mine).get() == worn.photo
    assert tryon.consented(mine) is not None
    assert tryon.limits(mine).photos_left == 49
    assert not Shopper.objects.filter(pk=shopper.pk).exists()
    tryon.delete(worn.photo)
    assert files() == set()


def test_the_export_tells_it_all(worn: TryOn, shopper: Shopper) -> None:
    tryon.state(worn)
    data = taste.export(shopper)["tryon"]
    assert [row["version"] for row in data["consents"]] == ["1"]
    assert [row["id"] for row in data["photos"]] == [str(worn.photo_id)]
    assert [(row["id"], row["garment"], row["status"]) for row in data["tryons"]] == [
        (str(worn.pk), "Polo", Status.SUCCEEDED)
    ]
    assert [line["kind"] for line in data["audit"]] == ["consent", "upload", "submit", "result"]
    assert fitting.DIGEST not in str(data)
