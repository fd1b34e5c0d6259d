"""Opening a job's input: checked again, because a shop's own file may be anything by now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from shop_genai import catalogue, media
from shop_genai.errors import FormatNotAllowed, InputChanged, InputMissing, StorageUnavailable
from shop_genai.models import ProductImage
from tests.conftest import draw_photo
from tests.fakes.shop import make_image
from tests.media.remote import RemoteStorage

pytestmark = pytest.mark.django_db


def test_an_upload_is_read_from_its_storage(user: Any, upload: Callable[..., ProductImage]) -> None:
    image = upload(user)
    assert media.open_input(image).size == (image.width, image.height)
    assert media.open_input(image, catalogue.reader(image)).tobytes() == media.open_input(image).tobytes()


def test_a_picture_of_the_shop_is_read_through_the_catalogue() -> None:
    image = make_image(draw_photo(90, 60))
    picture = media.open_input(image, catalogue.reader(image))
    assert (picture.mode, picture.size, picture.info) == ("RGB", (90, 60), {})


def test_a_file_that_is_gone_or_changed_is_told_apart(user: Any, upload: Callable[..., ProductImage]) -> None:
    image = upload(user)
    with pytest.raises(InputChanged):
        media.open_input(image, lambda: b"other bytes")
    media.delete(image.storage, image.name)
    with pytest.raises(InputMissing) as refusal:
        media.open_input(image)
    assert refusal.value.code == "input_missing"


def test_any_error_of_the_reader_is_a_coded_one(user: Any, upload: Callable[..., ProductImage]) -> None:
    def broken() -> bytes:
        raise ConnectionResetError

    with pytest.raises(StorageUnavailable):
        media.open_input(upload(user), broken)


def test_a_storage_that_is_down(user: Any, upload: Callable[..., ProductImage], remote: type[RemoteStorage]) -> None:
    image = upload(user)
    remote.down = True
    with pytest.raises(StorageUnavailable):
        media.open_input(image)


def test_the_checks_of_an_upload_hold_for_the_shops_files_too() -> None:
    data = draw_photo(format="GIF")
    image = ProductImage(sha256=hashlib.sha256(data).hexdigest())
    with pytest.raises(FormatNotAllowed):
        media.open_input(image, lambda: data)
