"""A small catalogue with looks that tests choose, and shoppers who agreed. No network, no torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from shop_genai import looks, recipes, taste
from shop_genai.models import Look, ProductImage, Shopper, Weights
from shop_genai.recipes import Recipe
from tests.conftest import draw_photo
from tests.fakes.recipes import INVERT
from tests.fakes.shop import make_photo

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
        from shop_genai import catalogue

        number = ProductImage.objects.count()
        photo = make_photo(draw_photo(32 + number % 50, 20 + number // 50), title=title or f"Thing {number}")
        if product is None:
            photo.product.category, photo.product.colour = category, colour
            photo.product.save()
        else:
            photo.product.delete()
            photo = product.photos.create(image=photo.image, position=product.photos.count())
        image = catalogue.track(photo)
        Look.objects.create(
            image=image,
            weights=weights,
            sha256=image.sha256,
            vector=looks.pack(vector) if vector is not None else b"",
            category=photo.product.category,
            product=catalogue.product_key(photo),
            colour=photo.product.colour,
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
