"""A small catalogue with looks that tests choose, and shoppers who agreed. No network, no torch, no files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType

from example_project.shop.models import Photo, Product
from shop_genai import catalogue, looks, recipes, taste
from shop_genai.models import Look, ProductImage, Shopper, Weights
from shop_genai.recipes import Recipe
from tests.fakes.recipes import INVERT

Place = Callable[..., ProductImage]


@pytest.fixture
def weights(db: None, settings: Any) -> Weights:
    """Promoted weights of a recipe “variant” that is only a name here."""
    settings.SHOP_GENAI = {
        **settings.SHOP_GENAI,
        "PRODUCT_IMAGES": {
            "shop.Photo": {
                "field": "image",
                "title": "product.title",
                "category": "product.category",
                "colour": "product.colour",
            }
        },
    }
    recipes.unregister(looks.RECIPE)
    recipes.register(
        Recipe(name="variant", label="Variant", slots=INVERT.slots, params=INVERT.params, load=INVERT.load)
    )
    return Weights.objects.create(recipe="variant", digest="ab" * 32, version="1", folder="/nowhere", promoted=True)


@pytest.fixture
def place(weights: Weights) -> Place:
    """``place([1, 0], category="t-shirt", colour="red")``: one more product whose picture has that look."""

    def place(
        vector: Sequence[float] | None,
        category: str = "t-shirt",
        colour: str = "red",
        product: Any = None,
        title: str = "",
    ) -> ProductImage:
        number = ProductImage.objects.count()
        product = product or Product.objects.create(
            sku=f"thing-{number}",
            style=f"style-{number}",
            title=title or f"Thing {number}",
            category=category,
            colour=colour,
            price="9.00",
        )
        photo = Photo.objects.create(product=product, image=f"shop/photos/{number}.jpg", position=number)
        image = ProductImage.objects.create(
            content_type=ContentType.objects.get_for_model(Photo),
            object_id=str(photo.pk),
            field="image",
            title=product.title,
            name=photo.image.name,
            sha256=f"{number:064x}",
            format="JPEG",
            width=64,
            height=48,
            bytes=1,
        )
        Look.objects.create(
            image=image,
            weights=weights,
            sha256=image.sha256,
            vector=looks.pack(vector) if vector is not None else b"",
            category=product.category,
            product=catalogue.product_key(photo),
            colour=product.colour,
        )
        looks.stamp(weights)
        return image

    return place


@pytest.fixture
def shopper(db: None) -> Shopper:
    """Somebody without an account who agreed."""
    made = Shopper.objects.create()
    taste.give_consent(made)
    return made
