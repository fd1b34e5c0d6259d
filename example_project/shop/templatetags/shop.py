"""Small things the shop's pages show: stars, and a page's address in the other language."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

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
