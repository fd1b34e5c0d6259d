"""Filling the shelves: products, photos, shoppers and reviews from ``samples/``.

Loading twice changes nothing: rows that exist stay as staff left them, and only a photo whose file is gone
is put back. The eight goods of ``phone.csv`` have nothing but their bad telephone picture, all others their
studio picture.
"""

from __future__ import annotations

import csv
import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction
from django.utils import timezone

from example_project.shop.models import Photo, Product, Review, Shopper

SAMPLES = Path(__file__).parent / "samples"
DEMO = "demo"  # name, and while DEBUG is on also the password, of the back office's user


@dataclass(frozen=True)
class Stock:
    """What is on the shelves after loading."""

    products: int
    photos: int
    reviews: int
    phone_photos: list[Photo]  # the bad ones, in the order of phone.csv


@transaction.atomic
def load() -> Stock:
    """Load everything that is missing."""
    products = {row["sku"]: _product(position, row) for position, row in enumerate(rows("products.csv"))}
    phone = {row["sku"]: SAMPLES / row["file"] for row in rows("phone.csv")}
    photos = {}
    for row in rows("products.csv"):
        sku = row["sku"]
        photos[sku] = _photo(products[sku], phone.get(sku, SAMPLES / row["file"]))
    shoppers = {row["login"]: _shopper(row["login"], row["name"]) for row in rows("shoppers.csv")}
    for row in rows("reviews.csv"):
        Review.objects.get_or_create(
            product=products[row["sku"]],
            shopper=shoppers[row["shopper"]],
            defaults={
                "rating": int(row["rating"]),
                "text": row["text"],
                "language": row["language"],
                "created": timezone.now() - datetime.timedelta(days=int(row["days_ago"])),
            },
        )
    return Stock(
        products=Product.objects.count(),
        photos=Photo.objects.count(),
        reviews=Review.objects.count(),
        phone_photos=[photos[sku] for sku in phone],
    )


def staff() -> AbstractBaseUser:
    """The back office's user. Off DEBUG nobody can log in as it: it has no password then."""
    users = get_user_model()
    user, new = users.objects.get_or_create(username=DEMO, defaults={"is_staff": True, "is_superuser": True})
    if new:
        _give_password(user)
    return user


def _product(position: int, row: dict[str, str]) -> Product:
    product, _new = Product.objects.get_or_create(
        sku=row["sku"],
        defaults={
            "style": row["sku"].partition("_")[0],
            "title": row["title_en"],
            "title_zh": row["title_zh"],
            "description": row["description_en"],
            "description_zh": row["description_zh"],
            "category": row["category"],
            "colour": row["colour"],
            "price": row["price"],
            "position": position,
        },
    )
    return product


def _photo(product: Product, path: Path) -> Photo:
    """The product's first photo: the one that is there, else the sample."""
    photo = product.photos.first()
    storage: Storage = Photo._meta.get_field("image").storage
    if photo is None:
        return Photo.objects.create(product=product, image=_stored(storage, path))
    if not storage.exists(photo.image.name):
        photo.image = _stored(storage, path)
        photo.save(update_fields=["image"])
    return photo


def _stored(storage: Storage, path: Path) -> str:
    """The name of the sample's bytes in storage. A file of the same name with other bytes is left alone."""
    name = f"shop/photos/{path.name}"
    data = path.read_bytes()
    if storage.exists(name):
        with storage.open(name) as file:
            if file.read() == data:
                return name
    return storage.save(name, ContentFile(data))


def _shopper(login: str, name: str) -> Shopper:
    user, new = get_user_model().objects.get_or_create(username=login)
    if new:
        _give_password(user)
    shopper, _new = Shopper.objects.get_or_create(user=user, defaults={"name": name})
    return shopper


def _give_password(user: Any) -> None:
    if settings.DEBUG:
        user.set_password(DEMO)
    else:
        user.set_unusable_password()
    user.save(update_fields=["password"])


def rows(name: str) -> list[dict[str, str]]:
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
