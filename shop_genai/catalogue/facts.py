"""What a picture of the shop shows: which product, of which category, in which colour. And a product's pictures.

Nothing here asks a storage. ``PRODUCT_IMAGES`` names paths over the shop's own relations, such as
``"category": "product.category"``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models

from shop_genai.catalogue.adapters import entry, field_of, tracked_models
from shop_genai.models import ProductImage

PATHS = ("title", "group", "label", "category", "colour", "product")


def fact(obj: Any, name: str) -> Any:
    """What the path under this name in ``PRODUCT_IMAGES`` leads to from a row; None without one."""
    path = entry(type(obj)).get(name)
    for part in str(path).split(".") if path else ():
        obj = getattr(obj, part, None)
    return obj if path else None


def category_of(obj: Any) -> str:
    """The category of a row with a picture, as the shop stores it; else its label; else empty."""
    found = fact(obj, "category")
    return _text(fact(obj, "label") if found is None else found)


def category_label(obj: Any) -> str:
    """The category in people's words: the label of a field with choices, in the reader's language."""
    said = entry(type(obj))
    *path, name = str(said.get("category") or said.get("label") or "").split(".")
    for part in path:
        obj = getattr(obj, part, None)
    if not name or obj is None:
        return ""
    shown = getattr(obj, f"get_{name}_display", None)
    return _text(shown() if callable(shown) else getattr(obj, name, None))


def colour_of(obj: Any) -> str:
    """The colour of a row with a picture, as the shop stores it; empty where it says none."""
    return _text(fact(obj, "colour"))


def product_of(obj: Any) -> Any:
    """The row that is sold: where “product” or the title's first relation leads, else the row itself."""
    found = fact(obj, "product")
    if found is None:
        first, dot, _rest = str(entry(type(obj)).get("title") or "").partition(".")
        found = getattr(obj, first, None) if dot else None
    return found if isinstance(found, models.Model) else obj


def product_key(obj: Any) -> str:
    """What all pictures of one product share: its model and primary key."""
    product = product_of(obj)
    return f"{product._meta.label_lower}:{product.pk}"


def related(model: type[models.Model]) -> list[str]:
    """The foreign keys that the paths lead over: fetched with the rows."""
    found = []
    for name in PATHS:
        first = str(entry(model).get(name) or "").split(".")[0]
        try:
            field = model._meta.get_field(first)
        except FieldDoesNotExist:
            continue
        if (field.many_to_one or field.one_to_one) and first not in found:
            found.append(first)
    return found


def rows_of(obj: models.Model) -> list[models.Model]:
    """The shop's rows with a picture that belong to ``obj``: itself, or a product's photos in the shop's order."""
    if entry(type(obj)):
        return [obj]
    for model in tracked_models():
        said = entry(model)
        path = str(said.get("product") or str(said.get("title") or "").partition(".")[0]).replace(".", "__")
        if path and _leads_to(model, path, type(obj)):
            return list(model._default_manager.filter(**{path: obj}).select_related(*related(model)))
    return []


def pictures_of(obj: models.Model) -> list[ProductImage]:
    """The tracked pictures of a product, of one of its photos, or a ``ProductImage`` itself; the shop's first first.

    Two queries for a product, one for a photo. Pictures that the studio has not looked at yet are not among them.
    """
    if isinstance(obj, ProductImage):
        return [obj]
    return tracked(rows_of(obj))


def tracked(rows: Sequence[models.Model]) -> list[ProductImage]:
    """The studio's rows of rows of one model, in their order, with one query; those without one are left out."""
    if not rows:
        return []
    model = type(rows[0])
    found = ProductImage.objects.filter(
        content_type=ContentType.objects.get_for_model(model),
        field=field_of(model),
        object_id__in=[str(row.pk) for row in rows],
    )
    by_key = {image.object_id: image for image in found}
    return [by_key[str(row.pk)] for row in rows if str(row.pk) in by_key]


def hosts(images: Iterable[ProductImage]) -> dict[Any, Any]:
    """Picture's key → the shop's row, for many pictures with one query per model. Rows that are gone are left out."""
    wanted: dict[int, dict[str, list[ProductImage]]] = defaultdict(lambda: defaultdict(list))
    for image in images:
        if image.content_type_id is not None:
            wanted[image.content_type_id][image.object_id].append(image)
    found: dict[Any, Any] = {}
    for kind, by_key in wanted.items():
        model = ContentType.objects.get_for_id(kind).model_class()
        if model is None:
            continue
        try:
            rows = list(model._base_manager.filter(pk__in=list(by_key)).select_related(*related(model)))
        except (ValueError, ValidationError):  # the key changed its type
            continue
        for row in rows:
            for image in by_key.get(str(row.pk), ()):
                found[image.pk] = row
    return found


def _leads_to(model: type[models.Model], path: str, target: type[models.Model]) -> bool:
    """Whether a path of relations ends at a model."""
    at: Any = model
    for part in path.split("__"):
        try:
            at = at._meta.get_field(part).related_model
        except FieldDoesNotExist:
            return False
        if at is None:
            return False
    return issubclass(target, at)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
