"""Small things the shop's pages show: stars, the basket's size, the question for consent, cards of products."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from example_project.shop import basket, visitors
from example_project.shop.models import Photo, Product
from example_project.shop.views import with_stars
from shop_genai.taste import Recommendation
from shop_genai.templatetags.shop_genai import genai_variants_prefetch

register = template.Library()


@register.simple_tag
def stars(value: float | None, opinions: int | None = None) -> SafeString | str:
    """A row of five stars, read aloud as one sentence; nothing where nobody has given any.

    Args:
        value: mean or single rating, 1 to 5.
        opinions: how many reviews the mean is of; left out for a single review.
    """
    if not value:
        return ""
    spoken = gettext("%(value).1f of 5 stars") % {"value": value}
    count: SafeString | str = ""
    if opinions is not None:
        text = ngettext("%(count)d review", "%(count)d reviews", opinions) % {"count": opinions}
        spoken = f"{spoken}, {text}"
        count = format_html('<span class="count" aria-hidden="true">{}</span>', opinions)
    return format_html(
        '<span class="stars"><span class="visually-hidden">{}</span>'
        '<span class="row" aria-hidden="true" style="--share: {}%"></span>{}</span>',
        spoken,
        round(value / 5 * 100),
        count,
    )


@register.simple_tag(takes_context=True)
def basket_count(context: Any) -> int:
    """How many things lie in this visitor's basket. No query."""
    return len(basket.skus(context["request"])) if "request" in context else 0


@register.inclusion_tag("shop/consent_banner.html", takes_context=True)
def consent_banner(context: Any) -> dict[str, Any]:
    """The question whether the visitor's taste may be remembered, until it is answered."""
    request = context.get("request")  # none on an error page
    asked = request is not None and visitors.undecided(request)
    return {"asked": asked, "next": request.get_full_path() if asked else "", "request": request}


@register.simple_tag
def cards_of(recommended: Iterable[Recommendation] | None) -> list[tuple[Product, Photo, str]]:
    """Product with stars, photo and reason of each recommendation, in their order; three queries for all of them."""
    found = [one for one in recommended or () if isinstance(one.row, Photo)]
    products = {item.pk: item for item in with_stars().filter(pk__in=[one.product.pk for one in found])}
    genai_variants_prefetch(products.values())
    return [(products[one.product.pk], one.row, one.reason.text) for one in found if one.product.pk in products]
