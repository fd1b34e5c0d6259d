"""Results of the recipe “variant” as its worker would have left them; no network made them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from PIL import Image

from shop_genai import media, review
from shop_genai.generation.variant.looks import pack
from shop_genai.models import GeneratedImage, Job, JobInput, ProductImage, Status
from tests.fakes.recipes import Made

WEIGHTS = "ab" * 32  # the digest of the weights that tests of taste promote


def make_variant(
    image: ProductImage,
    staff: Any = None,
    look: Sequence[float] = (1.0, 0.0),
    colour: str = "navy",
    preview: bool = True,
    recipe: str = "variant",
) -> GeneratedImage:
    """A finished variant of a picture; approved if ``staff`` is there to do it."""
    number = Job.objects.count()
    job = Job.objects.create(
        recipe=recipe,
        key=f"{number:064x}",
        batch_key="0" * 64,
        status=Status.SUCCEEDED,
        finished=timezone.now(),
        params={"target": "colour", "colour": colour},
    )
    JobInput.objects.create(job=job, slot="image", image=image)
    info = {
        "look": pack(look),
        "colour": colour,
        "colour_hex": "#102040",
        "preview": preview,
        "weights": WEIGHTS,
    }
    picture = Image.new("RGB", (image.width, image.height), (number % 200, 40, 90))
    result = media.store_result(Made(picture, info=info), job, image)
    result.save()
    return review.approve(result, staff) if staff is not None else result
