"""A shopper who agreed, a garment of the shop, and a look into the storage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from example_project.shop.models import Photo
from shop_genai import media, tryon
from shop_genai.models import Shopper, ShopperPhoto, TryOn
from tests.conftest import draw_photo
from tests.fakes.shop import make_photo

GREY, TEAL = (150, 150, 150), (20, 120, 120)


@pytest.fixture(autouse=True)
def _own_recipe(fitting: Any) -> None:
    """People are dressed in rectangles; no other test's photos are there."""
    media.delete_folder("private", media.TRYON)


@pytest.fixture
def garment(db: None, settings: Any) -> Photo:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_GARMENTS": {}}
    return make_photo(draw_photo(90, 80, TEAL), "Polo", "polo")


@pytest.fixture
def shopper(db: None) -> Shopper:
    made = Shopper.objects.create()
    tryon.consent(made, "1", "en")
    return made


def give(shopper: Shopper, colour: tuple[int, int, int] = GREY) -> ShopperPhoto:
    return tryon.upload(shopper, ContentFile(draw_photo(300, 400, colour), name="me.jpg"))


@pytest.fixture
def worn(shopper: Shopper, garment: Photo, drain: Callable[..., int]) -> TryOn:
    """A try-on with its picture."""
    row = tryon.submit(shopper, give(shopper), garment)
    drain()
    return tryon.tryons_of(shopper).get(pk=row.pk)


def files(storage: Storage | str = "private", folder: str = media.TRYON) -> set[str]:
    """Every file that lies below a folder."""
    found = storages[storage] if isinstance(storage, str) else storage
    return set(_below(found, folder))


def _below(storage: Storage, folder: str) -> Iterator[str]:
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        yield f"{folder}/{name}"
    for inner in folders:
        yield from _below(storage, f"{folder}/{inner}")
