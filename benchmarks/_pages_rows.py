"""Rows for the page benchmark: a shopper with many jobs, and a shelf of photos with approved results. No files."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from example_project.shop.models import Photo, Product
from shop_genai.conf import genai_settings
from shop_genai.models import GeneratedImage, Job, JobInput, ProductImage, Status, Weights

PAGE = 50  # rows of a page of the API, and pictures on a page of the shop
ASKED = 1000  # jobs of the shopper, and as many of somebody else


def make_jobs() -> User:
    """Jobs of two people in all states, as a shop has them after a while; returns the one who asks."""
    asking, another = (User.objects.create_user(name) for name in ("asking", "another"))
    weights = Weights.objects.create(recipe="enhance", digest="ab" * 32, version="1")
    now = timezone.now()
    for owner in (another, asking):
        image = ProductImage.objects.create(owner=owner, name="a.jpg", **_facts(0))
        jobs = [
            Job(
                owner=owner,
                recipe="enhance",
                params={"scale": 2, "strength": 0.5},
                weights=weights,
                key=f"{number:064x}",
                batch_key="0" * 64,
                created=now - timedelta(seconds=number),
                progress=1.0,
                attempt=1,
                started=now,
                finished=now,
                deadline=now,
                seconds=0.25,
                status=Status.FAILED if number % 10 == 0 else Status.SUCCEEDED,
                error_code="out_of_memory" if number % 10 == 0 else "",
                error_message="Too large for this device." if number % 10 == 0 else "",
            )
            for number in range(ASKED)
        ]
        Job.objects.bulk_create(jobs)
        JobInput.objects.bulk_create(JobInput(job=job, slot="image", image=image) for job in jobs)
        GeneratedImage.objects.bulk_create(
            _result(job, image, approved=False) for job in jobs if job.status == Status.SUCCEEDED
        )
    return asking


def make_shelf() -> None:
    """One photo on each of ``PAGE`` products, each with an approved result in every rendition."""
    photos = []
    for number in range(PAGE):
        product = Product.objects.create(
            sku=f"sku-{number}", style=f"style-{number}", title=f"Mug {number}", category="kitchen", price="9.00"
        )
        photos.append(Photo.objects.create(product=product, image=f"shop/photos/{number}.jpg", alt=f"A mug, {number}"))
    images = ProductImage.objects.bulk_create(
        ProductImage(
            content_type=ContentType.objects.get_for_model(Photo),
            object_id=str(photo.pk),
            field="image",
            title=photo.product.title,
            name=photo.image.name,
            **_facts(photo.pk),
        )
        for photo in photos
    )
    jobs = Job.objects.bulk_create(
        Job(
            recipe="enhance",
            key=f"{photo.pk:064x}",
            batch_key="1" * 64,
            status=Status.SUCCEEDED,
            finished=timezone.now(),
        )
        for photo in photos
    )
    GeneratedImage.objects.bulk_create(
        _result(job, image, approved=True) for job, image in zip(jobs, images, strict=True)
    )


def _facts(number: int) -> dict[str, object]:
    return {"sha256": f"{number:064x}", "format": "JPEG", "width": 960, "height": 720, "bytes": 120_000}


def _result(job: Job, image: ProductImage, *, approved: bool) -> GeneratedImage:
    folder = f"genai/results/{job.key[:2]}/{job.key}"
    return GeneratedImage(
        job=job,
        source=image,
        storage=genai_settings.STORAGE,
        name=f"{folder}/full.png",
        sha256=job.key,
        format="PNG",
        width=1920,
        height=1440,
        bytes=3_000_000,
        renditions=[
            {"format": kind, "width": width, "height": width * 3 // 4, "name": f"{folder}/{width}.{kind}", "bytes": 9}
            for kind in genai_settings.RENDITION_FORMATS
            for width in genai_settings.RENDITION_WIDTHS
        ],
        review="approved" if approved else "pending",
        reviewed_at=timezone.now() if approved else None,
    )
