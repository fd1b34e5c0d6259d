"""Submit, follow, list and cancel jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from shop_genai import ledger, recipes
from shop_genai.api import idempotency
from shop_genai.api.pagination import paginate
from shop_genai.api.permissions import inputs_for, jobs_for, staff_may
from shop_genai.api.schema import IDEMPOTENCY_PARAMETER, problems_of_signed_in
from shop_genai.api.serializers.jobs import (
    JobDetailSerializer,
    JobPageSerializer,
    JobSerializer,
    SubmittedSerializer,
)
from shop_genai.api.serializers.requests import JobQuerySerializer, JobRequestSerializer
from shop_genai.api.views.studio import StudioView
from shop_genai.errors import NotAllowed
from shop_genai.models import Job, Lane
from shop_genai.submission import submit

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PATH = "/genai/api/v1/jobs/"
MAX_POSITION = 1000
PERSON = "person"  # the slot of recipes that work on a person's photo
# How long a client should wait before it asks again, by lane.
POLL_SECONDS = {Lane.INTERACTIVE: 1, Lane.BULK: 5}

REQUEST_EXAMPLE = {
    "recipe": "enhance",
    "inputs": {"image": "5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1"},
    "params": {"scale": 2},
    "seed": 7,
    "lane": "interactive",
}
EXAMPLE = {
    "id": "c7c2f0c1-9d0a-4a5a-8f0e-0a8c5d8f1b2e",
    "url": "https://shop.example/genai/api/v1/jobs/c7c2f0c1-9d0a-4a5a-8f0e-0a8c5d8f1b2e/",
    "recipe": "enhance",
    "status": "queued",
    "progress": 0.0,
    "lane": "interactive",
    "inputs": {"image": "5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1"},
    "params": {"preset": "custom", "scale": 2, "strength": 0.5, "light": 0.0},
    "seed": 7,
    "weights": "0f343b0931126a20f133d67c2b018a3b2f9c0c1d8ae0a6d2b1d0f4d9f6a1e1c0",
    "attempt": 0,
    "cancel_requested": False,
    "error": None,
    "result": None,
    "seconds": 0.0,
    "created": "2026-11-24T04:00:00.123456Z",
    "started": None,
    "finished": None,
    "deadline": "2026-11-24T04:15:00.123456Z",
}
DETAIL_EXAMPLE = {
    **EXAMPLE,
    "position": 0,
    "events": [{"at": "2026-11-24T04:00:00.123456Z", "kind": "queued", "attempt": 0}],
}
LOCATION = OpenApiParameter(
    "Location", str, OpenApiParameter.HEADER, response=[200, 202], description="The address of the job."
)
RETRY_AFTER = OpenApiParameter(
    "Retry-After",
    int,
    OpenApiParameter.HEADER,
    response=[200, 202],
    description="Seconds to wait before asking again; absent once the job is over.",
)


def _example(name: str, value: Any, *statuses: str) -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=list(statuses))


class JobListView(StudioView):
    throttle_scopes = {"POST": "genai-submit"}

    @extend_schema(
        operation_id="jobs_list",
        summary="List jobs",
        parameters=[JobQuerySerializer],
        responses={
            200: JobPageSerializer,
            **problems_of_signed_in(PATH, "invalid_request", "invalid_cursor"),
        },
        examples=[_example("one job", {"next": None, "previous": None, "results": [EXAMPLE]}, "200")],
    )
    def get(self, request: Request) -> Response:
        """Your jobs, newest first. Staff with the permission to view jobs see everyone's."""
        query = JobQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        jobs = jobs_for(request.user).filter(**query.filters())
        page = paginate(jobs, query.validated_data.get("cursor"), query.validated_data["page_size"])
        rows = JobSerializer(page.rows, many=True, context={"links": self.links}).data
        return Response(page.body(rows, request))

    @extend_schema(
        operation_id="jobs_submit",
        summary="Submit a job",
        parameters=[IDEMPOTENCY_PARAMETER, LOCATION, RETRY_AFTER],
        request=JobRequestSerializer,
        responses={
            202: OpenApiResponse(SubmittedSerializer, description="Queued."),
            200: OpenApiResponse(SubmittedSerializer, description="An earlier job answers this request."),
            **problems_of_signed_in(
                PATH,
                "invalid_request",
                "malformed_request",
                "invalid_idempotency_key",
                "permission_denied",
                "csrf_failed",
                "unknown_recipe",
                "idempotency_conflict",
                "body_too_large",
                "unsupported_media_type",
                "invalid_params",
                "invalid_inputs",
                "throttled",
            ),
        },
        examples=[
            OpenApiExample("enlarge twice", value=REQUEST_EXAMPLE, request_only=True),
            _example("queued", {**EXAMPLE, "deduplicated": False}, "202"),
            _example("there already", {**EXAMPLE, "deduplicated": True}, "200"),
        ],
    )
    def post(self, request: Request) -> Response:
        """Queue a job: 202 with its address. The same request again is the same job: 200, nothing new.

        Catalogue pictures need the permission `enhance_productimage`, and so do recipes with an input `person`, for
        which shoppers use `tryon/`. Your own uploads need none.
        """
        key = idempotency.key_of(request)
        wanted = JobRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        asked = wanted.validated_data
        recipe = recipes.get(asked["recipe"])
        if any(slot.name == PERSON for slot in recipe.slots) and not staff_may(request.user, "enhance_productimage"):
            raise NotAllowed(_("Photos of shoppers are given to “tryon/”, with consent and for a time."))
        recipe.check_slots(asked["inputs"])
        submitted = submit(
            recipe=asked["recipe"],
            inputs=inputs_for(request.user, asked["inputs"]),
            params=asked["params"],
            seed=asked["seed"],
            owner=cast("User", request.user),
            lane=asked["lane"],
            idempotency_key=key,
        )
        job = jobs_for(request.user).using(ledger.write_alias()).get(pk=submitted.job.pk)
        context = {"links": self.links, "deduplicated": not submitted.created}
        headers = {"Location": self.links.to("job-detail", job.pk), **_retry_after(job)}
        status = 202 if submitted.created else 200
        return Response(SubmittedSerializer(job, context=context).data, status=status, headers=headers)


