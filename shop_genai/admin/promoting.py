"""Promote, promote by force, roll back: each is a page that says what will change, and a button on it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop_genai import recipes, registry
from shop_genai.admin import evidence
from shop_genai.admin.words import recipe_label
from shop_genai.errors import GenaiError
from shop_genai.models import Promotion, Weights

# Step → what its button says, and the permissions that it takes.
STEPS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "promote": (gettext_lazy("Promote"), (registry.PROMOTE,)),
    "force": (gettext_lazy("Promote by force"), (registry.PROMOTE, registry.FORCE)),
    "rollback": (gettext_lazy("Roll back"), (registry.PROMOTE,)),
}


def offered(user: Any, row: Weights, judged: evidence.Judged | None) -> list[dict[str, Any]]:
    """The steps that this person can take with these weights now."""
    if judged is not None:
        names = ["promote" if judged.refusal is None else "force"]
    else:
        names = ["rollback"] if target(row) is not None else []
    return [
        {"name": name, "label": STEPS[name][0], "url": reverse("admin:shop_genai_weights_step", args=[row.pk, name])}
        for name in names
        if user.has_perms(STEPS[name][1])
    ]


def page(model_admin: admin.ModelAdmin, request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Ask on GET; on POST take the step and go to the page of what is in use then."""
    if step not in STEPS:
        raise Http404
    if not request.user.has_perms(STEPS[step][1]):
        raise PermissionDenied
    row: Weights | None = model_admin.get_object(request, str(pk))
    if row is None:
        raise Http404
    error = ""
    if request.method == "POST":
        try:
            taken = take(step, row, request)
        except GenaiError as refusal:
            error = str(refusal)
        else:
            messages.success(request, said(taken))
            return redirect("admin:shop_genai_weights_change", taken.after.pk)
    return ask(model_admin, request, row, step, error)


def take(step: str, row: Weights, request: HttpRequest) -> Promotion:
    """The registry decides whether the step is possible."""
    reason = request.POST.get("reason", "")
    if step == "rollback":
        return registry.rollback(row.recipe, request.user, reason=reason, leaving=row)
    return registry.promote(row, request.user, force=step == "force", reason=reason)


def ask(model_admin: admin.ModelAdmin, request: HttpRequest, row: Weights, step: str, error: str = "") -> HttpResponse:
    """The page between the button and the step."""
    judged = evidence.judged(row)
    after = target(row) if step == "rollback" else row
    before = row if step == "rollback" else (judged.current if judged else None)
    label = STEPS[step][0]
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "title": _("%(step)s: %(recipe)s %(version)s")
        % {"step": label, "recipe": recipe_label(row.recipe), "version": row.version},
        "step": step,
        "label": label,
        "weights": row,
        "before": before,
        "after": after,
        "refusal": judged.refusal if judged and step != "rollback" else None,
        "tables": evidence.tables(after, before) if after is not None else [],
        "error": error,
        "reason": request.POST.get("reason", ""),
        "needs_reason": step == "force",
        "possible": after is not None and (step == "rollback" or judged is not None),
        "cancel_url": reverse("admin:shop_genai_weights_change", args=[row.pk]),
    }
    return TemplateResponse(request, "shop_genai/admin/weights_step.html", context, status=422 if error else 200)


def target(row: Weights) -> Weights | None:
    """What a rollback from these weights goes back to; None if they are not in use, or nothing was before."""
    try:
        current = registry.in_use(recipes.get(row.recipe), note=False)
        return registry.rollback_target(row.recipe) if current == row else None
    except GenaiError:
        return None


def said(taken: Promotion) -> str:
    values = {"recipe": recipe_label(taken.recipe), "version": taken.after.version}
    if taken.kind == Promotion.Kind.ROLLED_BACK:
        return _("Rolled back: new jobs of “%(recipe)s” use version %(version)s again.") % values
    return _("Promoted: new jobs of “%(recipe)s” use version %(version)s.") % values
