"""Which picture of the catalogue is tried on, and how it is worn."""

from __future__ import annotations

from django.db.models import Model
from django.utils.translation import gettext as _

from shop_genai import catalogue, storefront
from shop_genai.errors import CategoryUnsupported, GarmentNotFound, InvalidInputs
from shop_genai.generation.tryon.params import AUTO
from shop_genai.models import GarmentAnalysis, ProductImage
from shop_genai.storefront.rows import rows_of

REFUSED = {error.code: error for error in (GarmentNotFound, CategoryUnsupported)}


def garment_of(obj: Model, category: str = AUTO) -> tuple[ProductImage, str]:
    """The picture of a garment and where it is worn: "upper", "lower", "dress", or "auto" (the picture decides).

    Args:
        obj: a product, a row with a picture, or a picture of the catalogue.
        category: what the caller says; "auto": what ``TRYON_GARMENTS`` says of the shop's own category.

    Raises:
        InvalidInputs: it has no picture, or is an upload.
        CategoryUnsupported, GarmentNotFound: it is nothing that can be tried on, as far as is known by now.
        InputMissing, ImageRefused, StorageUnavailable: the shop's picture cannot be read.
    """
    rows: list[Model] = rows_of([obj])[0]
    if not rows or (isinstance(rows[0], ProductImage) and rows[0].is_upload):
        raise InvalidInputs(_("This product has no picture that could be tried on."), field="garment")
    shown = storefront.wearable(obj)
    if shown is None:
        raise CategoryUnsupported(_("This kind of product cannot be tried on."), field="garment")
    image = rows[0] if isinstance(rows[0], ProductImage) else catalogue.current(rows[0])
    chosen = shown.category if category == AUTO else category
    known = GarmentAnalysis.objects.filter(image=image, sha256=image.sha256, category=chosen).order_by("-created")
    code = known.values_list("code", flat=True).first()
    if code in REFUSED:
        raise REFUSED[code](_("This product's picture shows nothing that could be tried on."), field="garment")
    return image, chosen
