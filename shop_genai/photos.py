"""Deleting shoppers' photos with all that was made of them. Every way to delete one ends here.

A photo and its results lie in one folder of the storage. The rows go in one transaction that locks the jobs first: a
worker that would finish one of them waits, then finds it gone and deletes what it has stored (``media.drop_leftover``).
What a worker that died left behind is found by the sweep.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Q

from shop_genai import audit, ledger, media
from shop_genai.audit import Kind
from shop_genai.conf import genai_settings
from shop_genai.errors import GenaiError, StorageUnavailable
from shop_genai.models import JobInput, ProductImage, Shopper, ShopperPhoto, Status, TryOn, TryOnAudit, TryOnConsent

log = logging.getLogger(__name__)

OVER = (Status.SUCCEEDED, Status.FAILED, Status.DEAD, Status.CANCELLED, Status.EXPIRED)
YOUNG = timedelta(hours=1)  # files of an upload may be there before its row; older ones without a row are left over


def erase_photo(image: ProductImage, kind: Kind = Kind.DELETE) -> None:
    """Delete a shopper's photo, the try-ons and jobs that use it, their results, and every file of them.

    Args:
        image: the photo's picture; ``shopper`` is set.
        kind: what the audit calls it.

    Raises:
        ValueError: it is no photo of a shopper.
        StorageUnavailable: the rows are all still there, so the call can be repeated.
    """
    if image.shopper_id is None:
        raise ValueError("Only photos of shoppers are deleted here.")
    alias = ledger.write_alias()
    with transaction.atomic(using=alias):
        # As it is now: its shopper may have signed in since it was read, or have deleted it.
        current = ProductImage.objects.using(alias).select_related("shopper").filter(pk=image.pk).first()
        if current is None or current.shopper is None:
            return
        image, shopper = current, current.shopper
        users = JobInput.objects.using(alias).filter(image=image).values("job")
        made_of_it = [job.pk for job in ledger.jobs().filter(pk__in=users).order_by("pk").select_for_update()]
        photo = ShopperPhoto.objects.using(alias).filter(image=image).values_list("pk", flat=True).first()
        note_ended(shopper)
        ledger.jobs().filter(pk__in=made_of_it).delete()
        media.erase_upload(image)
        audit.note(kind, shopper, photo=photo)


def erase_tryon(tryon: TryOn, kind: Kind = Kind.DELETE) -> None:
    """Delete one try-on: its job, also a running one, and the picture if there is one. The photo stays.

    Raises:
        StorageUnavailable: the rows are all still there, so the call can be repeated.
    """
    alias = ledger.write_alias()
    with transaction.atomic(using=alias):
        job = ledger.jobs().filter(pk=tryon.job_id).select_for_update().first()
        if job is None:
            return
        note_ended(tryon.shopper)
        image = tryon.photo.image
        media.delete_folder(image.storage, f"{media.upload_folder(image)}/results/{job.key}")
        audit.note(kind, tryon.shopper, photo=tryon.photo_id, tryon=tryon.pk)
        job.delete()


def erase_shopper(shopper: Shopper, kind: Kind = Kind.DELETE) -> None:
    """Delete all photos of a shopper. The consents stay: they say that the photos were kept lawfully.

    Raises:
        StorageUnavailable: what is deleted is deleted; the call can be repeated.
    """
    for image in ProductImage.objects.using(ledger.write_alias()).filter(shopper=shopper).order_by("pk"):
        erase_photo(image, kind)


def expire(at: datetime | None = None) -> int:
    """Delete what is older than ``TRYON_TTL``, and files that no row names; returns how many photos went.

    Args:
        at: the time to compare with; the database's own by default.
    """
    at = at or ledger.now()
    oldest = at - timedelta(seconds=genai_settings.TRYON_TTL)
    images = ProductImage.objects.using(ledger.write_alias()).filter(shopper__isnull=False)
    # A setting that was shortened holds for photos that are there already.
    over = Q(shopper_photo__expires_at__lte=at) | Q(created__lte=oldest)
    gone = 0
    for image in images.filter(over).select_related("shopper").order_by("created"):
        try:
            erase_photo(image, Kind.EXPIRE)
            gone += 1
        except StorageUnavailable:
            log.warning("A shopper's photo (%s) could not be deleted; the next sweep tries again", image.pk)
    return gone


def note_ended(shopper: Shopper | None = None) -> None:
    """Write into the audit how try-ons ended: those of one shopper, or all."""
    rows = TryOn.objects.using(ledger.write_alias()).filter(noted=False, job__status__in=OVER)
    if shopper is not None:
        rows = rows.filter(shopper=shopper)
    for tryon in rows.select_related("job", "shopper"):
        if TryOn.objects.using(rows.db).filter(pk=tryon.pk, noted=False).update(noted=True):
            made = tryon.job.status == Status.SUCCEEDED
            audit.note(
                Kind.RESULT if made else Kind.REFUSE,
                tryon.shopper,
                photo=tryon.photo_id,
                tryon=tryon.pk,
                code="" if made else tryon.job.error_code or tryon.job.status,
            )


def drop_orphans(at: datetime | None = None) -> int:
    """Delete folders of photos that have no row: a worker or a web process died between file and row.

    Returns:
        How many folders there were; 0 where the storage cannot list.
    """
    at = at or ledger.now()
    alias = media.tryon_storage()
    storage = storages[alias]
    images = ProductImage.objects.using(ledger.write_alias()).filter(shopper__isnull=False)
    gone = 0
    try:
        with media.storage_errors():
            folders = list(_folders(storage))
        for folder in folders:
            with media.storage_errors():
                old = _changed(storage, f"{media.TRYON}/{folder}") < at - YOUNG
            if old and not images.filter(pk=folder).exists():
                media.delete_folder(alias, f"{media.TRYON}/{folder}")
                gone += 1
    except GenaiError:
        log.warning("Files that no row names could not be deleted; the next sweep tries again", exc_info=True)
    return gone


def keep_house() -> None:
    """What the sweep does about photos, now and then."""
    expire()
    note_ended()
    drop_orphans()
    audit.delete_before(ledger.now() - timedelta(days=genai_settings.TRYON_AUDIT_KEPT_DAYS))


def hand_over(old: Shopper, new: Shopper) -> None:
    """Somebody signed in who tried something on before: consents, photos and try-ons become the user's."""
    alias = ledger.write_alias()
    for model in (TryOnConsent, ShopperPhoto, TryOn, ProductImage):
        model._default_manager.using(alias).filter(shopper=old).update(shopper=new)
    audit.hand_over(old, new)


