"""Pictures: what the shop or a shopper gave us (``ProductImage``) and what a job made (``GeneratedImage``).

Rows keep a storage *alias* and a *name*, not a FileField: the alias is a setting, a row must be readable after the
setting changed, and listing rows must never touch storage.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ProductImage(models.Model):
    """A picture that jobs can read: an image field of one of the shop's rows, or an upload of a user or a shopper.

    Host pictures stay where the shop keeps them and are read through the ``ProductAdapter``; then ``storage`` and
    ``name`` are empty. Uploads belong to ``owner`` and lie re-encoded, without metadata, at ``storage``/``name``.
    Photos that shoppers give for try-ons belong to ``shopper`` instead; no list of pictures shows them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content_type = models.ForeignKey(ContentType, models.CASCADE, null=True, blank=True, related_name="+")
    object_id = models.CharField(_("object id"), max_length=64, blank=True)
    content_object = GenericForeignKey("content_type", "object_id")
    field = models.CharField(_("image field"), max_length=64, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="genai_images",
        verbose_name=_("owner"),
    )
    shopper = models.ForeignKey(
        "shop_genai.Shopper",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="images",
        editable=False,
        verbose_name=_("shopper"),
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    storage = models.CharField(max_length=64, blank=True, editable=False)
    name = models.CharField(max_length=255, blank=True, editable=False)
    sha256 = models.CharField(_("SHA-256"), max_length=64, editable=False)
    format = models.CharField(_("format"), max_length=8, editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    bytes = models.PositiveBigIntegerField(_("bytes"), editable=False)
    thumbnail = models.CharField(max_length=255, blank=True, editable=False)
    backup = models.CharField(
        max_length=255,
        blank=True,
        editable=False,
        help_text=_("Where the shop's own bytes are kept while a result is published in their place."),
    )
    backup_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    updated = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("product image")
        verbose_name_plural = _("product images")
        ordering: ClassVar = ["-created", "id"]
        permissions: ClassVar = [("enhance_productimage", _("Can generate from product images"))]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "field"],
                condition=Q(content_type__isnull=False),
                name="genai_image_once_per_field",
            ),
            models.CheckConstraint(
                condition=Q(content_type__isnull=False, field__gt="", object_id__gt="", shopper__isnull=True)
                | Q(content_type__isnull=True, name__gt="", owner__isnull=False, shopper__isnull=True)
                | Q(content_type__isnull=True, name__gt="", owner__isnull=True, shopper__isnull=False),
                name="genai_image_host_or_upload",
            ),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="genai_image_has_size"),
        ]
        indexes: ClassVar = [models.Index(fields=["owner", "-created"], name="genai_image_owner")]

    def __str__(self) -> str:
        return self.title or str(self.id)

    @property
    def is_upload(self) -> bool:
        return self.content_type_id is None


class Review(models.TextChoices):
    """What a person said of a result. Independent of the job's own status."""

    PENDING = "pending", _("Waiting for review")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


class GeneratedImage(models.Model):
    """A finished picture. Its file is named by what made it, so the same request never makes a second file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.OneToOneField("shop_genai.Job", models.CASCADE, related_name="result", verbose_name=_("job"))
    source = models.ForeignKey(ProductImage, models.CASCADE, related_name="results", verbose_name=_("made from"))
    storage = models.CharField(max_length=64, editable=False)
    name = models.CharField(max_length=255, editable=False)
    mask_name = models.CharField(max_length=255, blank=True, editable=False)
    sha256 = models.CharField(_("SHA-256"), max_length=64, editable=False)
    format = models.CharField(_("format"), max_length=8, editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    bytes = models.PositiveBigIntegerField(_("bytes"), editable=False)
    renditions = models.JSONField(
        _("renditions"),
        default=list,
        editable=False,
        help_text=_("One entry per file: format, width, height, name, bytes."),
    )
    info = models.JSONField(_("facts"), default=dict, editable=False)
    review = models.CharField(_("review"), max_length=8, choices=Review, default=Review.PENDING)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        ordering: ClassVar = ["-created", "id"]
        permissions: ClassVar = [
            ("review_generatedimage", _("Can approve and reject results")),
            ("publish_generatedimage", _("Can publish and revert results")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(published_at__isnull=False), name="genai_one_published_per_image"
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(review="approved"), name="genai_published_is_approved"
            ),
            models.CheckConstraint(condition=Q(review__in=Review.values), name="genai_result_review_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["review", "-created"], name="genai_result_review"),
            models.Index(
                F("source"),
                F("reviewed_at").desc(),
                condition=Q(review="approved"),
                name="genai_result_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.width} × {self.height} {self.format}"

    @property
    def files(self) -> Storage:
        """The storage that holds this result and its renditions."""
        return storages[self.storage]

    @property
    def url(self) -> str:
        """The full-size file's address. Only for storages whose files may be linked (see ``media.link``)."""
        return self.files.url(self.name)
