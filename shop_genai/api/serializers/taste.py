"""Events, consent, profiles and recommendations on the wire."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from shop_genai import catalogue, storefront
from shop_genai.api.serializers.rendering import AnswerSerializer
from shop_genai.api.serializers.requests import StrictSerializer
from shop_genai.models import Event
from shop_genai.taste import Recommendation

MOST_RECOMMENDED = 48
MOST_REFERENCES = 50
NOT_RECORDED = {
    "no_consent": _("The shopper is unknown, or has not agreed."),
    "unknown_object": _("There is no such picture, and no such product with one."),
    "already_recorded": _("The same picture was looked at a moment ago, or it could not be kept."),
}


class ReferencesField(serializers.ListField):
    """Names of things, separated by commas, and the parameter may come several times."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=serializers.CharField(max_length=200), **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        given = [data] if isinstance(data, str) else list(data)
        split = [part.strip() for text in given for part in str(text).split(",") if part.strip()]
        if len(split) > MOST_REFERENCES:
            raise serializers.ValidationError(_("Not more than 50."), code="max_length")
        found: list[str] = super().to_internal_value(split)
        return found


class EventRequestSerializer(StrictSerializer):
    """What the shopper did with which picture or product, or what they searched for."""

    kind = serializers.ChoiceField(Event.Kind.choices)
    object = serializers.CharField(
        max_length=200,
        required=False,
        help_text=_("A product or photo of the shop, such as “shop.product:12”, or the id of a catalogue picture."),
    )
    query = serializers.CharField(max_length=200, required=False, help_text=_("What was searched for."))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wanted, other = ("query", "object") if attrs["kind"] == Event.Kind.SEARCH else ("object", "query")
        if not attrs.get(wanted):
            raise serializers.ValidationError({wanted: [_("This kind of event needs it.")]}, code="required")
        if attrs.get(other):
            raise serializers.ValidationError({other: [_("This kind of event has none.")]}, code="unknown_field")
        return attrs


class EventAnswerSerializer(serializers.Serializer):
    """Whether the event is kept."""

    recorded = serializers.BooleanField()
    reason = serializers.ChoiceField(
        list(NOT_RECORDED.items()), allow_null=True, help_text="Why it is not kept; null if it is."
    )


class ConsentSerializer(StrictSerializer):
    """Agree, or agree no longer."""

    consent = serializers.BooleanField(help_text=_("False deletes every event and the taste made of them."))
    version = serializers.CharField(
        max_length=64,
        required=False,
        help_text=_("Of the text that was shown; another one than that in force is refused."),
    )


class NamedSerializer(serializers.Serializer):
    """Something of the shop, as it stores it and as people read it."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not the attribute


class ProfileSerializer(serializers.Serializer):
    """What the studio knows of whoever asks."""

    known = serializers.BooleanField(help_text="Whether anything is kept at all.")
    consent = serializers.BooleanField(help_text="Whether events are kept now.")
    consent_at = serializers.DateTimeField(allow_null=True)
    consent_version = serializers.CharField(help_text="Of the text that was agreed to; empty if none was.")
    version = serializers.CharField(help_text="Of the text that is in force.")
    opted_out_at = serializers.DateTimeField(allow_null=True)
    events = serializers.DictField(child=serializers.IntegerField(), help_text="Kind of event → how many are kept.")
    categories = NamedSerializer(many=True, help_text="The favourite ones, best first.")
    colours = NamedSerializer(many=True, help_text="The favourite ones, best first.")
    text = serializers.CharField(help_text="The taste in a sentence, in the reader's language.")


class ExportSerializer(serializers.Serializer):
    """Everything that is kept of the shopper."""

    shopper = serializers.DictField(help_text="The consent.")
    events = serializers.ListField(child=serializers.DictField())
    profiles = serializers.ListField(child=serializers.DictField(), help_text="The taste computed from the events.")
    jobs = serializers.ListField(child=serializers.DictField(), help_text="Pictures that were made for this taste.")
    tryon = serializers.DictField(help_text="Consents, photos, try-ons, and what happened to them.")


class RecommendationQuerySerializer(serializers.Serializer):
    """What is wanted."""

    count = serializers.IntegerField(required=False, default=12, min_value=1, max_value=MOST_RECOMMENDED)
    category = serializers.CharField(
        required=False, max_length=100, help_text=_("Only this one, as the shop stores it.")
    )
    exclude = ReferencesField(
        required=False,
        default=list,
        help_text=_("What the page shows already, separated by commas: “shop.product:12”, or ids of pictures."),
    )


class ProductSerializer(serializers.Serializer):
    """The row of the shop that is sold."""

    model = serializers.CharField()
    id = serializers.CharField()
    url = serializers.URLField(allow_null=True, help_text="Its page, if the shop's model says where that is.")


class BecauseSerializer(serializers.Serializer):
    """The picture that a recommendation owes most to."""

    image = serializers.UUIDField()
    title = serializers.CharField()


class ReasonSerializer(serializers.Serializer):
    """Why it is recommended."""

    kind = serializers.ChoiceField(["look", "popular", "new"])
    text = serializers.CharField(help_text="For the shopper, in the reader's language.")
    because = BecauseSerializer(allow_null=True)


class RecommendationSerializer(AnswerSerializer[Recommendation]):
    """One product for one shopper."""

    product = ProductSerializer()
    image = serializers.UUIDField(help_text="The id of the picture.")
    title = serializers.CharField()
    picture = serializers.URLField(help_text="The approved picture if there is one, else the shop's own.")
    score = serializers.FloatField(help_text="Compares within one answer only.")
    reason = ReasonSerializer()

    def to_representation(self, one: Recommendation) -> dict[str, Any]:
        product, because = one.product, one.reason.because
        page = getattr(product, "get_absolute_url", None)
        return {
            "product": {
                "model": product._meta.label_lower,
                "id": str(product.pk),
                "url": self.links.absolute(page()) if page is not None else None,
            },
            "image": str(one.image.pk),
            "title": catalogue.adapter().title(one.row, one.image.field),
            "picture": self.links.absolute(storefront.address_of(one.row, one.image.field)),
            "score": one.score,
            "reason": {
                "kind": one.reason.kind,
                "text": one.reason.text,
                "because": {"image": str(because.pk), "title": because.title} if because is not None else None,
            },
        }


class RecommendationsSerializer(serializers.Serializer):
    """Recommendations, best first."""

    results = RecommendationSerializer(many=True)
