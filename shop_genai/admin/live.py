"""Progress of jobs while someone looks: what one job's state looks like, and the endpoint that pages poll.

The server renders every state, the page's script only swaps markup: words and translations live in one place.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from shop_genai.admin.readonly import ReadOnlyAdmin
from shop_genai.admin.words import ADVICE
from shop_genai.models import Job, Status

AT_MOST = 200  # jobs per poll: more than a page of the list shows
ACTIVE = (Status.QUEUED, Status.RUNNING)


def state(job: Job) -> str:
    """Badge, progress, and for a job that failed its error and what to do about it."""
    return render_to_string(
        "shop_genai/admin/job_state.html",
        {
            "job": job,
            "label": Status(job.status).label,
            "percent": round(job.progress * 100),
            "running": job.status == Status.RUNNING,
            "advice": ADVICE.get(job.error_code, ""),
            "result": getattr(job, "result", None),
        },
    )


def respond(model_admin: ReadOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """``?id=…&id=…`` → the state of these jobs, and a sentence about the queue. ``page``: also its facts."""
    ids = [value for value in map(_uuid, request.GET.getlist("id")[:AT_MOST]) if value is not None]
    jobs = list(model_admin.get_queryset(request).filter(pk__in=ids).select_related("result"))
    body: dict[str, Any] = {
        "jobs": {
            str(job.pk): {
                "status": job.status,
                "label": str(Status(job.status).label),
                "progress": job.progress,
                "over": job.is_over,
                "html": state(job),
            }
            for job in jobs
        },
        "queue": queue_sentence(),
    }
    if len(jobs) == 1 and "page" in request.GET:
        body["page"] = render_to_string(
            "shop_genai/admin/job_facts.html", model_admin.detail(request, jobs[0]), request=request
        )
    return JsonResponse(body)


def queue_sentence() -> str:
    """How much is running and waiting in the whole studio."""
    counts = Job.objects.filter(status__in=ACTIVE).aggregate(
        running=Count("pk", filter=Q(status=Status.RUNNING)),
        queued=Count("pk", filter=Q(status=Status.QUEUED)),
    )
    if not any(counts.values()):
        return _("Nothing is running or waiting.")
    return _("Running: %(running)s. Waiting: %(queued)s.") % counts


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
