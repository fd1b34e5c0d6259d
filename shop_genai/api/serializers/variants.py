"""Variants on the wire."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from shop_genai import media, variants
from shop_genai.api.serializers.jobs import SubmittedSerializer
from shop_genai.api.serializers.rendering import AnswerSerializer, moment
from shop_genai.api.serializers.requests import StrictSerializer
from shop_genai.api.serializers.results import RenditionSerializer
from shop_genai.api.serializers.taste import ReferencesField
from shop_genai.models import Lane
from shop_genai.storefront import Variant

MOST_IMAGES = 20


class VariantQuerySerializer(serializers.Serializer):
    """Whose variants."""

    image = ReferencesField(
        help_text=_("Ids of catalogue pictures, or “shop.product:12”, separated by commas or given several times.")
    )
    count = serializers.IntegerField(
        required=False, default=12, min_value=1, max_value=48, help_text=_("At most so many of each.")
    )


class VariantSerializer(AnswerSerializer[Variant]):
    """One approved variant."""

    id = serializers.UUIDField(help_text="The id of the result.")
    image = serializers.UUIDField(help_text="The id of the picture that was varied.")
    colour = serializers.CharField(help_text="Its name in English; empty if it has none.")
    colour_hex = serializers.CharField(help_text="#rrggbb, or empty.")
    preview = serializers.BooleanField(help_text="Label it: the shop does not sell the product like this.")
    file = serializers.URLField()
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")
    renditions = RenditionSerializer(many=True)
    created = serializers.DateTimeField()

    def to_representation(self, one: Variant) -> dict[str, Any]:
        result = one.result
        return {
            "id": str(result.pk),
            "image": str(result.source_id),
            "colour": one.colour,
            "colour_hex": str(result.info.get("colour_hex") or ""),
            "preview": one.preview,
            "file": self.links.absolute(media.link(result)),
            "width": result.width,
            "height": result.height,
            "renditions": [
                {
                    **{name: entry[name] for name in ("format", "width", "height", "bytes")},
                    "url": self.links.absolute(media.link(result, entry["name"])),
                }
                for entry in result.renditions
            ],
            "created": moment(result.created),
        }


class VariantsSerializer(serializers.Serializer):
    """Variants, picture by picture, those nearest to the shopper's taste first."""

    results = VariantSerializer(many=True)


class VariantRequestSerializer(StrictSerializer):
    """Which pictures, and which looks."""

    images = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MOST_IMAGES, help_text=_("Ids of pictures.")
    )
    target = serializers.ChoiceField(
        variants.TARGETS,
        required=False,
        default=variants.PRIOR,
        help_text=_(
            "“prior”: new looks, as different from each other as possible. “colour”: those of “colours”. “shopper”: "
            "what the taste aims at. “appearance”: the look of another picture."
        ),
    )
    count = serializers.IntegerField(
        required=False, default=1, min_value=1, max_value=variants.MOST_LOOKS, help_text=_("Looks, for “prior”.")
    )
    colours = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        default=list,
        max_length=variants.MOST_LOOKS,
        help_text=_("Names such as navy, or #rrggbb, for “colour”."),
    )
    shopper = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Key of the shopper, for staff who may view shoppers. Left out: whoever asks."),
    )
    appearance = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text=_("Id of a picture, for “appearance”.")
    )
    strength = serializers.FloatField(required=False, default=1.0, min_value=0.0, max_value=1.0)
    stocked_only = serializers.BooleanField(
        required=False, default=False, help_text=_("Move each look to the nearest colour that the shop sells.")
    )
    seed = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0, max_value=2**63 - 1)
    lane = serializers.ChoiceField(choices=Lane.choices, required=False, allow_null=True, default=None)


class SubmittedVariantsSerializer(serializers.Serializer):
    """One job for each picture and look, picture by picture."""

    jobs = SubmittedSerializer(many=True)
