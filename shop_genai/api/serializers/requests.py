"""What requests may hold. An unknown name is refused, so that no typing error is silently ignored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from shop_genai.api.pagination import MAX_PAGE_SIZE, PAGE_SIZE
from shop_genai.models import Lane, Review, Status


class StrictSerializer(serializers.Serializer):
    """Refuses unknown fields with the code ``unknown_field``."""

    default_error_messages = {"unknown_field": _("There is no such field. Known: {known}.")}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                text = str(self.error_messages["unknown_field"]).format(known=", ".join(self.fields))
                error = serializers.ErrorDetail(text, code="unknown_field")
                raise serializers.ValidationError({name: [error] for name in unknown})
        return super().to_internal_value(data)


class UploadSerializer(StrictSerializer):
    """One picture, as multipart form data."""

    file = serializers.FileField(help_text=_("The picture. It is decoded, re-encoded and stored without metadata."))
    title = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class JobRequestSerializer(StrictSerializer):
    """What to make, and from which pictures."""

    recipe = serializers.CharField(max_length=64, help_text=_("Name of an installed recipe."))
    inputs = serializers.DictField(
        child=serializers.UUIDField(), allow_empty=False, help_text=_("Slot name → id of an image.")
    )
    params = serializers.DictField(
        required=False,
        default=dict,
        help_text=_("The recipe's parameters; what is left out has its default."),
    )
    seed = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        max_value=2**63 - 1,
        help_text=_("The same request with the same seed is the same picture. Left out: 0."),
    )
    lane = serializers.ChoiceField(
        choices=Lane.choices,
        required=False,
        allow_null=True,
        default=None,
        help_text=_("“interactive” where somebody waits, else “bulk”. Left out: the recipe's own."),
    )


class PageQuerySerializer(serializers.Serializer):
    """Query parameters of every list."""

    cursor = serializers.CharField(
        required=False, max_length=200, help_text=_("Taken from “next” or “previous” of another page.")
    )
    page_size = serializers.IntegerField(
        required=False, default=PAGE_SIZE, min_value=1, max_value=MAX_PAGE_SIZE, help_text=_("Rows per page.")
    )

    def filters(self) -> dict[str, Any]:
        """The validated conditions, as names and values of a queryset's ``filter``."""
        return {name: value for name, value in self.validated_data.items() if name not in ("cursor", "page_size")}


class JobQuerySerializer(PageQuerySerializer):
    recipe = serializers.CharField(required=False, max_length=64, help_text=_("Only jobs of this recipe."))
    status = serializers.ChoiceField(Status.choices, required=False, help_text=_("Only jobs in this status."))


class ResultQuerySerializer(PageQuerySerializer):
    recipe = serializers.CharField(
        required=False, max_length=64, source="job__recipe", help_text=_("Only results of this recipe.")
    )
    review = serializers.ChoiceField(Review.choices, required=False, help_text=_("Only results with this review."))
    source = serializers.UUIDField(  # type: ignore[assignment]  # a field, not the attribute
        required=False, help_text=_("Only results made from this image.")
    )
