"""Accepting a picture from a user, and forgetting it again."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import DatabaseError
from PIL import Image

from shop_genai import media
from shop_genai.conf import genai_settings
from shop_genai.errors import ImageTooLarge, NotAnImage, StorageUnavailable
from shop_genai.media import files, uploads
from shop_genai.models import GeneratedImage, ProductImage
from tests.fakes.shop import make_image, make_result
from tests.media import corpus, crafted
from tests.media.crafted import encoded
from tests.media.remote import RemoteStorage

pytestmark = pytest.mark.django_db


def accept(data: bytes, user: Any, **options: Any) -> ProductImage:
    return media.accept_upload(ContentFile(data, name="x.jpg"), owner=user, **options)


def test_an_upload_lies_privately_and_its_row_describes_it(user: Any) -> None:
    image = accept(encoded(corpus.photo(), "JPEG"), user, title="  My\x00  mug ")
    data = media.get(genai_settings.PRIVATE_STORAGE, image.name)
    assert image.storage == genai_settings.PRIVATE_STORAGE
    assert image.name.startswith(files.person_folder(user.pk))
    assert media.is_private(image.thumbnail)
    assert (image.title, image.owner, image.is_upload) == ("My mug", user, True)
    assert (image.sha256, image.bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (image.format, image.width, image.height) == ("JPEG", 64, 48)
    assert not storages[genai_settings.STORAGE].exists(image.name)


def test_the_same_file_of_two_users_is_two_files(user: Any, staff: Any) -> None:
    data = encoded(corpus.photo(), "JPEG")
    mine, theirs = accept(data, user), accept(data, staff)
    assert mine.sha256 == theirs.sha256
    assert mine.name != theirs.name


def test_a_jpeg_written_again_loses_next_to_nothing() -> None:
    """Same quantisation tables: after one rewriting, colours move by rounding only."""
    for options in ({"quality": 60}, {"quality": 92, "subsampling": 0}, {"quality": 30, "progressive": True}):
        data = encoded(corpus.photo(size=(320, 240)), "JPEG", **options)
        name, again, picture = uploads.reencode(data)
        assert name == "JPEG"
        before, after = media.decode(data), media.decode(again)
        assert picture.tobytes() == before.tobytes()
        pairs = zip(before.tobytes(), after.tobytes(), strict=True)
        assert sum(abs(a - b) for a, b in pairs) / len(before.tobytes()) < 1.0
        assert len(again) < len(data) * 1.05


def test_what_is_not_a_jpeg_is_kept_without_loss() -> None:
    for format, options in {"PNG": {}, "WEBP": {"lossless": True}}.items():
        name, again, _picture = uploads.reencode(encoded(corpus.photo(), format, **options))
        assert name == "PNG"
        assert media.decode(again).tobytes() == corpus.photo().tobytes()


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_other_kinds_of_jpeg(mode: str) -> None:
    name, again, picture = uploads.reencode(encoded(corpus.photo(mode), "JPEG"))
    assert name == "JPEG"
    assert media.decode(again).mode == picture.mode == ("L" if mode == "L" else "RGB")


def test_bytes_are_limited_whatever_the_file_says(user: Any, settings: Any) -> None:
    data = encoded(corpus.photo(size=(300, 300)), "PNG")
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "MAX_UPLOAD_BYTES": len(data)}
    accept(data, user)
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "MAX_UPLOAD_BYTES": len(data) - 1}
    with pytest.raises(ImageTooLarge):
        accept(data, user)
    liar = ContentFile(data)
    liar.size = 3
    with pytest.raises(ImageTooLarge):
        media.accept_upload(liar, owner=user)


def test_a_picture_over_the_limit_is_refused_before_it_is_read(user: Any) -> None:
    file = ContentFile(crafted.jpeg_of_size(encoded(corpus.photo(), "JPEG"), 9_000, 9_000) + bytes(5_000_000))
    with mock.patch.object(uploads, "reencode") as reencode, pytest.raises(ImageTooLarge):
        media.accept_upload(file, owner=user)
    assert not reencode.called
    assert file.tell() < 100_000


def test_an_empty_file_is_not_an_image(user: Any) -> None:
    with pytest.raises(NotAnImage):
        accept(b"", user)


def test_a_file_that_was_read_before_is_read_from_its_start(user: Any) -> None:
    file = ContentFile(encoded(corpus.photo(), "PNG"))
    file.read()
    assert media.accept_upload(file, owner=user).width == 64


def test_nothing_is_left_when_the_row_cannot_be_written(user: Any, remote: type[RemoteStorage]) -> None:
    with mock.patch.object(ProductImage, "save", side_effect=DatabaseError), pytest.raises(DatabaseError):
        accept(encoded(corpus.photo(), "PNG"), user)
    assert remote.objects == {}


def test_a_storage_that_is_down_is_a_coded_answer(user: Any, remote: type[RemoteStorage]) -> None:
    remote.down = True
    with pytest.raises(StorageUnavailable):
        accept(encoded(corpus.photo(), "PNG"), user)
    assert ProductImage.objects.count() == 0


@pytest.mark.usefixtures("invert")
def test_erasing_takes_files_rows_and_results_with_it(
    user: Any, upload: Callable[..., ProductImage], drain: Callable[..., int], remote: type[RemoteStorage]
) -> None:
    image, other = upload(user), upload(user, colour=(9, 9, 9))
    make_result(image, drain, owner=user)
    kept = make_result(other, drain, owner=user)
    media.erase_upload(image)
    assert list(ProductImage.objects.all()) == [other]
    assert list(GeneratedImage.objects.all()) == [kept]
    left = {other.name, other.thumbnail, kept.name, *(entry["name"] for entry in kept.renditions)}
    assert set(remote.objects) == left


@pytest.mark.usefixtures("invert")
def test_a_failed_erasure_can_be_repeated(
    user: Any, upload: Callable[..., ProductImage], remote: type[RemoteStorage]
) -> None:
    image = upload(user)
    remote.down = True
    with pytest.raises(StorageUnavailable):
        media.erase_upload(image)
    remote.down = False
    media.erase_upload(ProductImage.objects.get(pk=image.pk))
    assert remote.objects == {}


def test_a_picture_of_the_shop_cannot_be_erased_here(photo_bytes: Callable[..., bytes]) -> None:
    with pytest.raises(ValueError, match="belongs to the shop"):
        media.erase_upload(make_image(photo_bytes()))


def test_what_is_stored_can_be_opened_by_anyone(user: Any) -> None:
    image = accept(encoded(corpus.photo(), "WEBP"), user)
    with Image.open(io.BytesIO(media.get(image.storage, image.name))) as opened:
        assert (opened.format, opened.size) == ("PNG", (64, 48))
