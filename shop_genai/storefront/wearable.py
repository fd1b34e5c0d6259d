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
        category: where it is worn, if TRYON_GARMENTS is wrong about this one. What the setting does not name is no
            garment; an empty setting means that whoever asks asks about garments only.

    Returns:
        None for what has no picture and for goods that nobody wears.
    """
    rows = rows_of([obj])[0]
    if not rows or (isinstance(rows[0], ProductImage) and rows[0].is_upload):
        return None
    row, garments = rows[0], genai_settings.TRYON_GARMENTS
    if garments:
        shown = catalogue.host(row) if isinstance(row, ProductImage) else row
        worn = garments.get(catalogue.category_of(shown))
        if worn is None:
            return None
        category = category or worn
    category = category or "auto"
    if isinstance(row, ProductImage):
        return Wearable(str(row.pk), category, row.title)
    title = catalogue.adapter().title(row, catalogue.field_of(type(row)))
    return Wearable(f"{row._meta.label_lower}:{row.pk}", category, title)
