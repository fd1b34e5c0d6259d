"""The queue's truth. A ``Job`` row is the only record of work; ``shop_genai.ledger`` is its only writer."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop_genai.models.images import ProductImage
from shop_genai.models.weights import Weights


class Lane(models.TextChoices):
    """Two queues: someone waits for the first, nobody for the second."""

    INTERACTIVE = "interactive", _("Interactive")
    BULK = "bulk", _("Bulk")


class Status(models.TextChoices):
    """QUEUED → RUNNING → SUCCEEDED | FAILED; RUNNING → QUEUED on retry; the other three end a job as well."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    DEAD = "dead", _("Dead (killed its worker)")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


class Job(models.Model):
    """One piece of work, its place in the queue, and the lease of the worker that holds it.

    ``attempt`` counts claims, ``crashes`` the leases that ran out, ``retries`` the coded failures that were worth
    another try. ``fence`` rises with every claim: a write that names an older fence changes nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="genai_jobs",
        verbose_name=_("owner"),
    )
    recipe = models.CharField(_("recipe"), max_length=64)
    params = models.JSONField(_("parameters"), default=dict)
    seed = models.BigIntegerField(_("seed"), default=0)
    weights = models.ForeignKey(
        Weights, models.PROTECT, null=True, blank=True, related_name="jobs", verbose_name=_("weights")
    )
    key = models.CharField(
        _("content key"), max_length=64, help_text=_("SHA-256 of inputs, recipe, parameters, seed and weights.")
    )
    active_key = models.CharField(  # noqa: DJ001 - unique among those that have one
        max_length=64,
        null=True,
        unique=True,
        editable=False,
        help_text=_("Owner and content key while this job may still answer the same request; empty otherwise."),
    )
    batch_key = models.CharField(max_length=64, editable=False)
    batch_limit = models.PositiveSmallIntegerField(default=1, editable=False)

    lane = models.CharField(_("lane"), max_length=16, choices=Lane, default=Lane.BULK)
    priority = models.SmallIntegerField(_("priority"), default=0)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.QUEUED)
    progress = models.FloatField(_("progress"), default=0.0)
    run_after = models.DateTimeField(_("not before"), default=timezone.now)
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    cancel_requested = models.BooleanField(_("cancel requested"), default=False)

    attempt = models.PositiveIntegerField(_("attempt"), default=0)
    crashes = models.PositiveSmallIntegerField(_("crashes"), default=0)
    retries = models.PositiveSmallIntegerField(_("retries"), default=0)
    fence = models.PositiveBigIntegerField(_("fence"), default=0)
    worker = models.CharField(_("worker"), max_length=200, blank=True)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)

    error_code = models.CharField(_("error code"), max_length=64, blank=True)
    error_message = models.TextField(_("error"), blank=True)
    device = models.CharField(_("device"), max_length=64, blank=True)
    seconds = models.FloatField(
        _("device seconds"), default=0.0, help_text=_("This job's share of the time its batch took on the device.")
    )
    created = models.DateTimeField(_("created"), default=timezone.now)
    started = models.DateTimeField(_("started"), null=True, blank=True)
    finished = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering: ClassVar = ["-created", "id"]
        permissions: ClassVar = [("control_job", _("Can cancel and retry jobs"))]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="genai_job_status_known"),
            models.CheckConstraint(condition=Q(lane__in=Lane.values), name="genai_job_lane_known"),
            models.CheckConstraint(condition=Q(progress__gte=0.0, progress__lte=1.0), name="genai_job_progress_share"),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(lease_until__isnull=False), name="genai_job_running_is_leased"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running"], finished__isnull=True)
                | Q(status__in=["succeeded", "failed", "dead", "cancelled", "expired"], finished__isnull=False),
                name="genai_job_finished_when_over",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                F("lane"),
                F("priority").desc(),
                F("created"),
                F("id"),
                condition=Q(status="queued"),
                name="genai_job_claim",
            ),
            models.Index(fields=["lease_until"], condition=Q(status="running"), name="genai_job_lease"),
            models.Index(fields=["deadline"], condition=Q(status__in=["queued", "running"]), name="genai_job_deadline"),
            models.Index(fields=["owner", "-created", "id"], name="genai_job_owner"),
            models.Index(fields=["-created", "id"], name="genai_job_newest"),
            models.Index(fields=["key"], name="genai_job_key"),
        ]

    def __str__(self) -> str:
        return f"{self.recipe} {self.id}"

    @property
    def is_over(self) -> bool:
        return self.status not in (Status.QUEUED, Status.RUNNING)


class JobInput(models.Model):
    """Which picture fills which slot of a job."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="inputs")
    slot = models.CharField(_("slot"), max_length=64)
    image = models.ForeignKey(ProductImage, models.CASCADE, related_name="uses", verbose_name=_("image"))

    class Meta:
        verbose_name = _("job input")
        verbose_name_plural = _("job inputs")
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "slot"], name="genai_one_image_per_slot")]

    def __str__(self) -> str:
        return f"{self.slot}: {self.image_id}"


class JobEvent(models.Model):
    """One line of a job's log. Written in the same transaction as the change it tells of; never changed."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="events")
    at = models.DateTimeField(_("at"), default=timezone.now)
    kind = models.CharField(_("event"), max_length=32)
    attempt = models.PositiveIntegerField(_("attempt"), default=0)
    data = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("job event")
        verbose_name_plural = _("job events")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} ({self.attempt})"


class IdempotencyKey(models.Model):
    """A client's Idempotency-Key, the request it came with, and the job that answered it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    job = models.ForeignKey(Job, models.CASCADE, related_name="+")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "key"], name="genai_idempotency_once")]

    def __str__(self) -> str:
        return self.key


class LaneState(models.Model):
    """Whether a doorbell is on its way for a lane, so that a thousand submissions ring once."""

    lane = models.CharField(max_length=16, primary_key=True, choices=Lane)
    rung_at = models.DateTimeField(null=True)
    rings = models.PositiveBigIntegerField(default=0)
    claims = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("lane")
        verbose_name_plural = _("lanes")

    def __str__(self) -> str:
        return self.lane
