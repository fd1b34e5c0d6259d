"""Retry and cancel from the admin. The ledger decides, row by row, whether the step is still possible."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop_genai import ledger, tasks
from shop_genai.admin.judging import Refusals, tell
from shop_genai.errors import GenaiError
from shop_genai.models import Job

STEPS = {"retry": ledger.retry, "cancel": ledger.cancel}


def said(step: str, count: int) -> str:
    texts = {
        "retry": ngettext("%(n)s job queued again.", "%(n)s jobs queued again.", count),
        "cancel": ngettext(
            "%(n)s job cancelled, or stopping as soon as its worker notices.",
            "%(n)s jobs cancelled, or stopping as soon as their workers notice.",
            count,
        ),
    }
    return texts[step] % {"n": count}


def name_of(job: Job) -> str:
    """The title of its first picture, else the first group of its id."""
    titles = [used.image.title for used in job.inputs.all() if used.image.title]
    return titles[0] if titles else str(job.pk).split("-", 1)[0]


def each(model_admin: admin.ModelAdmin, request: HttpRequest, jobs: QuerySet[Job], step: str) -> None:
    """Take the step for every job that still allows it; ring once per lane; say what was skipped and why."""
    done = 0
    refused: Refusals = defaultdict(list)
    lanes = set()
    for job in jobs:
        try:
            STEPS[step](job)
        except GenaiError as error:
            refused[str(error)].append(name_of(job))
        else:
            done += 1
            lanes.add(job.lane)
    if step == "retry":
        for lane in sorted(lanes):
            tasks.ring(lane)
    tell(model_admin, request, said(step, done) if done else "", refused)


def one(model_admin: admin.ModelAdmin, request: HttpRequest, pk: Any) -> HttpResponse:
    """A button of a job's page."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    step = request.POST.get("step", "")
    jobs = model_admin.get_queryset(request).filter(pk=pk)
    if step not in STEPS or not jobs:
        messages.error(request, _("This job does not exist any more."))
        return redirect("admin:shop_genai_job_changelist")
    each(model_admin, request, jobs, step)
    return redirect("admin:shop_genai_job_change", pk)
