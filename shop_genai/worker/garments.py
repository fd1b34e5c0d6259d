"""Analyses of garments, kept in rows: the cache that a try-on's pipeline gets in a worker.

Only what is found on pictures of the catalogue is kept. What is found on an upload is forgotten with the job.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import DatabaseError, InterfaceError, router, transaction
from django.db.models import Q

from shop_genai.models import GarmentAnalysis, ProductImage

log = logging.getLogger(__name__)

SLOT, MASK = "garment", "garment_mask"

# The picture that the pipeline looks at now, and the category that was asked for: a cache is told no more than a key.
_at: ContextVar[tuple[ProductImage, str] | None] = ContextVar("garment", default=None)


@contextmanager
def looking_at(given: Mapping[str, ProductImage], category: str) -> Iterator[None]:
    """Within it, analyses are kept for the picture in the slot “garment”, if they may be kept at all."""
    image = given.get(SLOT)
    keeps = image is not None and not image.is_upload and MASK not in given
    token = _at.set((image, category) if image is not None and keeps else None)
    try:
        yield
    finally:
        _at.reset(token)


class GarmentRows:
    """A ``GarmentCache`` in the database. Without a database garments are analysed again, and nothing fails."""

    def get(self, key: str) -> Mapping[str, Any] | None:
        rows = GarmentAnalysis.objects.filter(key=key, code="")
        try:
            found: Mapping[str, Any] | None = rows.values_list("data", flat=True).first()
        except (DatabaseError, InterfaceError) as error:
            log.warning("Garments that are known cannot be read: %s", error)
            return None
        return found

    def put(self, key: str, value: dict[str, Any]) -> None:
        at = _at.get()
        if at is None:
            return
        try:
            keep(key, *at, data=value)
        except (DatabaseError, InterfaceError) as error:
            log.warning("A garment cannot be kept: %s", error)


def keep(
    key: str, image: ProductImage, category: str, *, data: dict[str, Any], code: str = "", weights: str = ""
) -> None:
    """Write an analysis, or with ``code`` why there is none; what older weights or an older picture said goes."""
    weights = str(data.get("digest", "")) or weights
    alias = router.db_for_write(GarmentAnalysis)
    with transaction.atomic(using=alias):
        rows = GarmentAnalysis.objects.using(alias)
        rows.filter(Q(image=image) & ~Q(sha256=image.sha256, weights=weights)).delete()
        rows.update_or_create(
            key=key,
            defaults={
                "image": image,
                "sha256": image.sha256,
                "weights": weights,
                "category": category,
                "kind": str(data.get("kind", "")),
                "source": str(data.get("source", "")),
                "confidence": float(data.get("confidence", 0.0)),
                "code": code,
                "data": data,
            },
        )
