"""Forgetting a shopper: the row, the events, the taste, and every picture that was made for it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from shop_genai import catalogue, ledger, media, photos
from shop_genai.models import GeneratedImage, Job, ProductImage, Shopper, TasteJob


def note_jobs(shopper: Shopper, jobs: Iterable[Job]) -> None:
    """These jobs make pictures for this shopper's taste: exporting shows them, erasing deletes them."""
    alias = ledger.write_alias()
    links = [TasteJob(shopper=shopper, job=job) for job in jobs]
    TasteJob.objects.using(alias).bulk_create(links, ignore_conflicts=True)


def erase(shopper: Shopper) -> None:
    """Delete all that is kept of a shopper, for good: consents, events, taste, photos, and the pictures made of them.

    Pictures made for a taste are the results of the jobs that :func:`note_jobs` noted, and of the user's own jobs with
    a look as their target. One that was published is taken back first. A job that was also made for somebody else stays
    theirs.

    Raises:
        StorageUnavailable: the rows are all still there, so the call can be repeated.
        WrongState, InputMissing: a published picture cannot be taken back; the same holds.
    """
    alias = ledger.write_alias()
    with transaction.atomic(using=alias):
        # The lock on the shopper: a photo that is being accepted is there to be deleted below, or is refused.
        list(Shopper.objects.using(alias).filter(pk=shopper.pk).select_for_update())
        # The lock on the jobs: a worker that would finish one of them waits, and then finds it gone.
        mine = Q(taste_jobs__shopper=shopper)
        if shopper.user_id is not None:
            mine |= Q(owner=shopper.user_id, params__target="look")
        shared = TasteJob.objects.using(alias).exclude(shopper=shopper).values("job")
        ids = list(ledger.jobs().filter(mine).exclude(pk__in=shared).values_list("pk", flat=True).distinct())
        locked = [job.pk for job in ledger.jobs().filter(pk__in=ids).order_by("pk").select_for_update()]
        results = list(GeneratedImage.objects.using(alias).filter(job__in=locked).select_related("source"))
        for result in results:
            if result.published_at is not None:
                _take_back(result, alias)
            _erase_result(result, alias)
        ledger.jobs().filter(pk__in=locked).delete()
        photos.erase_shopper(shopper)
        Shopper.objects.using(alias).filter(pk=shopper.pk).delete()


def _take_back(result: GeneratedImage, alias: str) -> None:
    """The shop's own picture returns."""
    source = ProductImage.objects.using(alias).select_for_update().get(pk=result.source_id)
    if not source.is_upload:
        with media.storage_errors():
            catalogue.restore_bytes(source)


def _erase_result(result: GeneratedImage, alias: str) -> None:
    """The row and its files; files that another row names too are that row's as well (same work, same content)."""
    names = [result.name, result.mask_name, *(entry["name"] for entry in result.renditions)]
    others = GeneratedImage.objects.using(alias).exclude(pk=result.pk)
    if not others.filter(storage=result.storage, name=result.name).exists():
        for name in filter(None, names):
            media.delete(result.storage, name)
    result.delete()
