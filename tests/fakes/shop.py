"""Rows of the example shop with real files, and results made for them through the real queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.base import ContentFile

from example_project.shop.models import Photo, Product
from shop_genai import catalogue, submission
from shop_genai.models import GeneratedImage, ProductImage


def make_photo(data: bytes, title: str = "Mug", sku: str | None = None) -> Photo:
    """A product of the shop with one photo, its file stored as the shop would store it."""
    number = Product.objects.count()
    product = Product.objects.create(
        sku=sku or f"sku-{number}",
        style=f"style-{number}",
        title=title,
        category="kitchen",
        colour="red",
        price="9.00",
    )
    return Photo.objects.create(product=product, image=ContentFile(data, name=f"photo-{number}.jpg"))


def make_image(data: bytes, title: str = "Mug", sku: str | None = None) -> ProductImage:
    """A tracked photo of the shop."""
    return catalogue.track(make_photo(data, title, sku))


def make_result(image: ProductImage, drain: Callable[..., Any], seed: int = 0, owner: Any = None) -> GeneratedImage:
    """What the recipe “invert” makes of a picture; another seed makes another row."""
    job = submission.submit(recipe="invert", inputs={"image": image}, seed=seed, owner=owner).job
    drain()
    return GeneratedImage.objects.get(job=job)


def shop_bytes(image: ProductImage) -> bytes:
    """What the shop itself has in its row now."""
    photo = Photo.objects.get(pk=image.object_id)
    with photo.image.open("rb") as file:
        return bytes(file.read())
