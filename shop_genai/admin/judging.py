"""Steps of review from the admin: one result from its page, many from the list, each row on its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop_genai import ledger, review
from shop_genai.errors import GenaiError
from shop_genai.models import GeneratedImage, Review


def approve_and_publish(result: GeneratedImage, user: Any) -> GeneratedImage:
    """Both or neither."""
    with transaction.atomic(using=ledger.write_alias()):
        review.approve(result, user)
        return review.publish(result, user)


STEPS: dict[str, Callable[[GeneratedImage, Any], Any]] = {
    "approve": review.approve,
    "reject": review.reject,
    "reset": review.reset,
    "publish": review.publish,
    "approve_publish": approve_and_publish,
    "revert": review.revert,
}
# A reason for skipping → the names of the rows that it concerns.
Refusals = dict[str, list[str]]
NAMED = 5  # names in one sentence; the rest is an ellipsis

# After these the next waiting result is shown: reviewing a hundred must not take a hundred trips to the list.
MOVING_ON = ("approve", "reject", "approve_publish")


def said(step: str, count: int) -> str:
    """What happened, as a sentence."""
    texts = {
        "approve": ngettext("%(n)s result approved.", "%(n)s results approved.", count),
        "reject": ngettext("%(n)s result rejected.", "%(n)s results rejected.", count),
        "reset": ngettext("%(n)s result sent back to review.", "%(n)s results sent back to review.", count),
        "publish": ngettext("%(n)s result published.", "%(n)s results published.", count),
        "approve_publish": ngettext(
            "%(n)s result approved and published.", "%(n)s results approved and published.", count
        ),
        "revert": ngettext("%(n)s original picture is back.", "%(n)s original pictures are back.", count),
    }
    return texts[step] % {"n": count}


def each(model_admin: admin.ModelAdmin, request: HttpRequest, results: QuerySet[GeneratedImage], step: str) -> None:
    """Take the step for every row that allows it, and say how many did not and why."""
    done = 0
    refused: Refusals = defaultdict(list)
    for result in results:
        try:
            STEPS[step](result, request.user)
            done += 1
        except GenaiError as error:
            refused[str(error)].append(result.source.title or str(result))
    tell(model_admin, request, said(step, done) if done else "", refused)


def tell(model_admin: admin.ModelAdmin, request: HttpRequest, done: str, refused: Refusals) -> None:
    """One message: what was done, then each reason for skipping with how many and which."""
    parts = [done] if done else []
    for reason, names in sorted(refused.items(), key=lambda entry: -len(entry[1])):
        named = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
        values = {"n": len(names), "names": named, "reason": reason}
        parts.append(
            ngettext("%(n)s skipped (%(names)s): %(reason)s", "%(n)s skipped (%(names)s): %(reason)s", len(names))
            % values
        )
    level = messages.SUCCESS if not refused else messages.WARNING if done else messages.ERROR
    model_admin.message_user(request, " ".join(parts), level)


def one(model_admin: admin.ModelAdmin, request: HttpRequest, pk: Any) -> HttpResponse:
    """A button of a result's page."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    listing = reverse("admin:shop_genai_generatedimage_changelist")
    result: GeneratedImage | None = model_admin.get_object(request, str(pk))
    step = request.POST.get("step", "")
    if result is None or step not in STEPS:
        messages.error(request, _("This result does not exist any more."))
        return redirect(listing)
    page = reverse("admin:shop_genai_generatedimage_change", args=[result.pk])
    following, _before = neighbours(result)
    try:
        STEPS[step](result, request.user)
    except GenaiError as error:
        messages.error(request, str(error))
        return redirect(page)
    if step in MOVING_ON and following is not None:
        text = format_html('<a href="{}">{}</a>: {}', page, result.source.title or str(result), said(step, 1))
        messages.success(request, text)
        return redirect("admin:shop_genai_generatedimage_change", following)
    messages.success(request, said(step, 1))
    return redirect(page)


def waiting() -> QuerySet[GeneratedImage]:
    """The review's queue; pictures of shoppers are not in it."""
    return GeneratedImage.objects.filter(review=Review.PENDING, source__shopper=None)


def neighbours(result: GeneratedImage) -> tuple[Any, Any]:
    """The ids of the next and the previous waiting result in the list's order (newest first), going round."""
    others = waiting().exclude(pk=result.pk).values_list("pk", flat=True)
    after = Q(created__lt=result.created) | Q(created=result.created, pk__gt=result.pk)
    forward, backward = others.order_by("-created", "pk"), others.order_by("created", "-pk")
    following = forward.filter(after).first() or forward.first()
    previous = backward.exclude(after).first() or backward.first()
    return following, previous
