"""One small WebP per picture, where the picture belongs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from shop_genai import media
from shop_genai.conf import genai_settings
from shop_genai.errors import ImageRefused
from shop_genai.media import thumbnails
from shop_genai.models import ProductImage
from tests.conftest import draw_photo
from tests.fakes.shop import make_image
from tests.media.corpus import photo

pytestmark = pytest.mark.django_db


def test_the_shops_thumbnails_are_public_and_small() -> None:
    image = make_image(draw_photo(1200, 900))
    data = media.get(genai_settings.STORAGE, image.thumbnail)
    assert media.inspect(data) == media.Header("WEBP", 320, 240, "RGB")
    assert not media.is_private(image.thumbnail)
    assert len(data) < 30_000


def test_a_persons_thumbnail_is_private(user: Any, upload: Callable[..., ProductImage]) -> None:
    image = upload(user)
    assert media.is_private(image.thumbnail)
    assert media.inspect(media.get(image.storage, image.thumbnail)).format == "WEBP"


def test_nothing_is_enlarged_and_the_picture_itself_is_not_changed() -> None:
    image = make_image(draw_photo())
    picture = photo(size=(50, 400))
    name = media.make_thumbnail(image, picture)
    assert picture.size == (50, 400)
    assert media.inspect(media.get(genai_settings.STORAGE, name)).height == thumbnails.SIDE
    small = media.make_thumbnail(image, Image.new("L", (20, 20)))
    assert media.decode(media.get(genai_settings.STORAGE, small)).size == (20, 20)


def test_the_same_picture_has_one_thumbnail() -> None:
    data = draw_photo()
    image = make_image(data)
    assert media.thumbnail_of_bytes(image, data) == image.thumbnail
    with pytest.raises(ImageRefused):
        media.thumbnail_of_bytes(image, data[:200])
