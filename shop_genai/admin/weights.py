"""Weights: which trained versions the studio knows, and which one new jobs use."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop_genai.admin import pictures
from shop_genai.admin.readonly import ReadOnlyAdmin
from shop_genai.admin.states import RecipeFilter
from shop_genai.admin.words import recipe_label
from shop_genai.errors import GenaiError
from shop_genai.generation import weights
from shop_genai.models import Weights


@admin.register(Weights)
class WeightsAdmin(ReadOnlyAdmin):
    change_form_template = "shop_genai/admin/weights_page.html"
    list_display = ("version", "kind", "promoted_badge", "short_digest", "jobs_made", "created")
    list_filter = (RecipeFilter, "promoted")
    search_fields = ("version", "digest__startswith", "recipe")
    empty_text = _("No weights yet. The packaged ones appear here with the first job of their recipe.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Weights]:
        rows: QuerySet[Weights] = super().get_queryset(request).select_related("promoted_by")
        return rows.annotate(job_count=Count("jobs"))

    @admin.display(description=_("recipe"), ordering="recipe")
    def kind(self, row: Weights) -> str:
        return recipe_label(row.recipe)

    @admin.display(description=_("used for new jobs"), ordering="promoted")
    def promoted_badge(self, row: Weights) -> str:
        return pictures.badge("published", gettext("Promoted")) if row.promoted else "–"

    @admin.display(description=_("digest"), ordering="digest")
    def short_digest(self, row: Weights) -> str:
        return format_html("<code>{}</code>", row.digest[:12])

    @admin.display(description=_("jobs"), ordering="job_count")
    def jobs_made(self, row: Any) -> int:
        return int(row.job_count)

    def detail(self, request: HttpRequest, obj: Weights) -> dict[str, Any]:
        manifest = obj.manifest or packaged_manifest(obj)
        metrics = manifest.get("metrics")
        return {
            "title": str(obj),
            "weights": obj,
            "recipe": recipe_label(obj.recipe),
            "metrics": metrics if isinstance(metrics, dict) else None,
            "manifest": json.dumps(manifest, indent=2, ensure_ascii=False, sort_keys=True) if manifest else "",
        }


def packaged_manifest(row: Weights) -> dict[str, Any]:
    """Packaged weights keep their manifest beside their files; empty when other ones are installed by now."""
    try:
        found = weights.manifest(row.recipe)
    except GenaiError:
        return {}
    return found.content if found.digest == row.digest else {}
