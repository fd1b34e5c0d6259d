"""Try-ons of shoppers: what they send, and what they are told."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from shop_genai import tryon
from shop_genai.api import signatures
from shop_genai.api.serializers.rendering import AnswerSerializer, moment
from shop_genai.api.serializers.requests import StrictSerializer
from shop_genai.generation.tryon.params import AUTO, CATEGORIES, OUTERS, TUCKS
from shop_genai.models import ShopperPhoto, Status, TryOn


class TryOnConsentRequestSerializer(StrictSerializer):
    """That the shopper agrees."""

    version = serializers.CharField(max_length=64, help_text=_("Of the text that was shown."))


class TryOnUploadSerializer(StrictSerializer):
    """A photo, as multipart form data."""

    file = serializers.FileField(help_text=_("The photo. It is decoded, re-encoded and stored without metadata."))


class TryOnRequestSerializer(StrictSerializer):
    """A garment for a photo. Either `garment` or `product`."""

    photo = serializers.UUIDField(help_text=_("Id of a photo."))
    garment = serializers.UUIDField(required=False, help_text=_("Id of a picture of the catalogue."))
    product = serializers.CharField(
        required=False, max_length=200, help_text=_("A product or a row with a picture: “shop.product:12”.")
    )
    category = serializers.ChoiceField(
        list(CATEGORIES), required=False, default=AUTO, help_text=_("“auto”: what the shop or the picture says.")
    )
    tuck = serializers.ChoiceField(list(TUCKS), required=False, help_text=_("Whether a top's hem is tucked in."))
    outer = serializers.ChoiceField(
        list(OUTERS), required=False, help_text=_("Whether an open jacket in the photo stays on.")
    )
    backend = serializers.CharField(required=False, max_length=64, help_text=_("Method; left out: the shop's own."))
    seed = serializers.IntegerField(required=False, default=0, min_value=0, max_value=2**63 - 1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("garment" in attrs) == ("product" in attrs):
            raise serializers.ValidationError({"garment": [_("Name either a garment or a product.")]})
        return attrs


class WordsSerializer(serializers.Serializer):
    """Something that people read, with its stable code."""

    code = serializers.CharField()
    message = serializers.CharField()


class RefusalSerializer(WordsSerializer):
    """Why there is no picture."""

    advice = serializers.CharField(help_text="What the shopper can do.")


class PhotoSerializer(AnswerSerializer[ShopperPhoto]):
    """A photo that the shopper gave."""

    id = serializers.UUIDField()
    width = serializers.IntegerField(help_text="Pixels, upright.")
    height = serializers.IntegerField(help_text="Pixels, upright.")
    created = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(help_text="When it is deleted by itself, with all that was made of it.")
    url = serializers.URLField(help_text="For at most 300 seconds, and for this shopper only.")

    def to_representation(self, photo: ShopperPhoto) -> dict[str, Any]:
        return {
            "id": str(photo.pk),
            "width": photo.image.width,
            "height": photo.image.height,
            "created": moment(photo.created),
            "expires_at": moment(photo.expires_at),
            "url": self.links.absolute(signatures.signed("photo", photo.pk)),
        }


class TryOnResultSerializer(serializers.Serializer):
    """The picture that was made."""

    url = serializers.URLField(help_text="For at most 300 seconds, and for this shopper only.")
    before_url = serializers.URLField(help_text="The photo, in the same way.")
    width = serializers.IntegerField(help_text="Pixels; the photo's own.")
    height = serializers.IntegerField(help_text="Pixels; the photo's own.")
    confidence = serializers.FloatField(allow_null=True, help_text="0 to 1.")
    warnings = WordsSerializer(many=True, help_text="What may look wrong in it.")
    seconds = serializers.DictField(child=serializers.FloatField(), help_text="Seconds of each step.")
    expires_at = serializers.DateTimeField()


class GarmentSerializer(serializers.Serializer):
    """What is tried on."""

    image = serializers.UUIDField(help_text="Id of a picture of the catalogue.")
    title = serializers.CharField()


class TryOnSerializer(AnswerSerializer[TryOn]):
    """One garment on one photo."""

    id = serializers.UUIDField()
    url = serializers.URLField()
    status = serializers.ChoiceField(Status.choices)
    progress = serializers.FloatField(help_text="The share done, 0 to 1.")
    queue_position = serializers.IntegerField(allow_null=True, help_text="From 1, at most 1001; null unless queued.")
    photo = serializers.UUIDField()
    garment = GarmentSerializer(allow_null=True, help_text="Null once the shop has deleted its picture.")
    category = serializers.ChoiceField(list(CATEGORIES))
    tuck = serializers.ChoiceField(list(TUCKS))
    outer = serializers.ChoiceField(list(OUTERS))
    backend = serializers.CharField()
    seed = serializers.IntegerField()
    created = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(help_text="When it is deleted by itself.")
    error = RefusalSerializer(allow_null=True)
    result = TryOnResultSerializer(allow_null=True)

    def to_representation(self, row: TryOn) -> dict[str, Any]:
        state, params = tryon.state(row), row.job.params
        error = state.error
        return {
            "id": str(row.pk),
            "url": self.links.to("tryon-detail", row.pk),
            "status": state.status,
            "progress": state.progress,
            "queue_position": state.position,
            "photo": str(row.photo_id),
            "garment": None if row.garment is None else {"image": str(row.garment.pk), "title": row.garment.title},
            "category": params["category"],
            "tuck": params["tuck"],
            "outer": params["outer"],
            "backend": params["backend"],
            "seed": row.job.seed,
            "created": moment(row.created),
            "expires_at": moment(row.expires_at),
            "error": None if error is None else {**_words(error), "advice": error.advice},
            "result": self._result(row, state),
        }

    def _result(self, row: TryOn, state: tryon.State) -> dict[str, Any] | None:
        if state.result is None:
            return None
        return {
            "url": self.links.absolute(signatures.signed("tryon", row.pk)),
            "before_url": self.links.absolute(signatures.signed("photo", row.photo_id)),
            "width": state.result.width,
            "height": state.result.height,
            "confidence": state.confidence,
            "warnings": [_words(one) for one in state.warnings],
            "seconds": state.seconds,
            "expires_at": moment(row.expires_at),
        }


class TryOnConsentSerializer(serializers.Serializer):
    """The text that shoppers agree to, and whether this one did."""

    version = serializers.CharField()
    text = serializers.CharField(help_text="In the reader's language.")
    given_at = serializers.DateTimeField(allow_null=True, help_text="When this shopper agreed to this version.")


class TryOnLimitsSerializer(serializers.Serializer):
    """How much this shopper may ask for, and what a photo may be."""

    photos_left = serializers.IntegerField(help_text="Within 24 hours.")
    tryons_left = serializers.IntegerField(help_text="Within 24 hours.")
    per_day = serializers.IntegerField()
    seconds = serializers.IntegerField(help_text="Until a photo is deleted by itself.")
    most_bytes = serializers.IntegerField(help_text="Of a photo's file.")
    formats = serializers.ListField(child=serializers.CharField())


class CategorySerializer(serializers.Serializer):
    """Where a garment is worn."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not the attribute


class FittingRoomSerializer(serializers.Serializer):
    """All that a page needs before it asks for a photo, and what the shopper has here already."""

    consent = TryOnConsentSerializer()
    photos = PhotoSerializer(many=True)
    tryons = TryOnSerializer(many=True)
    limits = TryOnLimitsSerializer()
    categories = CategorySerializer(many=True)


def _words(one: tryon.Words) -> dict[str, str]:
    return {"code": one.code, "message": one.message}
