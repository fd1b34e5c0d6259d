"""What is shown while there is no index of looks: popular pictures, then new ones."""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import islice
from typing import Any

from shop_genai import catalogue
from shop_genai.models import ProductImage

MOST = 2000  # pictures looked through
CHUNK = 100


def first(count: int, category: str | None, left_out: Set[str]) -> list[tuple[ProductImage, Any, float]]:
    """Pictures with the shop's rows and their popularity: the most popular products first, then the newest."""
    from shop_genai.taste import popularity  # numpy

    weights = popularity.counts()
    popular = sorted(weights, key=lambda pk: (-weights[pk], str(pk)))[:MOST]
    found: list[tuple[ProductImage, Any, float]] = []
    taken = set(left_out)
    for chunk in _chunks(popular):
        rows = catalogue.hosts(chunk)
        for image in chunk:
            row = rows.get(image.pk)
            if row is None or (category is not None and catalogue.category_of(row) != category):
                continue
            key = catalogue.product_key(row)
            if key not in taken:
                taken.add(key)
                found.append((image, row, weights.get(image.pk, 0.0)))
                if len(found) == count:
                    return found
    return found


def _chunks(popular: list[Any]) -> Iterator[list[ProductImage]]:
    """The popular pictures in order, then the others of the catalogue, the newest first."""
    known = ProductImage.objects.in_bulk(popular)
    listed = [known[pk] for pk in popular if pk in known]
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]
    others = ProductImage.objects.filter(content_type__isnull=False).exclude(pk__in=popular)
    newest = others.order_by("-created", "id")[:MOST].iterator(chunk_size=CHUNK)
    while chunk := list(islice(newest, CHUNK)):
        yield chunk
