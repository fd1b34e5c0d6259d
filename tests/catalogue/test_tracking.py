"""The shop's own pictures: tracked, read, replaced by a published result, and put back exactly."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import connection, models
from PIL import Image

from example_project.shop.models import Photo, Product
from shop_genai import catalogue, media
from shop_genai.errors import (
    FormatNotAllowed,
    GenaiError,
    InputChanged,
    InputMissing,
    InvalidInputs,
    StorageUnavailable,
    WrongState,
)
from shop_genai.media import encoding, provenance
from shop_genai.models import ProductImage
from tests.conftest import draw_photo
from tests.fakes.shop import make_image, make_photo, shop_bytes
from tests.media.remote import REMOTE, RemoteStorage

pytestmark = pytest.mark.django_db

ORIGINAL = draw_photo(90, 60, comment="kept exactly")


def made_by_us(colour: str) -> bytes:
    """A result's file, with the packet that says so."""
    packet = provenance.Provenance(provenance.COMPOSITE, "invert", "ab" * 32).packet()
    return encoding.encode_full(Image.new("RGB", (180, 120), colour), packet)[1]


RESULT = made_by_us("green")


@pytest.fixture(params=["disk", "memory", "remote"])
def any_storage(request: Any, settings: Any) -> Iterator[None]:
    """The shop's and the studio's files on disk, in memory, in an object store without paths."""
    backend = {"memory": "django.core.files.storage.InMemoryStorage", "remote": REMOTE}.get(request.param)
    if backend:
        store = {"BACKEND": backend}
        settings.STORAGES = {**settings.STORAGES, "default": store, "private": store}
    RemoteStorage.reset()
    yield
    RemoteStorage.reset()


# Tracking ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("any_storage")
def test_tracking_describes_the_shops_picture() -> None:
    image = catalogue.track(make_photo(ORIGINAL, title="Red mug"))
    assert (image.title, image.field, image.format, image.width, image.height) == ("Red mug", "image", "JPEG", 90, 60)
    assert (image.sha256, image.bytes) == (hashlib.sha256(ORIGINAL).hexdigest(), len(ORIGINAL))
    assert image.thumbnail
    assert not image.is_upload
    assert media.read_bytes(image, catalogue.reader(image)) == ORIGINAL


def test_tracking_again_is_the_same_row_and_stores_nothing(django_assert_num_queries: Any) -> None:
    photo = make_photo(ORIGINAL)
    first = catalogue.track(photo)
    with django_assert_num_queries(1):
        second = catalogue.track(photo)
    assert first == second
    assert (first.thumbnail, first.updated) == (second.thumbnail, second.updated)


def test_a_picture_that_the_shop_changed_is_described_anew() -> None:
    photo = make_photo(ORIGINAL)
    image = catalogue.track(photo)
    read = catalogue.reader(image)
    photo.image.save("other.png", ContentFile(draw_photo(50, 40, format="PNG")))
    with pytest.raises(InputChanged):
        media.read_bytes(image, read)
    again = catalogue.track(photo)
    assert again.pk == image.pk
    assert (again.format, again.width, again.height) == ("PNG", 50, 40)
    assert again.sha256 != image.sha256


def test_many_at_once_and_the_unusable_are_noted() -> None:
    good = [make_photo(draw_photo(60 + number, 50)) for number in range(3)]
    bad, empty = make_photo(draw_photo(format="GIF")), make_photo(ORIGINAL)
    Photo.objects.filter(pk=empty.pk).update(image="")
    refused: list[tuple[Any, GenaiError]] = []
    rows = catalogue.track_all(Photo.objects.order_by("pk"), refused=refused)
    assert [row.object_id for row in rows] == [str(photo.pk) for photo in good]
    assert {obj.pk: type(error) for obj, error in refused} == {bad.pk: FormatNotAllowed, empty.pk: InputMissing}
    with pytest.raises(FormatNotAllowed):
        catalogue.track_all([*good, bad])


