"""The rows with pictures of many products, without a query where the page has fetched them already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from shop_genai import catalogue
from shop_genai.catalogue.adapters import entry
from shop_genai.models import ProductImage


def rows_of(objects: Sequence[Model]) -> list[list[Model]]:
    """For each object its rows with a picture: itself, or a product's photos in the shop's order.

    No query for rows that have pictures themselves and for products whose photos are prefetched; else one for all the
    products of a model.
    """
    found: list[list[Model]] = [[] for _ in objects]
    unknown: defaultdict[type[Model], list[int]] = defaultdict(list)
    for number, obj in enumerate(objects):
        if isinstance(obj, ProductImage) or entry(type(obj)):
            found[number] = [obj]
        else:
            unknown[type(obj)].append(number)
    for kind, numbers in unknown.items():
        relation = _relation(kind)
        if relation is None:
            for number in numbers:
                found[number] = catalogue.rows_of(objects[number])
            continue
        model, field = relation
        held = {number: _prefetched(objects[number], field) for number in numbers}
        missing = [number for number, rows in held.items() if rows is None]
        fetched = _fetched(model, field, [objects[number] for number in missing]) if missing else {}
        for number, rows in held.items():
            found[number] = rows if rows is not None else fetched.get(objects[number].pk, [])
    return found


def _relation(kind: type[Model]) -> tuple[type[Model], Any] | None:
    """The model with pictures that points at this one with a foreign key of its own, and that key's field."""
    for model in catalogue.tracked_models():
        said = entry(model)
        path = str(said.get("product") or str(said.get("title") or "").partition(".")[0])
        try:
            field: Any = model._meta.get_field(path)
        except FieldDoesNotExist:
            continue
        if field.many_to_one and issubclass(kind, field.related_model):
            return model, field
    return None


def _prefetched(obj: Model, field: Any) -> list[Model] | None:
    """The rows that a page fetched along with the product; None if it did not."""
    name = field.remote_field.get_accessor_name()
    return list(getattr(obj, name).all()) if name in getattr(obj, "_prefetched_objects_cache", {}) else None


def _fetched(model: type[Model], field: Any, objects: Sequence[Model]) -> dict[Any, list[Model]]:
    rows = model._default_manager.filter(**{f"{field.name}__in": objects}).select_related(*catalogue.related(model))
    found: defaultdict[Any, list[Model]] = defaultdict(list)
    for row in rows:
        found[getattr(row, field.attname)].append(row)
    return found
