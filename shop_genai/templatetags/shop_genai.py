"""Shows a product's approved picture in every size that was made of it, its variants, and what else a shopper may like.

    {% load shop_genai %}
    {% genai_prefetch photos %}
    {% for photo in photos %}{% genai_picture photo alt=photo.alt sizes="300px" %}{% endfor %}
    {% genai_variants product count=4 %}
    {% genai_recommended count=8 exclude=product as products %}
    {% genai_tryon product %}

``genai_prefetch`` and ``genai_variants_prefetch`` cost one query each for all the pictures of a page. Nothing here asks
a storage for anything but an address. Whatever goes wrong is logged, and the shop's own picture is shown.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from django import template
from django.db.models import Model
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from shop_genai import catalogue, storefront, taste
from shop_genai.conf import genai_settings
from shop_genai.models import ProductImage, Shopper
from shop_genai.storefront import Variant
from shop_genai.storefront.rows import rows_of
from shop_genai.taste import Recommendation
from shop_genai.templatetags import fitting, markup

logger = logging.getLogger(__name__)
register = template.Library()


@register.simple_tag
def genai_prefetch(objects: Iterable[Model] | None, field: str | None = None) -> str:
    """Look up the approved pictures of many objects in one query. Renders nothing.

    ``objects``: a list or an evaluated-once queryset of the shop's rows, or of ``ProductImage``. Of several models too.
    """
    try:
        storefront.find_pictures(list(objects or ()), field)
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
        result = storefront.picture_of(obj, field)
        if result is not None and result.renditions:
            return markup.picture(result, text, sizes or genai_settings.SIZES, loading, attributes)
    except Exception:
        logger.exception("The approved picture of %r could not be shown.", obj)
    try:
        return markup.original(obj, field, alt, loading, attributes)
    except Exception:
        logger.exception("The picture of %r could not be shown.", obj)
        return mark_safe("")


@register.simple_tag
def genai_variants_prefetch(objects: Iterable[Model] | None) -> str:
    """Look up the approved variants of many products, or of rows with pictures, in one query. Renders nothing.

    One more query finds the photos of products that were fetched without them (``prefetch_related``).
    """
    try:
        storefront.find_variants(objects or ())
    except Exception:
        logger.exception("The approved variants could not be looked up.")
    return ""


@register.simple_tag(takes_context=True)
def genai_variants(
    context: RequestContext,
    obj: Model | None,
    count: int = 4,
    sizes: str | None = None,
    loading: str = "lazy",
    heading: str | None = None,
) -> SafeString:
    """A list of a product's approved variants, those that the shopper will like most first; each names its colour.

    One that the shop does not sell is labelled “Preview”. Without approved variants, the product's picture is shown.

    Args:
        obj: a product, a row that has a picture, or a ``ProductImage``.
        count: how many at most.
        sizes, loading: as for ``genai_picture``.
        heading: what the list is called for those who do not see it.
    """
    if obj is None:
        return mark_safe("")
    try:
        found = storefront.variants_of(obj, _shopper(context), count)
        if found:
            pictures = [_shown(one, sizes or genai_settings.SIZES, loading) for one in found]
            values = {"variants": pictures, "heading": heading or _("Also in other looks")}
            return render_to_string("shop_genai/variants.html", values)
    except Exception:
        logger.exception("The variants of %r could not be shown.", obj)
    try:
        rows = rows_of([obj])[0]
    except Exception:
        logger.exception("The pictures of %r could not be found.", obj)
        rows = []
    return genai_picture(rows[0] if rows else None, sizes=sizes, loading=loading)


@register.simple_tag(takes_context=True)
def genai_recommended(
    context: RequestContext,
    count: int = 8,
    category: str | None = None,
    exclude: Model | Iterable[Model] | None = None,
) -> list[Recommendation]:
    """What the shopper will like most, best first: ``product``, ``row`` (with the picture), ``reason.text``, ``score``.

    Popular and new products for somebody unknown; an empty list where anything goes wrong. For ``{% … as products %}``.

    Args:
        count: how many at most.
        category: only of this one, as the shop stores it.
        exclude: a product, or several, that the page shows already.
    """
    try:
        left_out = [exclude] if isinstance(exclude, Model) else list(exclude or ())
        found = storefront.recommended(_shopper(context), count=count, category=category or None, exclude=left_out)
        storefront.find_pictures([one.row for one in found])
    except Exception:
        logger.exception("Nothing could be recommended.")
        return []
    return found


@register.simple_tag(takes_context=True)
def genai_tryon(
    context: RequestContext,
    obj: Model | None,
    category: str | None = None,
    title: str | None = None,
    label: str | None = None,
) -> SafeString:
    """A button that opens the try-on of a garment: consent, a photo of the shopper, and the shopper wearing it.

    Nothing for goods that nobody wears, and nothing that does not work in browsers without scripts.

    Args:
        obj: a product, a row that has a picture, or a ``ProductImage``.
        category: "upper", "lower", "dress" or "auto", where this one is not worn where TRYON_GARMENTS says.
        title: what the dialog calls the garment; by default the title that the shop gave its picture.
        label: what the button says.
    """
    if obj is None:
        return mark_safe("")
    try:
        garment = fitting.garment_of(obj, category, title)
        if garment is None:
            return mark_safe("")
        request = context.get("request")
        number = fitting.count(request)
        return render_to_string("shop_genai/tryon.html", fitting.values(garment, number, label), request)
    except Exception:
        logger.exception("The try-on of %r could not be shown.", obj)
        return mark_safe("")


def _shopper(context: RequestContext) -> Shopper | None:
    """Whom the page is made for; nobody in templates that are rendered without a request."""
    request = context.get("request")
    return taste.shopper_of(request) if request is not None else None


def _shown(one: Variant, sizes: str, loading: str) -> dict[str, Any]:
    """What the template needs of one variant."""
    title, colour = _title(one.row, None), _(one.colour) if one.colour else ""
    text = _("%(title)s, %(colour)s") % {"title": title, "colour": colour} if colour else title
    if one.preview:
        text = _("%(picture)s (preview)") % {"picture": text}
    return {
        "picture": markup.picture(one.result, text, sizes, loading, {}),
        "colour": colour,
        "hex": str(one.result.info.get("colour_hex") or ""),
        "preview": one.preview,
    }


def _title(obj: Model, field: str | None) -> str:
    if isinstance(obj, ProductImage):
        return obj.title
    return catalogue.adapter().title(obj, storefront.pictures.place_of(obj, field)[1])