def test_what_cannot_be_tracked_says_why() -> None:
    photo = make_photo(ORIGINAL)
    for call in (
        lambda: catalogue.track(photo.product),  # no image field at all
        lambda: catalogue.track(photo, "alt"),  # not a picture
        lambda: catalogue.track(Photo(product=photo.product)),  # not saved
    ):
        with pytest.raises(InvalidInputs):
            call()
    photo.image.storage.delete(photo.image.name)
    with pytest.raises(InputMissing) as refusal:
        catalogue.track(photo)
    assert refusal.value.code == "input_missing"


def test_a_row_or_a_file_that_is_gone_is_missing() -> None:
    image = make_image(ORIGINAL)
    photo = Photo.objects.get(pk=image.object_id)
    photo.image.storage.delete(photo.image.name)
    with pytest.raises(InputMissing):
        catalogue.reader(image)()
    photo.delete()
    with pytest.raises(InputMissing):
        catalogue.reader(image)()
    image.object_id = "not a number"
    with pytest.raises(InputMissing):
        catalogue.host(image)


def test_a_field_named_by_nobody_is_the_only_image_field(settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "PRODUCT_IMAGES": {}}
    assert catalogue.field_of(Photo) == "image"
    assert catalogue.field_of(Photo, "other") == "other"
    with pytest.raises(InvalidInputs):
        catalogue.field_of(Product)
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "PRODUCT_IMAGES": {"shop.photo": {"field": "front"}}}
    assert catalogue.field_of(Photo) == "front"
    assert catalogue.tracked_models() == [Photo]


# Keys of other kinds -------------------------------------------------------------------------------------------------


@pytest.fixture(params=["char", "uuid"])
def keyed(request: Any) -> Iterator[Callable[[bytes], models.Model]]:
    """Makes rows of a model whose primary key is text or a UUID; the model lives as long as the test."""
    key = {"char": models.CharField, "uuid": models.UUIDField}[request.param]
    fields = {
        "code": key(primary_key=True, max_length=40) if request.param == "char" else key(primary_key=True),
        "picture": models.ImageField(upload_to="keyed"),
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": "shop", "managed": False, "db_table": "test_keyed"}),
    }
    model: Any = type("Keyed", (models.Model,), fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE test_keyed (code {model._meta.pk.db_type(connection)} PRIMARY KEY, picture varchar(100))"
        )
    value = "A/1 ü" if request.param == "char" else uuid.UUID(int=7)
    yield lambda data: model.objects.create(code=value, picture=ContentFile(data, name="p.jpg"))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE test_keyed")
    del apps.all_models["shop"]["keyed"]
    apps.clear_cache()
    ContentType.objects.clear_cache()  # its row is rolled back with the test


def test_any_kind_of_key_is_found_again(keyed: Callable[[bytes], models.Model]) -> None:
    row = keyed(ORIGINAL)
    image = catalogue.track(row)
    assert catalogue.track(row) == image
    assert catalogue.host(image) == row
    catalogue.publish_bytes(image, RESULT, ".jpg")
    assert catalogue.reader(image)() == ORIGINAL
    catalogue.restore_bytes(image)
    row.refresh_from_db()
    assert media.get(row.picture.storage, row.picture.name) == ORIGINAL


# Publishing and putting back -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("any_storage")
def test_the_original_comes_back_to_the_byte() -> None:
    image = make_image(ORIGINAL)
    before = Photo.objects.get(pk=image.object_id).image.name
    catalogue.publish_bytes(image, RESULT, ".jpg")
    image.refresh_from_db()
    assert shop_bytes(image) == RESULT
    assert Photo.objects.get(pk=image.object_id).image.name not in ("", before)
    assert image.backup_sha256 == hashlib.sha256(ORIGINAL).hexdigest()
    assert media.get("private", image.backup) == ORIGINAL
    assert catalogue.reader(image)() == ORIGINAL  # what jobs read, also now
    catalogue.restore_bytes(image)
    image.refresh_from_db()
    assert shop_bytes(image) == ORIGINAL
    assert (image.backup, image.backup_sha256) == ("", "")


