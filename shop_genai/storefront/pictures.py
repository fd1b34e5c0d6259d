"""Which approved result stands for a picture of the shop. What was found is noted on the shop's own objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from django.db.models import Model, Q

from shop_genai import catalogue, media, recipes
from shop_genai.models import GeneratedImage, ProductImage, Review

_FOUND = "_genai_results"  # attribute of the shop's objects: {field: GeneratedImage or None}


def find_pictures(objects: Iterable[Model], field: str | None = None) -> None:
    """Note on every object which approved result stands for it, with one query: the published one, else the newest.

    Results of recipes that do not stand in for the product, such as variants, count only if they are published.

    Args:
        objects: rows of the shop that have a picture, or ``ProductImage`` rows; of several models too.
    """
    places = [(obj, *place_of(obj, field)) for obj in objects]
    if not places:
        return
    best: dict[tuple[str, str, str], GeneratedImage] = {}
    others = [recipe.name for recipe in recipes.all_recipes() if not recipe.stands_in]
    approved = GeneratedImage.objects.filter(made_from(places), review=Review.APPROVED)
    approved = approved.exclude(published_at=None, job__recipe__in=others)
    # The newest comes last and stays; a published one comes after all others.
    for result in approved.select_related("source__content_type").order_by("reviewed_at", "created"):
        for key in keys_of(result.source):
            if key not in best or result.published_at or not best[key].published_at:
                best[key] = result
    for obj, label, name in places:
        found = best.get((label, name, str(obj.pk)))
        if found is not None and not is_current(found.source, obj, name):
            found = None  # the shop has replaced its picture since
        obj.__dict__.setdefault(_FOUND, {})[name] = found


def picture_of(obj: Model, field: str | None = None) -> GeneratedImage | None:
    """The approved result that stands for a row; asks the database only if nobody has yet."""
    name = place_of(obj, field)[1]
    if name not in obj.__dict__.get(_FOUND, {}):
        find_pictures([obj], field)
    found: GeneratedImage | None = obj.__dict__[_FOUND][name]
    return found


def address_of(obj: Model, field: str | None = None) -> str:
    """Where a row's picture is, as pages show it: the approved result's full size, else the shop's own."""
    result = picture_of(obj, field)
    return media.link(result) if result is not None else catalogue.adapter().url(obj, place_of(obj, field)[1])


def place_of(obj: Model, field: str | None = None) -> tuple[str, str]:
    """The model's label and the picture's field."""
    if isinstance(obj, ProductImage):
        return ProductImage._meta.label_lower, ""
    return obj._meta.concrete_model._meta.label_lower, catalogue.field_of(type(obj), field)  # type: ignore[union-attr]  # never abstract


def made_from(places: Iterable[tuple[Model, str, str]]) -> Q:
    """The condition for results of these objects' pictures; each is given with its label and field."""
    wanted = Q(pk__in=[])
    for (label, name), group in groupby(sorted(places, key=lambda p: (p[1], p[2])), key=lambda p: (p[1], p[2])):
        keys = [str(obj.pk) for obj, _label, _name in group]
        if label == ProductImage._meta.label_lower:
            wanted |= Q(source__in=keys)
            continue
        app, model = label.split(".")
        # By name, not by key: reading a content type's key may cost a query of its own.
        wanted |= Q(
            source__content_type__app_label=app,
            source__content_type__model=model,
            source__field=name,
            source__object_id__in=keys,
        )
    return wanted


def keys_of(source: ProductImage) -> Iterator[tuple[str, str, str]]:
    """The ways in which a page may name a picture: (model, field, primary key)."""
    yield ProductImage._meta.label_lower, "", str(source.pk)
    if source.content_type is not None:
        label = f"{source.content_type.app_label}.{source.content_type.model}"
        yield label, source.field, source.object_id


def is_current(source: ProductImage, obj: Model, field: str) -> bool:
    """Whether the shop still has the picture that the studio knows of this row."""
    return isinstance(obj, ProductImage) or catalogue.adapter().name(obj, field)[:255] == source.name
