"""Try-ons in the back office: how they went, but not what they show; consents; the audit; and the catalogue's garments.

Shoppers' pictures are seen by nobody without the permission ``view_shopper_pictures``, and each look is noted.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from shop_genai import audit, media, tryon
from shop_genai.admin import pictures
from shop_genai.admin.readonly import ReadOnlyAdmin
from shop_genai.admin.words import parameters
from shop_genai.errors import GenaiError
from shop_genai.generation.tryon.landmarks import LINES
from shop_genai.models import GarmentAnalysis, GeneratedImage, TryOn, TryOnAudit, TryOnConsent

SEE = "shop_genai.view_shopper_pictures"
ENHANCE = "shop_genai.enhance_productimage"


@admin.register(TryOn)
class TryOnAdmin(ReadOnlyAdmin):
    change_form_template = "shop_genai/admin/tryon_page.html"
    list_display = ("short_id", "status_badge", "code", "what", "created", "expires_at")
    list_display_links = ("short_id",)
    list_filter = ("job__status", "job__error_code", "created")
    list_select_related = ("job", "garment")
    search_fields = ("garment__title", "job__error_code")
    empty_text = _("No try-ons. They are deleted with the shopper's photo, by the shopper or when their time is over.")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:pk>/picture/<str:variant>/", view(self.picture_view), name="shop_genai_tryon_picture"),
            *super().get_urls(),
        ]

    @admin.display(description=_("state"), ordering="job__status")
    def status_badge(self, row: TryOn) -> str:
        return pictures.badge(row.job.status, row.job.get_status_display())

    @admin.display(description=_("code"), ordering="job__error_code")
    def code(self, row: TryOn) -> str:
        return row.job.error_code

    @admin.display(description=_("garment"), ordering="garment__title")
    def what(self, row: TryOn) -> str:
        return "" if row.garment is None else row.garment.title or self.short_id(row.garment)

    def detail(self, request: HttpRequest, obj: TryOn) -> dict[str, Any]:
        result: GeneratedImage | None = getattr(obj.job, "result", None)
        state = tryon.state(obj)
        return {
            "title": gettext("Try-on %(id)s") % {"id": self.short_id(obj)},
            "tryon": obj,
            "status": self.status_badge(obj),
            "state": state,
            "garment_url": pictures.source_thumbnail_url(obj.garment) if obj.garment else "",
            "parameters": parameters(obj.job.recipe, obj.job.params),
            "result": result,
            "may_see": request.user.has_perm(SEE),
        }

    def picture_view(self, request: HttpRequest, pk: Any, variant: str) -> HttpResponse:
        """The shopper's photo, or what was made of it; the look is noted before a byte is sent."""
        if not self.has_view_permission(request) or not request.user.has_perm(SEE):
            raise PermissionDenied
        row = TryOn.objects.select_related("photo__image", "shopper", "job").filter(pk=pk).first()
        if row is None or variant not in ("photo", "result"):
            raise Http404
        image = row.photo.image
        alias, name = image.storage, image.name
        if variant == "result":
            result = GeneratedImage.objects.filter(job=row.job).first()
            if result is None:
                raise Http404
            alias, name = result.storage, result.name
        audit.note(audit.Kind.VIEW, row.shopper, photo=row.photo_id, tryon=row.pk, code=variant, staff=request.user)
        try:
            response = pictures.picture(name, media.get(alias, name))
        except GenaiError as error:
            return HttpResponse(str(error), status=error.http_status, content_type="text/plain; charset=utf-8")
        response["Cache-Control"] = "private, no-store"
        return response


@admin.register(TryOnConsent)
class TryOnConsentAdmin(ReadOnlyAdmin):
    list_display = ("text_version", "language", "at", "withdrawn_at")
    list_display_links = None
    list_filter = ("text_version", "language", "at", "withdrawn_at")
    empty_text = _("No consents. One is kept when a shopper agrees to the try-on's text, before any photo is accepted.")


@admin.register(TryOnAudit)
class TryOnAuditAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "code", "who", "photo", "tryon", "staff")
    list_display_links = None
    list_filter = ("kind", "at", "code")
    list_select_related = ("staff",)
    search_fields = ("=shopper", "=photo", "=tryon", "code", "staff__username")
    date_hierarchy = "at"
    empty_text = _("Nothing happened yet.")

    @admin.display(description=_("shopper"), ordering="shopper")
    def who(self, line: TryOnAudit) -> str:
        return line.shopper[:8]


@admin.register(GarmentAnalysis)
class GarmentAnalysisAdmin(ReadOnlyAdmin):
    change_form_template = "shop_genai/admin/garment_page.html"
    list_display = ("preview", "titled", "sure", "created")
    list_display_links = ("preview", "titled")
    list_filter = ("kind", "source", "code", "category", "created")
    list_select_related = ("image__content_type",)
    search_fields = ("image__title", "code")
    actions = ["genai_again"]
    empty_text = _(
        "No garments yet. They are looked at by “manage.py genai_garments”, and when somebody tries one on for the "
        "first time."
    )

    def has_enhance_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(ENHANCE)

    @admin.display(description=_("picture"))
    def preview(self, row: GarmentAnalysis) -> str:
        return pictures.thumbnail(pictures.source_thumbnail_url(row.image), str(row.image))

    @admin.display(description=_("title"), ordering="image__title")
    def titled(self, row: GarmentAnalysis) -> str:
        return pictures.titled(row.image.title or self.short_id(row.image), ", ".join(filter(None, self.found(row))))

    def found(self, row: GarmentAnalysis) -> tuple[str, ...]:
        return (row.kind, row.source, row.code)

    @admin.display(description=_("confidence"), ordering="confidence")
    def sure(self, row: GarmentAnalysis) -> str:
        return "" if row.code else f"{row.confidence:.0%}"

    @admin.action(description=_("Analyse selected garments again"), permissions=["enhance"])
    def genai_again(self, request: HttpRequest, queryset: QuerySet[GarmentAnalysis]) -> None:
        """Forget what was found: the next try-on, or ``genai_garments``, looks again. The web has no torch for it."""
        count = queryset.count()
        queryset.delete()
        text = ngettext(
            "%(n)s garment is analysed again when it is tried on next, or by “manage.py genai_garments”.",
            "%(n)s garments are analysed again when they are tried on next, or by “manage.py genai_garments”.",
            count,
        )
        self.message_user(request, text % {"n": count}, messages.SUCCESS)

    def detail(self, request: HttpRequest, obj: GarmentAnalysis) -> dict[str, Any]:
        points: dict[str, list[float]] = obj.data.get("landmarks", {})
        width, height = obj.data.get("size", (obj.image.width, obj.image.height))
        lines = [
            " ".join(f"{points[name][0]:.1f},{points[name][1]:.1f}" for name in line if name in points)
            for line in LINES.get(obj.kind, ())  # type: ignore[call-overload]  # a row holds any text
        ]
        return {
            "title": obj.image.title or self.short_id(obj.image),
            "garment": obj,
            "width": width,
            "height": height,
            "unit": round(max(width, height) / 250, 2),
            "lines": lines,
            "points": [(name, f"{x:.1f}", f"{y:.1f}") for name, (x, y) in points.items()],
            "picture_url": pictures.source_url(obj.image),
            "words": tryon.refusal(obj.code) if obj.code else None,
            "image_link": format_html(
                '<a href="{}">{}</a>',
                reverse("admin:shop_genai_productimage_change", args=[obj.image_id]),
                obj.image.title or self.short_id(obj.image),
            ),
            "may_again": self.has_enhance_permission(request),
        }
