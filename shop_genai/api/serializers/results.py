"""A finished picture, with the addresses of its files."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from shop_genai import media
from shop_genai.api.serializers.rendering import AnswerSerializer, moment
from shop_genai.models import GeneratedImage, Review


class RenditionSerializer(serializers.Serializer):
    """The same picture in another size or format."""

    format = serializers.CharField()
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")
    bytes = serializers.IntegerField()
    url = serializers.URLField()


class ResultSerializer(AnswerSerializer[GeneratedImage]):
    """A finished picture: its facts, its files, and what the reviewers said."""

    id = serializers.UUIDField()
    url = serializers.URLField()
    job = serializers.URLField()
    source = serializers.URLField(help_text="The image it was made from.")  # type: ignore[assignment]  # a field, not the attribute
    recipe = serializers.CharField()
    file = serializers.URLField(help_text="The full-size picture. A private one's address expires within 300 seconds.")
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")
    format = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    renditions = RenditionSerializer(many=True)
    info = serializers.DictField(help_text="Plain facts from the recipe.")
    review = serializers.ChoiceField(Review.choices)
    published = serializers.DateTimeField(allow_null=True)
    created = serializers.DateTimeField()

    def to_representation(self, result: GeneratedImage) -> dict[str, Any]:
        return {
            "id": str(result.pk),
            "url": self.links.to("result-detail", result.pk),
            "job": self.links.to("job-detail", result.job_id),
            "source": self.links.to("image-detail", result.source_id),
            "recipe": result.job.recipe,
            "file": self.links.absolute(media.link(result)),
            "width": result.width,
            "height": result.height,
            "format": result.format,
            "bytes": result.bytes,
            "sha256": result.sha256,
            "renditions": [self._rendition(result, rendition) for rendition in result.renditions],
            "info": result.info,
            "review": result.review,
            "published": moment(result.published_at),
            "created": moment(result.created),
        }

    def _rendition(self, result: GeneratedImage, rendition: dict[str, Any]) -> dict[str, Any]:
        facts = {name: rendition[name] for name in ("format", "width", "height", "bytes")}
        return {**facts, "url": self.links.absolute(media.link(result, rendition["name"]))}


class ResultPageSerializer(serializers.Serializer):
    """Results, newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ResultSerializer(many=True)
