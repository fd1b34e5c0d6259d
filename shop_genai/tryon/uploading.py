"""A shopper's photo: accepted only with consent, stored privately for a time, deleted whenever the shopper says so."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet

from shop_genai import audit, ledger, media, photos
from shop_genai.audit import Kind
from shop_genai.conf import genai_settings
from shop_genai.errors import StorageUnavailable
from shop_genai.models import Shopper, ShopperPhoto, TryOn
from shop_genai.tryon import consenting, quota


def upload(shopper: Shopper, file: File) -> ShopperPhoto:
    """Keep a photo until ``TRYON_TTL`` is over: turned upright, re-encoded, without metadata.

    Raises:
        ConsentMissing: the shopper did not agree to the present text; the file was not read.
        TryOnLimitReached: not today any more.
        ImageRefused: or one of its kinds. Nothing was stored.
        StorageUnavailable: the storage does not answer.
    """
    alias = ledger.write_alias()
    consenting.required(shopper)
    with transaction.atomic(using=alias):
        # The lock: a consent that is being withdrawn either finds this photo, or is found withdrawn here.
        list(Shopper.objects.using(alias).filter(pk=shopper.pk).select_for_update())
        given = consenting.required(shopper)
        quota.enforce(Kind.UPLOAD, shopper)
        image = media.accept_upload(file, shopper=shopper)
        try:
            now = ledger.now()
            until = now + timedelta(seconds=genai_settings.TRYON_TTL)
            photo = ShopperPhoto.objects.using(alias).create(
                shopper=shopper, image=image, consent=given, created=now, expires_at=until
            )
            audit.note(Kind.UPLOAD, shopper, photo=photo.pk)
        except BaseException:
            with suppress(StorageUnavailable):
                media.delete_folder(image.storage, media.upload_folder(image))
            raise
    return photo


def photos_of(shopper: Shopper | None) -> QuerySet[ShopperPhoto]:
    """The shopper's photos whose time is not over, newest first; of nobody for somebody unknown."""
    rows = ShopperPhoto.objects.select_related("image")
    return rows.none() if shopper is None else rows.filter(shopper=shopper, expires_at__gt=ledger.now())


def delete(row: ShopperPhoto | TryOn) -> None:
    """Delete a photo with all that was made of it, or one try-on: rows and files, at once. A running job is dropped.

    Raises:
        StorageUnavailable: it is all still there, so the call can be repeated.
    """
    if isinstance(row, TryOn):
        photos.erase_tryon(row)
    else:
        photos.erase_photo(row.image)


def erase(shopper: Shopper) -> None:
    """Delete all photos of a shopper with all that was made of them. ``taste.erase`` does this too.

    Raises:
        StorageUnavailable: the call can be repeated.
    """
    photos.erase_shopper(shopper)
