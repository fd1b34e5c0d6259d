"""The page between "Enhance selected…" and the queue: which pictures, which parameters, how much work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Avg
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop_genai import recipes, submission
from shop_genai.admin import pictures
from shop_genai.admin.forms import ParameterForm
from shop_genai.admin.selection import recall
from shop_genai.errors import GenaiError, InvalidParams, UnknownRecipe
from shop_genai.models import Job, ProductImage, Status
from shop_genai.recipes import Recipe

SHOWN = 24  # thumbnails on the page; the rest is counted
LINKED = 50  # jobs named one by one in a link; a longer list is found by recipe, owner and time
SAMPLE = 50  # finished jobs that an estimate of the time looks at


def page(model_admin: admin.ModelAdmin, request: HttpRequest, name: str, token: str) -> HttpResponse:
    """Show the form; on a valid POST queue one job per picture and go back to the list."""
    try:
        recipe = recipes.get(name)
    except UnknownRecipe as error:
        raise Http404(str(error)) from error
    images = selected(recall(request, token))
    listing = reverse("admin:shop_genai_productimage_changelist")
    if not images:
        messages.warning(request, _("The selection is gone. Choose the pictures again."))
        return redirect(listing)
    form = ParameterForm(recipe, request.POST or None)
    if request.method == "POST" and form.is_valid():
        started = timezone.now()
        try:
            submitted = submission.submit_many(
                images,
                recipe=recipe.name,
                params=form.params,
                owner=cast(User, request.user),  # the admin lets nobody else in
                lane=form.cleaned_data["lane"],
            )
        except InvalidParams as error:
            form.refuse(error)
        except GenaiError as error:
            form.add_error(None, str(error))
        else:
            tell(request, recipe, submitted, started)
            return redirect(listing)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "media": model_admin.media + form.media,
        "title": ngettext("%(recipe)s: %(count)s picture", "%(recipe)s: %(count)s pictures", len(images))
        % {"recipe": recipe.label, "count": len(images)},
        "recipe": recipe,
        "form": form,
        "count": len(images),
        "shown": [(image, pictures.source_thumbnail_url(image)) for image in images[:SHOWN]],
        "more": max(0, len(images) - SHOWN),
        "estimate": estimate(recipe, len(images)),
        "cancel_url": listing,
    }
    status = 422 if form.errors else 200
    return TemplateResponse(request, "shop_genai/admin/generate.html", context, status=status)


def selected(ids: Sequence[str]) -> list[ProductImage]:
    """The pictures that still exist, in the order of the list."""
    keys = [UUID(pk) for pk in ids]
    found = ProductImage.objects.in_bulk(keys)  # in portions that every database takes
    return [found[key] for key in keys if key in found]


def estimate(recipe: Recipe, count: int) -> str:
    """How long the device will work, judged by the recipe's last finished jobs; empty without any."""
    recent = Job.objects.filter(recipe=recipe.name, status=Status.SUCCEEDED, seconds__gt=0).order_by("-created")
    mean = recent.values("seconds")[:SAMPLE].aggregate(mean=Avg("seconds"))["mean"]
    if mean is None:
        return ""
    seconds = max(1, round(mean * count))
    if seconds < 90:
        return ngettext("About %(n)s second of device time.", "About %(n)s seconds of device time.", seconds) % {
            "n": seconds
        }
    minutes = round(seconds / 60)
    return ngettext("About %(n)s minute of device time.", "About %(n)s minutes of device time.", minutes) % {
        "n": minutes
    }


def tell(request: HttpRequest, recipe: Recipe, submitted: Sequence[Any], started: Any) -> None:
    """Say what was queued, what was there before, and link to exactly these jobs."""
    created = sum(entry.created for entry in submitted)
    existing = len(submitted) - created
    parts = []
    if created:
        parts.append(ngettext("%(n)s job queued.", "%(n)s jobs queued.", created) % {"n": created})
    if existing:
        parts.append(
            ngettext(
                "%(n)s was there already, with the same picture and parameters.",
                "%(n)s were there already, with the same picture and parameters.",
                existing,
            )
            % {"n": existing}
        )
    messages.success(
        request,
        format_html(
            '{} <a href="{}">{}</a>',
            " ".join(parts),
            jobs_url(request, recipe, submitted, started),
            _("Watch"),
        ),
    )


def jobs_url(request: HttpRequest, recipe: Recipe, submitted: Sequence[Any], started: Any) -> str:
    query: dict[str, Any]
    if len(submitted) <= LINKED:
        query = {"id__in": ",".join(str(entry.job.pk) for entry in submitted)}
    else:
        query = {
            "recipe": recipe.name,
            "owner__id__exact": request.user.pk,
            "created__gte": started.isoformat(),
        }
    return reverse("admin:shop_genai_job_changelist") + "?" + urlencode(query)
