"""Shoppers: who agreed to be remembered, what the studio learned, what they see, and the way to erase it all.

Private by default: nothing here can be typed in or changed, the list names no pictures, and each further look (events,
taste) takes a permission of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop_genai import taste, variants
from shop_genai.admin import pictures, variant_facts
from shop_genai.admin import variants as variant_pages
from shop_genai.admin.readonly import ReadOnlyAdmin
from shop_genai.models import Event, ProductImage, Shopper, TasteProfile

EVENTS = 30  # on a shopper's page; the list of events has them all
RECOMMENDED = 12
SEE_EVENTS = "shop_genai.view_event"
SEE_TASTE = "shop_genai.view_tasteprofile"
ERASE = "shop_genai.delete_shopper"


class ConsentFilter(admin.SimpleListFilter):
    title = _("consent")
    parameter_name = "consent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Agreed")), ("out", _("Opted out")), ("none", _("Never asked or agreed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Shopper]) -> QuerySet[Shopper]:
        wanted: dict[str, dict[str, Any]] = {
            "yes": {"consent_at__isnull": False, "opted_out_at": None},
            "out": {"opted_out_at__isnull": False},
            "none": {"consent_at": None, "opted_out_at": None},
        }
        return queryset.filter(**wanted.get(self.value() or "", {}))


@admin.register(Shopper)
class ShopperAdmin(ReadOnlyAdmin):
    change_form_template = "shop_genai/admin/shopper_page.html"
    list_display = ("titled", "consent", "event_count", "last_event")
    list_display_links = ("titled",)
    list_filter = (ConsentFilter, "created")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    empty_text = _("No shoppers yet. One appears here when somebody in the shop agrees that their taste is remembered.")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/sees/", view(self.sees_view), name="shop_genai_shopper_sees"),
            path("<int:pk>/variants/", view(self.variants_view), name="shop_genai_shopper_variants"),
            path("<int:pk>/erase/", view(self.erase_view), name="shop_genai_shopper_erase"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shopper]:
        own = Event.objects.filter(shopper=OuterRef("pk")).order_by()
        count = own.values("shopper").annotate(count=Count("pk")).values("count")
        rows: QuerySet[Shopper] = super().get_queryset(request)
        return rows.annotate(
            events_kept=Coalesce(Subquery(count), 0),
            last_at=Subquery(own.order_by("-at").values("at")[:1]),
        )

    # List ----

    @admin.display(description=_("shopper"), ordering="user__username")
    def titled(self, shopper: Shopper) -> str:
        return pictures.titled(str(shopper), gettext("Signed in") if shopper.user_id else gettext("Anonymous"))

    @admin.display(description=_("consent"), ordering="consent_at")
    def consent(self, shopper: Shopper) -> str:
        return consent_badge(shopper)

    @admin.display(description=_("events"), ordering="events_kept")
    def event_count(self, shopper: Any) -> int:
        return int(shopper.events_kept)

    @admin.display(description=_("last event"), ordering="last_at")
    def last_event(self, shopper: Any) -> Any:
        return shopper.last_at

    # One shopper's page ----

    def detail(self, request: HttpRequest, obj: Shopper) -> dict[str, Any]:
        events = obj.events.select_related("image").order_by("-at", "-pk") if may(request, SEE_EVENTS) else None
        return {
            "title": str(obj),
            "shopper": obj,
            "consent": consent_badge(obj),
            "events": with_pictures(events[:EVENTS]) if events is not None else [],
            "sees_events": events is not None,
            "kept": obj.events_kept,  # type: ignore[attr-defined]  # annotated by get_queryset
            "counts": counts(obj),
            "sees_taste": may(request, SEE_TASTE),
            "may_erase": may(request, ERASE),
        }

    def sees_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the shop's pages show this shopper: products in their order with the reason, and variants."""
        shopper = self.opened(request, pk, SEE_TASTE)
        known = taste.taste_of(shopper)
        recommended = taste.recommend(shopper, count=RECOMMENDED)
        images = [one.image for one in recommended]
        approved = variants.approved(images)
        results = [result for image in images for result in approved.get(image.pk, [])]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": gettext("What %(shopper)s sees") % {"shopper": shopper},
            "shopper": shopper,
            "taste": known,
            "recommended": [
                (one, one.image.title or str(one.image), pictures.source_thumbnail_url(one.image))
                for one in recommended
            ],
            "variants": [
                (result, pictures.result_url(result, pictures.THUMBNAIL_WIDTH), variant_facts.of(result))
                for result in variants.nearest(results, known)[:RECOMMENDED]
            ],
            "may_generate": may(request, variant_pages.ENHANCE) and shopper.consents and not known.empty,
        }
        return TemplateResponse(request, "shop_genai/admin/shopper_sees.html", context)

    def variants_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """From the preview to the form: variants of what is recommended, in this shopper's taste."""
        shopper = self.opened(request, pk, SEE_TASTE, variant_pages.ENHANCE)
        images = [one.image for one in taste.recommend(shopper, count=RECOMMENDED)]
        if not images:
            messages.warning(request, gettext("There is no picture to make variants of yet."))
            return redirect("admin:shop_genai_shopper_sees", pk)
        return variant_pages.start(request, [image.pk for image in images], shopper)

    def erase_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask on GET; on POST erase everything that is stored of the shopper."""
        shopper = self.opened(request, pk, ERASE)
        if request.method == "POST":
            name = str(shopper)
            taste.erase(shopper)
            messages.success(
                request, gettext("Everything that was stored of %(shopper)s is erased.") % {"shopper": name}
            )
            return redirect("admin:shop_genai_shopper_changelist")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": gettext("Erase %(shopper)s") % {"shopper": shopper},
            "shopper": shopper,
            "counts": counts(shopper),
            "cancel_url": reverse("admin:shop_genai_shopper_change", args=[pk]),
        }
        return TemplateResponse(request, "shop_genai/admin/shopper_erase.html", context)

    def opened(self, request: HttpRequest, pk: int, *permissions: str) -> Any:
        """The row, for somebody who may see shoppers and has these permissions besides.

        Raises:
            PermissionDenied, Http404
        """
        if not self.has_view_permission(request) or not may(request, *permissions):
            raise PermissionDenied
        shopper = self.get_object(request, str(pk))
        if shopper is None:
            raise Http404
        return shopper


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("kind_badge", "what", "who", "at")
    list_display_links = None
    list_filter = ("kind", "at")
    list_select_related = ("image", "shopper__user")
    search_fields = ("image__title", "query", "shopper__user__username")
    date_hierarchy = "at"
    empty_text = _("No events yet. They are kept only of shoppers who agreed to it.")

    @admin.display(description=_("event"), ordering="kind")
    def kind_badge(self, event: Event) -> str:
        return pictures.badge("none", event.get_kind_display())

    @admin.display(description=_("what"))
    def what(self, event: Event) -> str:
        return event.query or event.image.title if event.image else event.query

    @admin.display(description=_("shopper"), ordering="shopper")
    def who(self, event: Event) -> str:
        return shopper_link(event.shopper)


@admin.register(TasteProfile)
class TasteProfileAdmin(ReadOnlyAdmin):
    list_display = ("who", "weights", "updated")
    list_display_links = None
    list_filter = ("updated",)
    list_select_related = ("shopper__user", "weights")
    search_fields = ("shopper__user__username",)
    empty_text = _("No taste profiles yet. One is computed when a shopper with events is shown something.")

    @admin.display(description=_("shopper"), ordering="shopper")
    def who(self, profile: TasteProfile) -> str:
        return shopper_link(profile.shopper)


def may(request: HttpRequest, *permissions: str) -> bool:
    return request.user.has_perms(permissions)


def consent_badge(shopper: Shopper) -> str:
    if shopper.opted_out_at is not None:
        return pictures.badge("rejected", gettext("Opted out"))
    if shopper.consents:
        return pictures.badge("approved", gettext("Agreed"))
    return pictures.badge("none", gettext("Agreed to an older text") if shopper.consent_at else gettext("Not agreed"))


def shopper_link(shopper: Shopper) -> str:
    return format_html('<a href="{}">{}</a>', reverse("admin:shop_genai_shopper_change", args=[shopper.pk]), shopper)


def counts(shopper: Shopper) -> list[tuple[Any, int]]:
    """How many events of each kind are kept."""
    found = dict(shopper.events.order_by().values_list("kind").annotate(Count("pk")))
    return [(kind.label, found[kind.value]) for kind in Event.Kind if kind.value in found]


def with_pictures(events: Iterable[Event]) -> list[tuple[Event, ProductImage | None, str]]:
    return [(event, event.image, pictures.source_thumbnail_url(event.image) if event.image else "") for event in events]
