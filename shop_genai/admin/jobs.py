"""Jobs: a live, read-only list of the work, with retry and cancel for whoever may."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from shop_genai.admin import control, live, pictures
from shop_genai.admin.readonly import ReadOnlyAdmin
from shop_genai.admin.states import ErrorFilter, RecipeFilter
from shop_genai.admin.words import EVENTS, parameters, recipe_label, slot_label
from shop_genai.models import Job, JobInput, Status

CONTROL = "shop_genai.control_job"


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    change_list_template = "shop_genai/admin/job_list.html"
    change_form_template = "shop_genai/admin/job_page.html"
    list_display = ("preview", "titled", "state", "created")
    list_display_links = ("preview", "titled")
    list_filter = ("status", RecipeFilter, "lane", ErrorFilter, "created")
    list_select_related = ("owner", "result")
    search_fields = ("inputs__image__title", "error_code", "error_message", "worker")
    date_hierarchy = "created"
    viewing_permissions = ("control_job",)
    scripts = ("jobs.js",)
    actions = ["genai_retry", "genai_cancel"]
    empty_text = _(
        "No jobs yet. Choose pictures under “Product images” and run an action such as “Enhance selected…”; "
        "their progress shows here."
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("live/", view(self.live_view), name="shop_genai_job_live"),
            path("<uuid:pk>/control/", view(self.control_view), name="shop_genai_job_control"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        inputs = JobInput.objects.select_related("image").order_by("id")
        # Shoppers' try-ons have a list of their own, without the pictures.
        return super().get_queryset(request).filter(tryon=None).prefetch_related(Prefetch("inputs", inputs))

    # List ----

    @admin.display(description=_("picture"))
    def preview(self, job: Job) -> str:
        used = list(job.inputs.all())
        return pictures.thumbnail(pictures.source_thumbnail_url(used[0].image) if used else "", self.heading(job))

    @admin.display(description=_("job"), ordering="recipe")
    def titled(self, job: Job) -> str:
        facts = [self.short_id(job), job.get_lane_display(), str(job.owner or "")]
        return pictures.titled(self.heading(job), ", ".join(filter(None, facts)))

    @admin.display(description=_("state"), ordering="status")
    def state(self, job: Job) -> str:
        return live.state(job)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"queue": live.queue_sentence()} | (extra_context or {}))

    # Progress and control ----

    def live_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return live.respond(self, request)

    def has_control_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(CONTROL)

    @admin.action(description=_("Retry selected jobs"), permissions=["control"])
    def genai_retry(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        control.each(self, request, queryset, "retry")

    @admin.action(description=_("Cancel selected jobs"), permissions=["control"])
    def genai_cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        control.each(self, request, queryset, "cancel")

    def control_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        if not self.has_control_permission(request):
            raise PermissionDenied
        return control.one(self, request, pk)

    # One job's page ----

    def detail(self, request: HttpRequest, obj: Job) -> dict[str, Any]:
        result = getattr(obj, "result", None)
        return {
            "title": self.heading(obj),
            "job": obj,
            "state": live.state(obj),
            "inputs": [
                (slot_label(obj.recipe, used.slot), used.image, pictures.source_thumbnail_url(used.image))
                for used in obj.inputs.all()
            ],
            "parameters": parameters(obj.recipe, obj.params),
            "recipe": recipe_label(obj.recipe),
            "result": result,
            "result_url": pictures.result_url(result, pictures.THUMBNAIL_WIDTH) if result else "",
            "events": [(event, EVENTS.get(event.kind, event.kind)) for event in obj.events.order_by("-id")],
            "can_control": self.has_control_permission(request),
            "can_retry": obj.is_over and obj.status != Status.SUCCEEDED,
            "can_cancel": not obj.is_over and not obj.cancel_requested,
        }

    def heading(self, job: Job) -> str:
        titles = [used.image.title for used in job.inputs.all() if used.image.title]
        return ": ".join([recipe_label(job.recipe), *titles[:1]])
