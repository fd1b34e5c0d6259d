"""Shows a product's approved picture in every size that was made of it; without one, the shop's own picture.

    {% load shop_genai %}
    {% genai_prefetch photos %}
    {% for photo in photos %}{% genai_picture photo alt=photo.alt sizes="300px" %}{% endfor %}

``genai_prefetch`` costs one query for all the pictures of a page. Nothing here asks a storage for anything but an
address. Whatever goes wrong is logged, and the shop's own picture is shown.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from itertools import groupby

from django import template
from django.db.models import Model, Q
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from shop_genai import catalogue, media
from shop_genai.conf import genai_settings
from shop_genai.models import GeneratedImage, ProductImage, Review

logger = logging.getLogger(__name__)
register = template.Library()

_FOUND = "_genai_results"  # attribute of the shop's objects: {field: GeneratedImage or None}


@register.simple_tag
def genai_prefetch(objects: Iterable[Model] | None, field: str | None = None) -> str:
    """Look up the approved pictures of many objects in one query. Renders nothing.

    ``objects``: a list or an evaluated-once queryset of the shop's rows, or of ``ProductImage``. Of several models too.
    """
    try:
        _find(list(objects or ()), field)
    except Exception:
        # A page of the shop must not fail because of its pictures' studio.
        logger.exception("The approved pictures could not be looked up.")
    return ""


@register.simple_tag
def genai_picture(
    obj: Model | None,
    alt: str | None = None,
    sizes: str | None = None,
    loading: str = "lazy",
    css_class: str = "",
    field: str | None = None,
    **attributes: str,
) -> SafeString:
    """A ``<picture>`` of the approved result, or the shop's own ``<img>``.

    Args:
        obj: a row of the shop that has a picture, or a ``ProductImage``.
        alt: what the picture shows; by default the title that the shop gave it. "" marks decoration.
        sizes: the HTML attribute, how wide the picture is shown; by default the setting SIZES.
        loading: ``lazy`` or ``eager``.
        css_class: for the ``<img>``; may also be given as ``class="…"``.
        field: which image field, where a model has several.
    """
    if obj is None:
        return mark_safe("")
    attributes = {"class": css_class, **attributes}
    try:
        text = _title(obj, field) if alt is None else str(alt)
        result = _result(obj, field)
        if result is not None and result.renditions:
            return _picture(result, text, sizes or genai_settings.SIZES, loading, attributes)
    except Exception:
        logger.exception("The approved picture of %r could not be shown.", obj)
    try:
        return _original(obj, field, alt, loading, attributes)
    except Exception:
        logger.exception("The picture of %r could not be shown.", obj)
        return mark_safe("")


def _find(objects: list[Model], field: str | None) -> None:
    """Note on every object which approved result stands for it, with one query."""
    places = [(obj, *_place(obj, field)) for obj in objects]
    if not places:
        return
    wanted = Q()
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
    best: dict[tuple[str, str, str], GeneratedImage] = {}
    approved = GeneratedImage.objects.filter(wanted, review=Review.APPROVED)
    # The newest comes last and stays; a published one comes after all others.
    for result in approved.select_related("source__content_type").order_by("reviewed_at", "created"):
        for key in _keys(result.source):
            if key not in best or result.published_at or not best[key].published_at:
                best[key] = result
    for obj, label, name in places:
        found = best.get((label, name, str(obj.pk)))
        if found is not None and not _is_current(found.source, obj, name):
            found = None  # the shop has replaced its picture since
        obj.__dict__.setdefault(_FOUND, {})[name] = found


def _keys(source: ProductImage) -> Iterator[tuple[str, str, str]]:
    """The ways in which a template may name a picture: (model, field, primary key)."""
    yield ProductImage._meta.label_lower, "", str(source.pk)
    if source.content_type is not None:
        label = f"{source.content_type.app_label}.{source.content_type.model}"
        yield label, source.field, source.object_id


def _place(obj: Model, field: str | None) -> tuple[str, str]:
    """The model's label and the picture's field."""
    if isinstance(obj, ProductImage):
        return ProductImage._meta.label_lower, ""
    return obj._meta.concrete_model._meta.label_lower, catalogue.field_of(type(obj), field)  # type: ignore[union-attr]  # never abstract


def _is_current(source: ProductImage, obj: Model, field: str) -> bool:
    return isinstance(obj, ProductImage) or catalogue.adapter().name(obj, field)[:255] == source.name


def _result(obj: Model, field: str | None) -> GeneratedImage | None:
    name = _place(obj, field)[1]
    if name not in obj.__dict__.get(_FOUND, {}):
        _find([obj], field)
    found: GeneratedImage | None = obj.__dict__[_FOUND][name]
    return found


def _title(obj: Model, field: str | None) -> str:
    if isinstance(obj, ProductImage):
        return obj.title
    return catalogue.adapter().title(obj, _place(obj, field)[1])


def _picture(result: GeneratedImage, alt: str, sizes: str, loading: str, attributes: dict[str, str]) -> SafeString:
    """Sources from the smallest format to the most widely read one, which the ``<img>`` carries itself."""
    sets: dict[str, list[tuple[str, int]]] = {}
    for entry in result.renditions:
        sets.setdefault(entry["format"], []).append((media.link(result, entry["name"]), entry["width"]))
    order = [name for name in genai_settings.RENDITION_FORMATS if name in sets]
    order += [name for name in sets if name not in order]
    *modern, widely_read = order
    sources = format_html_join(
        "",
        '<source type="{}" srcset="{}" sizes="{}">',
        ((media.CONTENT_TYPES[name], _srcset(sets[name]), sizes) for name in modern),
    )
    image = format_html(
        '<img src="{}" srcset="{}" sizes="{}" width="{}" height="{}" alt="{}" loading="{}" decoding="async"{}>',
        sets[widely_read][-1][0],
        _srcset(sets[widely_read]),
        sizes,
        result.width,
        result.height,
        alt,
        loading,
        _html(attributes),
    )
    return format_html("<picture>{}{}</picture>", sources, image)


def _srcset(entries: list[tuple[str, int]]) -> str:
    return ", ".join(f"{address} {width}w" for address, width in sorted(entries, key=lambda entry: entry[1]))


def _original(obj: Model, field: str | None, alt: str | None, loading: str, attributes: dict[str, str]) -> SafeString:
    """The shop's own picture as it is. An upload of a person has no address of its own, hence shows nothing."""
    if isinstance(obj, ProductImage):
        if obj.is_upload:
            return mark_safe("")
        field, obj = obj.field, catalogue.host(obj)
    name = catalogue.field_of(type(obj), field)
    address = catalogue.adapter().url(obj, name)
    if not address:
        return mark_safe("")
    text = catalogue.adapter().title(obj, name) if alt is None else str(alt)
    return format_html(
        '<img src="{}" alt="{}" loading="{}" decoding="async"{}>', address, text, loading, _html(attributes)
    )


def _html(attributes: dict[str, str]) -> SafeString:
    given = ((name.replace("_", "-"), value) for name, value in attributes.items() if value)
    return format_html_join("", ' {}="{}"', given)
