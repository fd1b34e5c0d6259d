"""“Your taste”: what is remembered of a visitor, and every right over it on one page."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from example_project.shop.visitors import agree, decline, next_address, undecided
from shop_genai import taste
from shop_genai.models import Event

SHOWN = 20  # events on the page; the export has them all


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    who = taste.shopper_of(request)
    events = (
        Event.objects.filter(shopper=who).select_related("image").order_by("-at", "-pk")
        if who
        else Event.objects.none()
    )
    counts: Any = Counter(events.order_by().values_list("kind", flat=True))
    labels = dict(Event.Kind.choices)
    return render(
        request,
        "shop/your_taste.html",
        {
            "who": who,
            "agreed": who is not None and who.consents,
            "undecided": undecided(request),
            "counts": [(labels.get(kind, kind), count) for kind, count in counts.most_common()],
            "events": list(events[:SHOWN]),
            "more": max(0, sum(counts.values()) - SHOWN),
        },
    )


@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """The banner's answer, and the switch on the page."""
    response = redirect(next_address(request, "shop:your_taste"))
    if request.POST.get("answer") == "yes":
        agree(request, response)
        messages.success(request, _("Thank you. From now on the shop learns what you like; “Your taste” shows it."))
    else:
        decline(request, response)
        messages.success(request, _("Nothing that you do here is remembered, and what was remembered is erased."))
    return response


@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Everything that is stored, as a file that programs can read."""
    who = taste.shopper_of(request)
    data = taste.export(who) if who is not None else {}
    response = JsonResponse(data, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="your-taste.json"'
    return response


@require_POST
def erase(request: HttpRequest) -> HttpResponse:
    """Rows, taste and cookie are gone; the next visit starts as a stranger's."""
    who = taste.shopper_of(request)
    response = redirect("shop:your_taste")
    if who is not None:
        taste.erase(who)
        taste.forget(response)
    messages.success(request, _("Everything that was remembered of you is erased."))
    return response
