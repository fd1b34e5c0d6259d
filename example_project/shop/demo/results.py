"""What became of the photos: collected, approved, written as files, shown in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

from PIL import Image
from rich.markup import escape
from rich.table import Table

from example_project.shop.demo.photos import Source
from example_project.shop.demo.sheet import Pair
from shop_genai import catalogue, media, review
from shop_genai.models import GeneratedImage, Job, Review


@dataclass
class Finished:
    """One photo, its job, and the result if there is one."""

    source: Source
    job: Job
    result: GeneratedImage | None
    file: Path | None = None


def collect(sources: Sequence[Source], job_ids: Sequence[UUID]) -> list[Finished]:
    """The jobs as they ended, in the order of the photos."""
    jobs = Job.objects.select_related("weights", "result__source").in_bulk(list(job_ids))
    return [
        Finished(source, jobs[job_id], getattr(jobs[job_id], "result", None))
        for source, job_id in zip(sources, job_ids, strict=True)
    ]


def approve(finished: Sequence[Finished], staff: Any) -> None:
    """What nobody has judged yet is approved, so that the shop shows it. A rejection stands."""
    for one in finished:
        if one.result is not None and one.result.review == Review.PENDING:
            one.result = review.approve(one.result, staff)


def forget(recipe: str, sources: Sequence[Source], staff: Any) -> int:
    """Delete earlier jobs of these pictures with their results; the shop's own bytes come back first.

    Returns:
        How many jobs there were.
    """
    digests = {source.image.sha256 for source in sources} | {source.image.backup_sha256 for source in sources} - {""}
    jobs = Job.objects.filter(recipe=recipe, owner=staff, inputs__image__sha256__in=digests).distinct()
    for result in GeneratedImage.objects.filter(job__in=jobs, published_at__isnull=False):
        review.revert(result, staff)
    count = jobs.count()
    Job.objects.filter(pk__in=list(jobs.values_list("pk", flat=True))).delete()
    return count


def write_files(finished: Sequence[Finished], folder: Path) -> None:
    """Each result's full-size file below ``folder``, under its photo's own name."""
    for one in finished:
        if one.result is None:
            continue
        suffix = PurePosixPath(one.result.name).suffix
        path = folder / Path(one.source.name).with_suffix("")
        one.file = path.with_name(path.name + suffix)
        one.file.parent.mkdir(parents=True, exist_ok=True)
        one.file.write_bytes(media.get(one.result.storage, one.result.name))


def pairs(finished: Sequence[Finished]) -> list[Pair]:
    """Before and after of everything that succeeded."""
    return [
        Pair(one.source.name, _before(one), _after(one.file))
        for one in finished
        if one.result is not None and one.file is not None
    ]


def table(finished: Sequence[Finished]) -> Table:
    """One line per photo, within 80 columns. Seconds are the job's share of its batch's time on the device."""
    shown = Table(box=None, pad_edge=True)
    shown.add_column("", justify="right", no_wrap=True)
    shown.add_column("photo", overflow="fold")
    shown.add_column("before → after", no_wrap=True)
    shown.add_column("seconds", justify="right", no_wrap=True)
    shown.add_column("status", overflow="fold")
    for number, one in enumerate(finished, 1):
        size = f"{one.source.image.width} × {one.source.image.height}"
        if one.result is not None:
            size += f" → {one.result.width} × {one.result.height}"
            status = f"[green]{one.job.get_status_display()}[/], {one.result.get_review_display().lower()}"
        else:
            reason = f"{escape(one.job.error_message)} \\[{one.job.error_code}]"
            status = f"[red]{one.job.get_status_display()}[/]: {reason}"
        shown.add_row(str(number), escape(one.source.name), size, f"{one.job.seconds:.1f}", status)
    return shown


def weights(finished: Sequence[Finished]) -> str:
    """Which weights were pinned, as the digest's beginning and, once a result tells it, their version."""
    return ", ".join(sorted({_weights(one) for one in finished if one.job.weights}))


def _weights(one: Finished) -> str:
    digest = one.job.weights.digest[:12]
    version = one.result.info.get("weights_version") if one.result else None
    return f"{one.job.recipe} {version} ({digest})" if version else f"{one.job.recipe} ({digest})"


def _before(one: Finished) -> Image.Image:
    image = one.source.image
    return rgb(media.open_input(image, None if image.is_upload else catalogue.reader(image)))


def _after(file: Path) -> Image.Image:
    with Image.open(file) as picture:
        picture.load()
        return rgb(picture.copy())


def rgb(picture: Image.Image) -> Image.Image:
    """Transparent parts on white, as a shop's page shows them."""
    if picture.mode == "RGB":
        return picture
    layer = picture.convert("RGBA")
    page = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(page, layer).convert("RGB")
