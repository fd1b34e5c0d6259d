"""A picture that jobs can read."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from rest_framework import serializers

from shop_genai.api.serializers.rendering import AnswerSerializer, moment
from shop_genai.models import ProductImage


class CatalogueFieldSerializer(serializers.Serializer):
    """Which field of which row of the shop holds the picture."""

    model = serializers.CharField()
    id = serializers.CharField()
    field = serializers.CharField()


class ImageSerializer(AnswerSerializer[ProductImage]):
    """A picture that jobs can read: an upload, or a picture of the catalogue."""

    id = serializers.UUIDField()
    url = serializers.URLField()
    content = serializers.URLField(help_text="Where its bytes are, for its owner and for staff.")
    title = serializers.CharField()
    catalogue = CatalogueFieldSerializer(allow_null=True, help_text="Null for an upload.")
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")
    format = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    created = serializers.DateTimeField()

    def to_representation(self, image: ProductImage) -> dict[str, Any]:
        return {
            "id": str(image.pk),
            "url": self.links.to("image-detail", image.pk),
            "content": self.links.to("image-content", image.pk),
            "title": image.title,
            "catalogue": None if image.content_type is None else _place(image, image.content_type),
            "width": image.width,
            "height": image.height,
            "format": image.format,
            "bytes": image.bytes,
            "sha256": image.sha256,
            "created": moment(image.created),
        }


class ImagePageSerializer(serializers.Serializer):
    """Images, newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ImageSerializer(many=True)


def _place(image: ProductImage, kind: ContentType) -> dict[str, str]:
    return {"model": f"{kind.app_label}.{kind.model}", "id": image.object_id, "field": image.field}
