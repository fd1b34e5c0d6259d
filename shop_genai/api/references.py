"""How requests name things of the shop: ``shop.product:12``, or the id of a picture of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Model

from shop_genai import catalogue
from shop_genai.models import ProductImage

EXAMPLE = "shop.product:12"


def find(reference: str) -> Model | None:
    """The row, if it is one with a picture, or a product that has such rows. Everything else does not exist.

    Uploads are nobody's merchandise, and rows of the host's other models are nobody's business.
    """
    label, colon, key = reference.partition(":")
    try:
        if not colon:
            return ProductImage.objects.filter(pk=UUID(label), content_type__isnull=False).first()
        model = apps.get_model(label)
        if model not in catalogue.tracked_models() and not catalogue.rows_of(model(pk=key)):
            return None
        found: Model | None = model._default_manager.filter(pk=key).first()
    except (ValueError, LookupError, TypeError, OverflowError, ValidationError):
        return None
    return found


def find_all(references: Iterable[str]) -> list[Model]:
    """Those of the rows that exist, each once, in order."""
    found = (find(reference) for reference in dict.fromkeys(references))
    return [obj for obj in found if obj is not None]
