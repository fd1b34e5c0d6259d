"""Which products of a shop can be tried on, and how the API calls them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Model

from shop_genai import catalogue
from shop_genai.conf import genai_settings
from shop_genai.models import ProductImage
from shop_genai.storefront.rows import rows_of


@dataclass(frozen=True)
class Wearable:
    """A garment that a shopper can try on.

    Args:
        reference: the row with the garment's picture as the API names it, ``shop.photo:12``; of a picture of the
            catalogue its id.
        category: "upper", "lower", "dress", or "auto": the picture decides.
        title: what the shop calls it.
    """

    reference: str
    category: str
    title: str


def wearable(obj: Model, category: str | None = None) -> Wearable | None:
    """The garment that a product or a row with a picture shows; its first picture stands for a product.

    Args:
        category: what it is; by default the setting TRYON_GARMENTS says so for the shop's own category. An empty
            setting means that whoever asks asks about garments only.

    Returns:
        None for what has no picture and for goods that nobody wears.
    """
    rows = rows_of([obj])[0]
    if not rows or (isinstance(rows[0], ProductImage) and rows[0].is_upload):
        return None
    row = rows[0]
    garments = genai_settings.TRYON_GARMENTS
    if category is None:
        shown = catalogue.host(row) if isinstance(row, ProductImage) else row
        category = garments.get(catalogue.category_of(shown)) if garments else "auto"
    if category is None:
        return None
    if isinstance(row, ProductImage):
        return Wearable(str(row.pk), category, row.title)
    title = catalogue.adapter().title(row, catalogue.field_of(type(row)))
    return Wearable(f"{row._meta.label_lower}:{row.pk}", category, title)
