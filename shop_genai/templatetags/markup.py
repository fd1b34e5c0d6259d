"""Pictures as HTML: every size and format of a result, or the shop's own file."""

from __future__ import annotations

from django.db.models import Model
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from shop_genai import catalogue, media
from shop_genai.conf import genai_settings
from shop_genai.models import GeneratedImage, ProductImage


def picture(result: GeneratedImage, alt: str, sizes: str, loading: str, attributes: dict[str, str]) -> SafeString:
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


def original(obj: Model, field: str | None, alt: str | None, loading: str, attributes: dict[str, str]) -> SafeString:
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
