"""The catalogue's garments, looked at before a shopper asks: `manage.py genai_garments`. Runs where torch is."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Model

from shop_genai import catalogue, media, recipes, registry
from shop_genai.conf import genai_settings
from shop_genai.errors import CategoryUnsupported, GarmentNotFound, GenaiError
from shop_genai.generation.tryon.params import AUTO
from shop_genai.models import GarmentAnalysis
from shop_genai.worker import garments, pipelines

log = logging.getLogger(__name__)

RECIPE = "tryon"
NONE = (GarmentNotFound, CategoryUnsupported)


def index(*, limit: int | None = None, said: Callable[[Counter[str]], None] = lambda counts: None) -> Counter[str]:
    """Analyse every picture of the catalogue that has no analysis yet. Each is kept at once, so it can be stopped.

    Args:
        limit: look at no more than so many.
        said: is told the counts after each picture.

    Returns:
        How many were ``known``, ``analysed``, ``none`` (nothing that can be tried on), ``unreadable``, and ``other``
        (of categories that ``TRYON_GARMENTS`` does not name).

    Raises:
        UnknownRecipe, WeightsMissing, TorchMissing: there is nothing to look with.
        StorageUnavailable: what was looked at before stays.
    """
    recipe = recipes.get(RECIPE)
    pipeline: Any = pipelines.get(recipe, registry.in_use(recipe))
    weights: str = pipeline.wardrobe.analyst.digest
    counts: Counter[str] = Counter()
    for row in _rows():
        if limit is not None and counts["analysed"] + counts["none"] >= limit:
            break
        category = _category(row)
        counts[_look_at(row, category, pipeline, weights) if category else "other"] += 1
        said(counts)
    return counts


def _look_at(row: Model, category: str, pipeline: Any, weights: str) -> str:
    try:
        image = catalogue.current(row)
        known = GarmentAnalysis.objects.filter(image=image, category=category, sha256=image.sha256, weights=weights)
        if known.exists():
            return "known"
        picture = media.open_input(image, catalogue.reader(image))
    except GenaiError as error:
        if error.retryable:
            raise
        log.warning("The picture of %s cannot be read: %s", row, error)
        return "unreadable"
    try:
        with garments.looking_at({garments.SLOT: image}, category):
            pipeline.analyse(picture, None, category)
    except NONE as error:
        key = pipeline.wardrobe.key(picture, None, category)
        garments.keep(key, image, category, data={}, code=error.code, weights=weights)
        return "none"
    return "analysed"


def _rows() -> Iterator[Model]:
    for model in catalogue.tracked_models():
        rows = model._default_manager.order_by("pk").select_related(*catalogue.related(model))
        yield from rows.iterator(chunk_size=200)


def _category(row: Model) -> str | None:
    named: dict[str, str] = genai_settings.TRYON_GARMENTS
    return named.get(catalogue.category_of(row)) if named else AUTO