def export(shopper: Shopper) -> dict[str, Any]:
    """All that is kept of a shopper's try-ons but the pictures, which the shopper sees anyway. Plain JSON."""
    lines = TryOnAudit.objects.filter(shopper=audit.pseudonym(shopper)).order_by("at", "pk")
    return {
        "consents": [
            {
                "version": row.text_version,
                "language": row.language,
                "at": row.at.isoformat(),
                "withdrawn_at": None if row.withdrawn_at is None else row.withdrawn_at.isoformat(),
            }
            for row in shopper.tryon_consents.order_by("pk")
        ],
        "photos": [
            {"id": str(row.pk), "created": row.created.isoformat(), "expires_at": row.expires_at.isoformat()}
            for row in shopper.tryon_photos.order_by("created")
        ],
        "tryons": [
            {
                "id": str(row.pk),
                "photo": str(row.photo_id),
                "garment": None if row.garment is None else row.garment.title,
                "status": row.job.status,
                "created": row.created.isoformat(),
            }
            for row in shopper.tryons.select_related("garment", "job").order_by("created")
        ],
        "audit": [{"kind": line.kind, "at": line.at.isoformat(), "code": line.code} for line in lines],
    }


def _folders(storage: Any) -> Iterator[UUID]:
    try:
        names, _files = storage.listdir(media.TRYON)
    except (FileNotFoundError, NotImplementedError):
        return
    for name in names:
        try:
            yield UUID(name.strip("/"))
        except ValueError:
            log.warning("%s holds a folder that is no photo's: %s", media.TRYON, name)


def _changed(storage: Any, folder: str) -> datetime:
    """When a file was put into it last; the beginning of time for an empty one."""
    folders, names = storage.listdir(folder)
    times = [storage.get_modified_time(f"{folder}/{name}") for name in names]
    times += [_changed(storage, f"{folder}/{inner}") for inner in folders if inner]
    return max(times, default=datetime.fromtimestamp(0, tz=ledger.now().tzinfo))
