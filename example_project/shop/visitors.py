"""Who looks at a page, as the image studio knows them: only those who agreed, and only what they agreed to.

This is all that ties the shop's pages to the studio's idea of taste: one call where a product is looked at, put into
the basket, bought or liked.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from shop_genai import taste

DECLINED = "shop_taste"  # cookie "no": asked once, and not again for half a year
DECLINED_DAYS = 182


def undecided(request: HttpRequest) -> bool:
    """Whether the visitor still has to be asked: neither agreed to today's text nor declined."""
    who = taste.shopper_of(request)
    if who is not None and (who.consents or who.opted_out_at is not None):
        return False
    return request.COOKIES.get(DECLINED) != "no"


def may_remember(request: HttpRequest) -> bool:
    """Whether this visitor agreed."""
    who = taste.shopper_of(request)
    return who is not None and who.consents


def note(request: HttpRequest, kind: str, obj: Any = None, *, query: str = "") -> None:
    """Tell the studio what this visitor did. Pages that a browser fetches ahead of a click are no interest."""
    who = taste.shopper_of(request)
    if who is not None and not request.headers.get("Sec-Purpose", "").startswith("prefetch"):
        taste.record_event(who, kind, obj, query=query)


def agree(request: HttpRequest, response: HttpResponse) -> None:
    """The visitor said yes."""
    who = taste.shopper_of(request, create=True)
    if who is None:
        return
    taste.give_consent(who)
    taste.remember(response, who)
    response.delete_cookie(DECLINED)


def decline(request: HttpRequest, response: HttpResponse) -> None:
    """The visitor said no, or no longer. Who never agreed has no row, and gets none."""
    who = taste.shopper_of(request)
    if who is not None:
        taste.withdraw_consent(who)
    response.set_cookie(
        DECLINED, "no", max_age=DECLINED_DAYS * 86400, httponly=True, samesite="Lax", secure=request.is_secure()
    )


def next_address(request: HttpRequest, default: str) -> str:
    """Where a form wants to go back to, if that is a page of this shop."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and safe else default
