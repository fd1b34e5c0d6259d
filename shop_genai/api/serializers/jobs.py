"""A job on the wire: where it stands, what it was asked, and what became of it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from rest_framework import serializers

from shop_genai.api.serializers.rendering import AnswerSerializer, moment
from shop_genai.api.titles import title_of
from shop_genai.models import Job, Lane, Status


class JobErrorSerializer(serializers.Serializer):
    """Why the last attempt failed."""

    code = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField()


class JobEventSerializer(serializers.Serializer):
    """One line of the job's log."""

    at = serializers.DateTimeField()
    kind = serializers.CharField()
    attempt = serializers.IntegerField()


class JobSerializer(AnswerSerializer[Job]):
    """A request for a picture, and where it stands."""

    # Rows come from ``permissions.jobs_for``, which adds inputs, weights and result to the query.

    id = serializers.UUIDField()
    url = serializers.URLField()
    recipe = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)
    progress = serializers.FloatField(min_value=0, max_value=1)
    lane = serializers.ChoiceField(Lane.choices)
    inputs = serializers.DictField(child=serializers.UUIDField(), help_text="Slot name → id of an image.")
    params = serializers.DictField(help_text="With every default spelled out.")
    seed = serializers.IntegerField()
    weights = serializers.CharField(allow_null=True, help_text="SHA-256 of the weights it is pinned to.")
    attempt = serializers.IntegerField(help_text="How often a worker has taken it.")
    cancel_requested = serializers.BooleanField()
    error = JobErrorSerializer(allow_null=True)
    result = serializers.URLField(allow_null=True, help_text="The result, once the job has succeeded.")
    seconds = serializers.FloatField(help_text="Its share of the time that its batch took on the device.")
    created = serializers.DateTimeField()
    started = serializers.DateTimeField(allow_null=True)
    finished = serializers.DateTimeField(allow_null=True)
    deadline = serializers.DateTimeField(allow_null=True)

    def to_representation(self, job: Any) -> dict[str, Any]:
        return {
            "id": str(job.pk),
            "url": self.links.to("job-detail", job.pk),
            "recipe": job.recipe,
            "status": job.status,
            "progress": job.progress,
            "lane": job.lane,
            "inputs": _inputs(job.input_ids),
            "params": job.params,
            "seed": job.seed,
            "weights": job.weights_digest,
            "attempt": job.attempt,
            "cancel_requested": job.cancel_requested,
            "error": _error(job),
            "result": job.result_id and self.links.to("result-detail", job.result_id),
            "seconds": job.seconds,
            "created": moment(job.created),
            "started": moment(job.started),
            "finished": moment(job.finished),
            "deadline": moment(job.deadline),
        }


class JobDetailSerializer(JobSerializer):
    """A job with its place in the queue and its log."""

    # Needs ``context["position"]`` as well.

    position = serializers.IntegerField(
        allow_null=True, help_text="Jobs of its lane that come first, at most 1000; null unless queued."
    )
    events = JobEventSerializer(many=True)

    def to_representation(self, job: Any) -> dict[str, Any]:
        events = [{"at": moment(event.at), "kind": event.kind, "attempt": event.attempt} for event in job.events.all()]
        return {**super().to_representation(job), "position": self.context["position"], "events": events}


class SubmittedSerializer(JobSerializer):
    """A job as the answer to a submission."""

    # Needs ``context["deduplicated"]`` as well.

    deduplicated = serializers.BooleanField(
        help_text="True where an earlier job answers the request, so that nothing new was queued."
    )

    def to_representation(self, job: Any) -> dict[str, Any]:
        return {**super().to_representation(job), "deduplicated": self.context["deduplicated"]}


class JobPageSerializer(serializers.Serializer):
    """Jobs, newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = JobSerializer(many=True)


def _inputs(text: str | None) -> dict[str, str]:
    return {slot: str(UUID(image)) for slot, image in json.loads(text or "{}").items()}


def _error(job: Job) -> dict[str, str] | None:
    if not job.error_code:
        return None
    return {"code": job.error_code, "title": title_of(job.error_code), "detail": job.error_message}
