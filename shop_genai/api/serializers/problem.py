"""The shape of an error, for the schema. ``shop_genai.api.problems`` writes it."""

from __future__ import annotations

from rest_framework import serializers


class FieldErrorSerializer(serializers.Serializer):
    """One field at fault."""

    field = serializers.CharField(help_text="Path of the field, nested names joined by dots. Empty: the whole request.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """An error, as RFC 9457 describes it."""

    type = serializers.CharField(help_text="A name of the kind of problem. It never changes.")
    title = serializers.CharField(help_text="The kind of problem in a few words, in the reader's language.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    detail = serializers.CharField(help_text="What happened this time, in the reader's language.")
    instance = serializers.CharField(help_text="The path of the request.")
    code = serializers.CharField(help_text="The kind of problem for programs. It never changes.")
    retryable = serializers.BooleanField(help_text="Whether the same request can succeed later, unchanged.")
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]  # a field, not the attribute
    advice = serializers.CharField(required=False, help_text="Try-on: what the shopper can do, in their language.")
    details = serializers.DictField(required=False, help_text="Facts that help a program react, such as a limit.")