def test_publishing_twice_still_keeps_the_first_original() -> None:
    image = make_image(ORIGINAL)
    for colour in ("red", "blue"):
        data = made_by_us(colour)
        catalogue.publish_bytes(image, data, ".jpg")
        assert shop_bytes(image) == data
    catalogue.restore_bytes(image)
    assert shop_bytes(image) == ORIGINAL


def test_restoring_what_was_never_published_does_nothing() -> None:
    image = make_image(ORIGINAL)
    catalogue.restore_bytes(image)
    assert shop_bytes(image) == ORIGINAL


def test_a_picture_that_the_shop_changed_is_never_overwritten() -> None:
    image = make_image(ORIGINAL)
    photo = Photo.objects.get(pk=image.object_id)
    theirs = draw_photo(44, 44)
    photo.image.save("theirs.jpg", ContentFile(theirs))
    with pytest.raises(InputChanged) as refusal:
        catalogue.publish_bytes(image, RESULT, ".jpg")
    assert refusal.value.code == "input_changed"
    assert shop_bytes(image) == theirs


def test_a_backup_that_was_damaged_is_not_put_back() -> None:
    image = make_image(ORIGINAL)
    catalogue.publish_bytes(image, RESULT, ".jpg")
    image.backup_sha256 = "0" * 64
    with pytest.raises(InputMissing):
        catalogue.restore_bytes(image)
    assert shop_bytes(image) == RESULT


def test_storage_down_replaces_nothing(settings: Any) -> None:
    image = make_image(ORIGINAL)
    settings.STORAGES = {**settings.STORAGES, "private": {"BACKEND": REMOTE}}
    RemoteStorage.reset()
    RemoteStorage.down = True
    with pytest.raises(StorageUnavailable):
        catalogue.publish_bytes(image, RESULT, ".jpg")
    RemoteStorage.reset()
    assert shop_bytes(image) == ORIGINAL
    assert ProductImage.objects.get(pk=image.pk).backup == ""


# A shop's own adapter ------------------------------------------------------------------------------------------------


class DescriptionAdapter:
    """A shop that keeps its pictures as hexadecimal text in the product's description."""

    def read(self, obj: Any, field: str) -> bytes:
        return bytes.fromhex(obj.description)

    def replace(self, obj: Any, field: str, data: bytes, suffix: str) -> None:
        obj.description = data.hex()
        obj.save(update_fields=["description"])

    def url(self, obj: Any, field: str) -> str:
        return f"/{field}/{obj.sku}"

    def title(self, obj: Any, field: str) -> str:
        return f"{field} of {obj.sku}"

    def name(self, obj: Any, field: str) -> str:
        return hashlib.sha256(obj.description.encode()).hexdigest()


def test_a_shop_may_keep_its_pictures_anywhere(settings: Any) -> None:
    settings.SHOP_GENAI = {
        **settings.SHOP_GENAI,
        "PRODUCT_ADAPTER": f"{__name__}.DescriptionAdapter",
        "PRODUCT_IMAGES": {"shop.Product": {"field": "front"}},
    }
    product = make_photo(ORIGINAL, sku="mug").product
    Product.objects.filter(pk=product.pk).update(description=ORIGINAL.hex())
    product.refresh_from_db()
    image = catalogue.track(product)
    assert (image.title, image.field) == ("front of mug", "front")
    catalogue.publish_bytes(image, RESULT, ".jpg")
    product.refresh_from_db()
    assert product.description == RESULT.hex()
    assert catalogue.reader(image)() == ORIGINAL
    catalogue.restore_bytes(image)
    product.refresh_from_db()
    assert product.description == ORIGINAL.hex()


def test_restoring_over_a_picture_of_the_shop_is_refused() -> None:
    image = make_image(ORIGINAL)
    catalogue.publish_bytes(image, RESULT, ".jpg")
    photo = Photo.objects.get(pk=image.object_id)
    photo.image.save("theirs.jpg", ContentFile(draw_photo(44, 44)))
    with pytest.raises(WrongState):
        catalogue.restore_bytes(image)
