"""Weights: which trained versions the studio knows, how good they are, and which one new jobs use."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop_genai import registry
from shop_genai.admin import evidence, pictures, promoting
from shop_genai.admin.readonly import ReadOnlyAdmin
from shop_genai.admin.states import RecipeFilter
from shop_genai.admin.words import recipe_label
from shop_genai.errors import WeightsError
from shop_genai.models import Weights

LISTED = 3  # deciding figures in the list; a row's page has them all
HISTORY = 50  # steps on a page


@admin.register(Weights)
class WeightsAdmin(ReadOnlyAdmin):
    change_form_template = "shop_genai/admin/weights_page.html"
    list_display = ("titled", "state", "figures", "jobs_made", "created")
    list_display_links = ("titled",)
    list_filter = (RecipeFilter, "promoted")
    search_fields = ("version", "digest__startswith", "recipe")
    viewing_permissions = ("promote_weights", "force_promote_weights")
    empty_text = _(
        "No weights yet. The packaged ones appear here with the first job of their recipe. An operator adds others "
        "with: manage.py genai_models register FOLDER"
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/report/<str:name>",
                view(self.report_view, cacheable=True),
                name="shop_genai_weights_report",
            ),
            path("<int:pk>/step/<str:step>/", view(self.step_view), name="shop_genai_weights_step"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Weights]:
        rows: QuerySet[Weights] = super().get_queryset(request).select_related("promoted_by")
        others = Weights.objects.filter(recipe=OuterRef("recipe"), promoted=True).exclude(folder="")
        return rows.annotate(job_count=Count("jobs"), replaced=Exists(others))

    # List ----

    @admin.display(description=_("version"), ordering="version")
    def titled(self, row: Weights) -> str:
        licence = str(row.manifest.get("licence") or gettext("licence not stated"))
        return pictures.titled(row.version, f"{recipe_label(row.recipe)}, {licence}, {row.digest[:12]}")

    @admin.display(description=_("used for new jobs"), ordering="promoted")
    def state(self, row: Any) -> str:
        return evidence.state_badge(row, row.replaced) or "–"

    @admin.display(description=_("figures"))
    def figures(self, row: Weights) -> str:
        lines = evidence.deciding(row)
        shown = format_html_join("", '<span class="genai-pair">{} {}</span> ', lines[:LISTED])
        more = format_html('<span class="genai-quiet">+{}</span>', len(lines) - LISTED) if lines[LISTED:] else ""
        return format_html('<span class="genai-quiet">{}</span>{}', shown, more) if lines else "–"

    @admin.display(description=_("jobs"), ordering="job_count")
    def jobs_made(self, row: Any) -> int:
        return int(row.job_count)

    # One version's page ----

    def detail(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        obj = evidence.with_package(obj)
        judged = evidence.judged(obj)
        return {
            "title": f"{recipe_label(obj.recipe)} {obj.version}",
            "weights": obj,
            "recipe": recipe_label(obj.recipe),
            "state": evidence.state_badge(obj, obj.replaced),
            "trouble": evidence.trouble(obj),
            "judged": judged,
            "tables": evidence.tables(obj, judged.current if judged else None),
            "steps": promoting.offered(request.user, obj, judged),
            "data": evidence.data(obj),
            "training": evidence.training(obj),
            "pictures": evidence.report(obj),
            "history": registry.history(obj.recipe)[:HISTORY],
            "manifest": json.dumps(obj.manifest, indent=2, ensure_ascii=False, sort_keys=True) if obj.manifest else "",
        }

    def report_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """One picture of the training's report, by its name from the list that the page shows."""
        row = self.get_object(request, str(pk))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        try:
            data = registry.report_picture(row, name)
        except WeightsError as error:
            raise Http404(str(error)) from error
        return pictures.picture(name, data)

    def step_view(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        return promoting.page(self, request, pk, step)
