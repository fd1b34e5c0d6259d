"""Where a picture stands, computed by the database for a whole page; and what lists can be filtered by."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from shop_genai.admin.words import recipe_labels
from shop_genai.models import GeneratedImage, Job, JobInput, ProductImage, Review, Status


class PictureState(models.TextChoices):
    """What is going on comes before what was decided: a running job shows, even over a published result."""

    NONE = "none", _("Nothing yet")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    FAILED = "failed", _("Failed")
    WAITING = "waiting", _("Waiting for review")
    APPROVED = "approved", _("Approved")
    PUBLISHED = "published", _("Published")


def with_state(images: QuerySet[ProductImage]) -> QuerySet[ProductImage]:
    """Annotate ``state``, a value of PictureState."""
    uses = JobInput.objects.filter(image=OuterRef("pk"), job__tryon=None)  # what shoppers try on changes nothing
    results = GeneratedImage.objects.filter(source=OuterRef("pk"))
    return images.annotate(
        state=Case(
            When(Exists(uses.filter(job__status=Status.RUNNING)), then=Value(PictureState.RUNNING)),
            When(Exists(uses.filter(job__status=Status.QUEUED)), then=Value(PictureState.QUEUED)),
            When(Exists(results.filter(review=Review.PENDING)), then=Value(PictureState.WAITING)),
            When(Exists(results.filter(published_at__isnull=False)), then=Value(PictureState.PUBLISHED)),
            When(Exists(results.filter(review=Review.APPROVED)), then=Value(PictureState.APPROVED)),
            When(Exists(uses.filter(job__status__in=(Status.FAILED, Status.DEAD))), then=Value(PictureState.FAILED)),
            default=Value(PictureState.NONE),
            output_field=models.CharField(max_length=16),
        )
    )


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(PictureState.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class HostFilter(admin.SimpleListFilter):
    """Which of the shop's models a picture belongs to, or uploads."""

    title = _("origin")
    parameter_name = "host"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        used = ProductImage.objects.exclude(content_type=None).order_by().values("content_type").distinct()
        hosts = ContentType.objects.filter(pk__in=used)
        named = sorted((str(pk), str(capfirst(host.name))) for pk, host in ((host.pk, host) for host in hosts))
        return [*named, ("upload", _("Uploads"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ProductImage]) -> QuerySet[ProductImage]:
        value = self.value()
        if value == "upload":
            return queryset.filter(content_type=None)
        return queryset.filter(content_type=int(value)) if value and value.isdecimal() else queryset


class PublishedFilter(admin.SimpleListFilter):
    title = _("publication")
    parameter_name = "published"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Published")), ("no", _("Not published"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[GeneratedImage]) -> QuerySet[GeneratedImage]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(published_at__isnull=self.value() == "no")


class RecipeFilter(admin.SimpleListFilter):
    """By kind of generation, with the recipe's own label."""

    title = _("recipe")
    parameter_name = "recipe"
    lookup = "recipe"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return recipe_labels()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.lookup: self.value()}) if self.value() else queryset


class ErrorFilter(admin.SimpleListFilter):
    """By the stable codes that jobs failed with; hidden while none did."""

    title = _("error code")
    parameter_name = "error"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        codes = Job.objects.exclude(error_code="").order_by("error_code").values_list("error_code", flat=True)
        return [(code, code) for code in codes.distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(error_code=self.value()) if self.value() else queryset


class ResultRecipeFilter(RecipeFilter):
    lookup = "job__recipe"
