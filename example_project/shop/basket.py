"""The basket: article numbers in the session, and a purchase that nobody pays for."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from example_project.shop.models import Product
from example_project.shop.views import first_photo
from example_project.shop.visitors import next_address, note

KEY = "basket"
MOST = 50  # different things in one basket


def skus(request: HttpRequest) -> list[str]:
    """What lies in the basket, in the order in which it came."""
    return list(request.session.get(KEY, []))


def goods(request: HttpRequest) -> list[Product]:
    """The products in the basket that the shop still has."""
    found = {
        item.sku: item for item in Product.objects.filter(sku__in=skus(request)).prefetch_related("photos__product")
    }
    return [found[sku] for sku in skus(request) if sku in found]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    items = goods(request)
    shown = [(item, first_photo(item)) for item in items]
    return render(
        request,
        "shop/basket.html",
        {"shown": shown, "photos": [photo for _item, photo in shown if photo], "total": sum(i.price for i in items)},
    )


@require_POST
def put(request: HttpRequest, sku: str) -> HttpResponse:
    """One of this, and no second of the same."""
    item = get_object_or_404(Product, sku=sku)
    there = skus(request)
    if sku not in there:
        request.session[KEY] = [*there, sku][-MOST:]
        note(request, "basket", item)
    messages.success(request, _("“%(title)s” is in your basket.") % {"title": item.local_title})
    return redirect(next_address(request, item.get_absolute_url()))


@require_POST
def take_out(request: HttpRequest, sku: str) -> HttpResponse:
    request.session[KEY] = [other for other in skus(request) if other != sku]
    return redirect("shop:basket")


@require_POST
def buy(request: HttpRequest) -> HttpResponse:
    """Everything in the basket is bought; the basket is empty then."""
    bought = goods(request)
    request.session[KEY] = []
    for item in bought:
        note(request, "purchase", item)
    if bought:
        messages.success(request, _("Thank you. This is an example shop: nothing is sent, and nothing is charged."))
    return redirect("shop:products")


@require_POST
def say(request: HttpRequest, sku: str) -> HttpResponse:
    """“I like this” and “Not for me”."""
    item = get_object_or_404(Product, sku=sku)
    kind = "dislike" if request.POST.get("opinion") == "dislike" else "like"
    note(request, kind, item)
    texts = {"like": _("You like “%(title)s”."), "dislike": _("“%(title)s” is not for you.")}
    messages.success(request, texts[kind] % {"title": item.local_title})
    return redirect(next_address(request, item.get_absolute_url()))
