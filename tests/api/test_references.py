"""How requests name things of the shop."""

from __future__ import annotations

from typing import Any

import pytest

from example_project.shop.models import Photo
from shop_genai.api.references import find, find_all
from tests.conftest import draw_photo
from tests.fakes.shop import make_image

pytestmark = pytest.mark.django_db


def test_products_photos_and_catalogue_pictures_can_be_named() -> None:
    image = make_image(draw_photo())
    photo = Photo.objects.get(pk=image.object_id)
    names = [f"shop.product:{photo.product_id}", f"shop.Photo:{photo.pk}", str(image.pk)]
    assert find_all([*names, names[0], "shop.product:999"]) == [photo.product, photo, image]


def test_nothing_else_exists(user: Any, upload: Any) -> None:
    make_image(draw_photo())
    for name in (
        f"auth.user:{user.pk}",
        f"shop_genai.productimage:{upload(user).pk}",
        str(upload(user).pk),
        "shop.product:x",
        "shop.product:",
        "shop.product:99999999999999999999999999",
        "shop.nothing:1",
        "a.b.c:1",
        ":1",
        "",
        "nothing",
    ):
        assert find(name) is None, name
