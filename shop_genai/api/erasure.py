"""Erase an upload together with everything that was made from it."""

from __future__ import annotations

from django.db import transaction

from shop_genai import media
from shop_genai.ledger import jobs, write_alias
from shop_genai.models import GeneratedImage, JobInput, ProductImage


def erase(image: ProductImage) -> None:
    """Delete an upload, the jobs that use it in any slot, their results, and all the files.

    The jobs are locked meanwhile: a worker that would finish one of them waits, and then finds it gone.

    Raises:
        StorageUnavailable: the rows are all still there, so the call can be repeated.
    """
    alias = write_alias()
    with transaction.atomic(using=alias):
        users = JobInput.objects.using(alias).filter(image=image).values("job")
        made_from_it = [job.pk for job in jobs().filter(pk__in=users).select_for_update()]
        for result in GeneratedImage.objects.using(alias).filter(job__in=made_from_it):
            media.erase_result(result)
        jobs().filter(pk__in=made_from_it).delete()
        media.erase_upload(image)
