"""Who may see and do what. Everything starts from a queryset of what the user may see, so the rest is a 404.

Users see their own rows. Shoppers' photos, try-ons and what is made of them are in none of these: who may see them
asks ``shop_genai.tryon``. Staff see everyone's with the model's view permission; catalogue pictures can be
seen and used by staff with ``enhance_productimage``. Results and jobs belong to whoever submitted them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.aggregates import Aggregate
from django.utils.translation import gettext as _

from shop_genai.errors import InvalidInputs, NotAllowed
from shop_genai.models import GeneratedImage, Job, JobInput, ProductImage


def staff_may(user: Any, permission: str) -> bool:
    """Whether a member of staff holds one of the studio's permissions, named without its app label."""
    return bool(user.is_staff and user.has_perm(f"shop_genai.{permission}"))


def images_for(user: Any) -> QuerySet[ProductImage]:
    """The pictures that the user may see."""
    images = ProductImage.objects.filter(shopper=None).select_related("content_type")
    if staff_may(user, "view_productimage"):
        return images
    if staff_may(user, "enhance_productimage"):
        return images.filter(Q(owner=user) | Q(content_type__isnull=False))
    return images.filter(owner=user)


def jobs_for(user: Any) -> QuerySet[Job]:
    """The jobs that the user may see, by one query: with ``input_ids``, ``weights_digest``, ``result_id``."""
    inputs = JobInput.objects.filter(job=OuterRef("pk")).order_by().values("job")
    jobs = Job.objects.filter(tryon=None).annotate(
        input_ids=Subquery(inputs.annotate(ids=_ObjectOf("slot", "image")).values("ids")),
        weights_digest=F("weights__digest"),
        result_id=F("result__id"),
    )
    return jobs if staff_may(user, "view_job") else jobs.filter(owner=user)


def results_for(user: Any) -> QuerySet[GeneratedImage]:
    """The results that the user may see, each with its job."""
    results = GeneratedImage.objects.filter(source__shopper=None).select_related("job")
    return results if staff_may(user, "view_generatedimage") else results.filter(job__owner=user)


def inputs_for(user: Any, chosen: Mapping[str, UUID]) -> dict[str, ProductImage]:
    """Slot → image id, as the request names them, → slot → image that the user may generate from.

    Raises:
        InvalidInputs: no such image, or one that the user may not see.
        NotAllowed: a picture of the catalogue or of someone else, and the user may see but not use it.
    """
    found = images_for(user).in_bulk(list(chosen.values()))
    for slot, image_id in chosen.items():
        if image_id not in found:
            raise InvalidInputs(_("There is no image %(id)s.") % {"id": image_id}, field=slot)
    foreign = [image for image in found.values() if image.owner_id != user.pk]
    if foreign and not staff_may(user, "enhance_productimage"):
        raise NotAllowed(_("You may not generate from pictures of the catalogue or of other people."))
    return {slot: found[image_id] for slot, image_id in chosen.items()}


class _ObjectOf(Aggregate):
    """Rows of a subquery → one JSON text ``{"slot": "image id", …}``: a list needs no second query."""

    name = "ObjectOf"
    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_GROUP_OBJECT", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "%(function)s(%(expressions)s)::text"
        return self.as_sql(compiler, connection, function="JSON_OBJECT_AGG", template=template, **extra)
