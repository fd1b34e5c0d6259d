"""From a photo and a garment to a job that goes before everything that nobody waits for."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from shop_genai import audit, ledger, submission
from shop_genai.audit import Kind
from shop_genai.conf import genai_settings
from shop_genai.errors import InvalidInputs, InvalidParams
from shop_genai.genai_recipes import tryon_backends
from shop_genai.generation.tryon.params import AUTO
from shop_genai.models import Lane, Shopper, ShopperPhoto, TryOn
from shop_genai.tryon import consenting, quota
from shop_genai.tryon.garments import garment_of

RECIPE = "tryon"
PRIORITY = 100  # within the lane: a shopper in front of the screen before a merchandiser's preview


def submit(
    shopper: Shopper,
    photo: ShopperPhoto,
    garment: Model,
    *,
    category: str = AUTO,
    tuck: str | None = None,
    outer: str | None = None,
    backend: str | None = None,
    seed: int = 0,
) -> TryOn:
    """Ask for one picture. The same request again is the same try-on, while it waits, runs or has its picture.

    Args:
        garment: a product, a row with a picture, or a picture of the catalogue.
        category, tuck, outer, backend: see ``TryOnParams``; None: as by default.
        seed: for methods that draw at random.

    Raises:
        ConsentMissing: the shopper did not agree to the present text.
        InvalidInputs: the photo is not this shopper's or is gone, or the product has no picture.
        CategoryUnsupported, GarmentNotFound: it is nothing that can be tried on.
        InvalidParams: a value is none of the choices.
        TryOnLimitReached: not today any more.
        WeightsMissing, DatabaseUnavailable, StorageUnavailable: not now.
    """
    consenting.required(shopper)
    if backend is not None and backend not in tryon_backends().names():
        raise InvalidParams(_("There is no method “%(name)s”.") % {"name": backend}, field="backend")
    image, worn = garment_of(garment, category)
    asked = {"tuck": tuck, "outer": outer, "backend": backend or genai_settings.TRYON_BACKEND}
    params: dict[str, Any] = {"category": worn} | {name: value for name, value in asked.items() if value is not None}
    alias = ledger.write_alias()
    with transaction.atomic(using=alias):
        list(Shopper.objects.using(alias).filter(pk=shopper.pk).select_for_update())
        consenting.required(shopper)
        kept = ShopperPhoto.objects.using(alias).filter(pk=photo.pk, shopper=shopper, expires_at__gt=ledger.now())
        current = kept.select_related("image").first()
        if current is None:
            raise InvalidInputs(_("This photo is deleted. Please choose one again."), field="photo")
        submitted = submission.submit(
            recipe=RECIPE,
            inputs={"person": current.image, "garment": image},
            params=params,
            seed=seed,
            lane=Lane.INTERACTIVE,
            priority=PRIORITY,
        )
        if not submitted.created:
            known = TryOn.objects.using(alias).filter(job=submitted.job, shopper=shopper).first()
            if known is not None:
                return known
        quota.enforce(Kind.SUBMIT, shopper)
        tryon = TryOn.objects.using(alias).create(
            shopper=shopper, photo=current, garment=image, job=submitted.job, expires_at=current.expires_at
        )
        audit.note(Kind.SUBMIT, shopper, photo=current.pk, tryon=tryon.pk)
    return tryon