class JobView(StudioView):
    @extend_schema(
        operation_id="jobs_retrieve",
        summary="Follow a job",
        parameters=[OpenApiParameter("id", UUID, OpenApiParameter.PATH), RETRY_AFTER],
        responses={
            200: JobDetailSerializer,
            **problems_of_signed_in(PATH + "{id}/", "not_found"),
        },
        examples=[_example("queued", DETAIL_EXAMPLE, "200")],
    )
    def get(self, request: Request, id: UUID) -> Response:
        """One job: progress, place in the queue, log. Ask again after `Retry-After` seconds."""
        job = get_object_or_404(jobs_for(request.user).prefetch_related("events"), pk=id)
        context = {"links": self.links, "position": ledger.ahead(job, MAX_POSITION)}
        return Response(JobDetailSerializer(job, context=context).data, headers=_retry_after(job))


class JobCancelView(StudioView):
    @extend_schema(
        operation_id="jobs_cancel",
        summary="Cancel a job",
        parameters=[OpenApiParameter("id", UUID, OpenApiParameter.PATH), RETRY_AFTER],
        request=None,
        responses={
            200: OpenApiResponse(JobSerializer, description="Cancelled."),
            202: OpenApiResponse(JobSerializer, description="A worker has it; it stops within seconds."),
            **problems_of_signed_in(
                PATH + "{id}/cancel/", "permission_denied", "csrf_failed", "not_found", "wrong_state"
            ),
        },
        examples=[
            _example("cancelled", {**EXAMPLE, "status": "cancelled", "finished": EXAMPLE["created"]}, "200"),
            _example("on its way", {**EXAMPLE, "status": "running", "cancel_requested": True}, "202"),
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        """A queued job ends at once, a running one at its next step. Other people's: `control_job`."""
        job = get_object_or_404(jobs_for(request.user), pk=id)
        if job.owner_id != request.user.pk and not staff_may(request.user, "control_job"):
            raise NotAllowed(_("You may not cancel other people's jobs."))
        ledger.cancel(job)
        job = get_object_or_404(jobs_for(request.user).using(ledger.write_alias()), pk=id)
        status = 200 if job.is_over else 202
        body = JobSerializer(job, context={"links": self.links}).data
        return Response(body, status=status, headers=_retry_after(job))


def _retry_after(job: Job) -> dict[str, str]:
    return {} if job.is_over else {"Retry-After": str(POLL_SECONDS[Lane(job.lane)])}
