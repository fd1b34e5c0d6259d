"""Storing what a pipeline made: the full-size file, its mask and renditions, under the job's content key."""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from shop_genai.conf import genai_settings
from shop_genai.errors import PipelineFailed
from shop_genai.media import colour, encoding, files, formats, provenance
from shop_genai.media.renditions import make_renditions
from shop_genai.models import GeneratedImage, Job, ProductImage, Status
from shop_genai.recipes import Output


def store_result(output: Output, job: Job, source: ProductImage) -> GeneratedImage:
    """Put the files and return the unsaved row. Doing it again, even by a stale worker, overwrites nothing.

    A result lies in ``PRIVATE_STORAGE`` below its owner's folder if any input of the job is a person's
    upload, else in ``STORAGE``. One of a shopper's photo lies below that photo, without renditions. Every file carries
    the provenance packet and no other metadata.

    Raises:
        PipelineFailed: the output's facts are not plain JSON.
        StorageUnavailable: try again; what was put already stays valid.
    """
    info = _plain(output.info)
    alias, folder = place(job, source)
    xmp = provenance.of_job(job).packet()
    picture = colour.to_srgb(output.image)
    name, data = encoding.encode_full(picture, xmp)
    full = files.put(alias, files.named(folder, "full", data, formats.SUFFIXES[name]), data)
    mask = ""
    if output.mask is not None:
        mask_data = encoding.encode(output.mask.convert("L"), "PNG")
        mask = files.put(alias, files.named(folder, "mask", mask_data, ".png"), mask_data)
    return GeneratedImage(
        job=job,
        source=source,
        storage=alias,
        name=full,
        mask_name=mask,
        sha256=hashlib.sha256(data).hexdigest(),
        format=name,
        width=picture.width,
        height=picture.height,
        bytes=len(data),
        renditions=[] if name_of_shopper(full) else make_renditions(picture, alias, folder, xmp),
        info=info,
    )


def place(job: Job, source: ProductImage) -> tuple[str, str]:
    """Storage alias and folder of a job's result."""
    uploads = [*ProductImage.objects.filter(uses__job=job, content_type=None), *([source] if source.is_upload else [])]
    for image in uploads:
        if image.shopper_id is not None:
            return image.storage, f"{files.upload_folder(image)}/results/{job.key}"
    owners = {image.owner_id for image in uploads}
    if owners:
        owner = source.owner_id if source.is_upload else min(owners, key=str)
        return genai_settings.PRIVATE_STORAGE, f"{files.person_folder(owner)}/results/{job.key}"
    return genai_settings.STORAGE, f"{files.ROOT}/results/{job.key[:2]}/{job.key}"


def erase_result(result: GeneratedImage) -> None:
    """Delete a result's files and its row, for a result that belongs to a person.

    Raises:
        ValueError: it is a catalogue result; pages may still show it.
        StorageUnavailable: the row is still there, so the call can be repeated.
    """
    if not result.name.startswith(files.PRIVATE):
        raise ValueError("Only results of uploads can be erased.")
    for name in [result.name, result.mask_name, *(entry["name"] for entry in result.renditions)]:
        if name:
            files.delete(result.storage, name)
    result.delete()


def name_of_shopper(name: str) -> bool:
    """Whether a storage name belongs to a shopper's try-ons."""
    return name.startswith(f"{files.TRYON}/")


def drop_leftover(result: GeneratedImage) -> None:
    """Delete a shopper's files that were put but not published, because photo or try-on were deleted meanwhile.

    While the job can still succeed, or has, the files are kept: they may be another worker's. Results of other jobs are
    kept too, for their names are made by content.

    Raises:
        StorageUnavailable: the sweep finds the files later.
    """
    alive = Job.objects.filter(pk=result.job_id, status__in=(Status.QUEUED, Status.RUNNING, Status.SUCCEEDED))
    if name_of_shopper(result.name) and not alive.exists():
        files.delete_folder(result.storage, str(PurePosixPath(result.name).parent))


def _plain(info: dict[str, Any]) -> dict[str, Any]:
    try:
        plain: dict[str, Any] = json.loads(json.dumps(info, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise PipelineFailed(_("The pipeline's facts are not plain JSON."), reason=str(error)) from error
    return plain
