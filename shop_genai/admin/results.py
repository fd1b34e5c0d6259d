"""Results: compare before and after, judge one or many, publish to the shop and take it back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop_genai import review
from shop_genai.admin import judging, pictures, variant_facts
from shop_genai.admin.readonly import ReadOnlyAdmin
from shop_genai.admin.states import PublishedFilter, ResultRecipeFilter
from shop_genai.admin.words import PIPELINE_FACTS, decision, parameters, recipe_label
from shop_genai.models import GeneratedImage, Review


@admin.register(GeneratedImage)
class GeneratedImageAdmin(ReadOnlyAdmin):
    change_form_template = "shop_genai/admin/result_page.html"
    list_display = ("before", "after", "titled", "review_badge", "created")
    list_display_links = ("before", "after", "titled")
    list_filter = ("review", PublishedFilter, ResultRecipeFilter, "created")
    list_select_related = ("source", "job")
    search_fields = ("source__title", "=source__object_id", "sha256__startswith")
    date_hierarchy = "created"
    viewing_permissions = ("review_generatedimage", "publish_generatedimage")
    scripts = ("compare.js", "review.js")
    actions = ["genai_approve", "genai_reject", "genai_reset", "genai_publish", "genai_revert"]
    empty_text = _(
        "No results yet. Choose pictures under “Product images” and run an action such as "
        "“Enhance selected…”. What comes out waits here for review."
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<uuid:pk>/picture/<str:variant>/",
                view(self.picture_view, cacheable=True),
                name="shop_genai_generatedimage_picture",
            ),
            path("<uuid:pk>/judge/", view(self.judge_view), name="shop_genai_generatedimage_judge"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[GeneratedImage]:
        """Without what was made of shoppers' photos: that waits for nobody's review."""
        return super().get_queryset(request).filter(source__shopper=None)

    # List ----

    @admin.display(description=_("before"))
    def before(self, result: GeneratedImage) -> str:
        return pictures.thumbnail(
            pictures.source_thumbnail_url(result.source), gettext("Before: %(title)s") % {"title": result.source}
        )

    @admin.display(description=_("after"))
    def after(self, result: GeneratedImage) -> str:
        return pictures.thumbnail(
            pictures.result_url(result, pictures.THUMBNAIL_WIDTH),
            gettext("After: %(title)s") % {"title": result.source},
        )

    @admin.display(description=_("title"), ordering="source__title")
    def titled(self, result: GeneratedImage) -> str:
        title = result.source.title or self.short_id(result)
        variant = variant_facts.of(result)
        facts = [recipe_label(result.job.recipe), variant.colour if variant else "", pictures.facts(result)]
        return pictures.titled(title, ", ".join(filter(None, facts)))

    @admin.display(description=_("review"), ordering="review")
    def review_badge(self, result: GeneratedImage) -> str:
        variant = variant_facts.of(result)
        preview = variant_facts.preview_badge() if variant and variant.preview else ""
        if result.published_at:  # it is approved, or it could not be published
            badge = pictures.badge("published", gettext("Published"))
        else:
            badge = pictures.badge(result.review, Review(result.review).label)
        return format_html("{} {}", badge, preview)

    # Judging ----

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(review.REVIEW)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(review.PUBLISH)

    @admin.action(description=_("Approve selected results"), permissions=["review"])
    def genai_approve(self, request: HttpRequest, queryset: QuerySet[GeneratedImage]) -> None:
        judging.each(self, request, queryset, "approve")

    @admin.action(description=_("Reject selected results"), permissions=["review"])
    def genai_reject(self, request: HttpRequest, queryset: QuerySet[GeneratedImage]) -> None:
        judging.each(self, request, queryset, "reject")

    @admin.action(description=_("Send selected results back to review"), permissions=["review"])
    def genai_reset(self, request: HttpRequest, queryset: QuerySet[GeneratedImage]) -> None:
        judging.each(self, request, queryset, "reset")

    @admin.action(description=_("Publish selected results"), permissions=["publish"])
    def genai_publish(self, request: HttpRequest, queryset: QuerySet[GeneratedImage]) -> None:
        judging.each(self, request, queryset, "publish")

    @admin.action(description=_("Revert selected results to the original pictures"), permissions=["publish"])
    def genai_revert(self, request: HttpRequest, queryset: QuerySet[GeneratedImage]) -> None:
        judging.each(self, request, queryset, "revert")

    def judge_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return judging.one(self, request, pk)

    # One result's page ----

    def picture_view(self, request: HttpRequest, pk: Any, variant: str) -> HttpResponse:
        result = self.get_object(request, str(pk))
        if not self.has_view_permission(request, result):
            raise PermissionDenied
        return pictures.serve_result(result, variant)

    def detail(self, request: HttpRequest, obj: GeneratedImage) -> dict[str, Any]:
        following, previous = judging.neighbours(obj)
        return {
            "title": obj.source.title or self.short_id(obj),
            "result": obj,
            "source": obj.source,
            "job": obj.job,
            "before_url": pictures.source_url(obj.source),
            "after_url": pictures.result_url(obj),
            "steps": self.steps(request, obj),
            "following": following,
            "previous": previous,
            "waiting": judging.waiting().count(),
            "recipe": recipe_label(obj.job.recipe),
            "parameters": parameters(obj.job.recipe, obj.job.params),
            "renditions": [{**entry, "size": filesizeformat(entry["bytes"])} for entry in obj.renditions],
            "facts": other_facts(obj),
            "variant": variant_facts.of(obj),
            "provenance": pictures.provenance(obj),
            "history": history(obj),
        }

    def steps(self, request: HttpRequest, result: GeneratedImage) -> list[dict[str, Any]]:
        """The buttons that this person can press in this state, the most likely first."""
        judge, publish = self.has_review_permission(request), self.has_publish_permission(request)
        live, state = result.published_at is not None, result.review
        offered = [
            ("approve", _("Approve"), "a", judge and state != Review.APPROVED),
            (
                "approve_publish",
                _("Approve and publish"),
                "p",
                judge and publish and state != Review.APPROVED,
            ),
            ("publish", _("Publish"), "p", publish and state == Review.APPROVED and not live),
            ("reject", _("Reject"), "r", judge and state != Review.REJECTED and not live),
            ("revert", _("Revert to original"), "v", publish and live),
            ("reset", _("Back to review"), "u", judge and state != Review.PENDING and not live),
        ]
        return [{"name": name, "label": label, "key": key} for name, label, key, possible in offered if possible]


def other_facts(result: GeneratedImage) -> dict[str, Any]:
    """What the pipeline says of its work, without what the page shows already."""
    shown = {"recipe", "seed", "weights", "device", "input_size", *variant_facts.SHOWN, *result.job.params}
    facts = {name: value for name, value in result.info.items() if name not in shown}
    if isinstance(facts.get("decision"), dict):
        facts["decision"] = decision(facts["decision"])
    return {PIPELINE_FACTS.get(name, name): value for name, value in facts.items()}


def history(result: GeneratedImage) -> list[dict[str, Any]]:
    """Who did what, newest first."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(GeneratedImage), object_id=str(result.pk)
    ).select_related("user")
    return [
        {"at": entry.action_time, "user": entry.user, "what": gettext(entry.change_message)}
        for entry in entries.order_by("-action_time", "-pk")[:50]
        if entry.change_message
    ]
