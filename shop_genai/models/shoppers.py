"""What the studio knows of a shopper: the consent, what they did with which pictures, and the taste made from it.

``shop_genai.taste`` is the writer of everything about shoppers, ``shop_genai.looks`` of the index of looks.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop_genai.conf import genai_settings
from shop_genai.models.images import ProductImage
from shop_genai.models.jobs import Job
from shop_genai.models.weights import Weights


class Shopper(models.Model):
    """Someone who looks around: a user, or a browser that holds a signed cookie with ``key``.

    ``version`` rises with each change of the events; what was computed from older ones is known by it.
    """

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="genai_shopper",
        verbose_name=_("user"),
    )
    consent_at = models.DateTimeField(_("consented"), null=True, blank=True)
    consent_version = models.CharField(
        _("consent text"), max_length=64, blank=True, help_text=_("Which version of the text the shopper agreed to.")
    )
    opted_out_at = models.DateTimeField(_("opted out"), null=True, blank=True)
    version = models.PositiveBigIntegerField(default=0, editable=False)
    created = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("shopper")
        verbose_name_plural = _("shoppers")
        ordering: ClassVar = ["-created", "id"]

    def __str__(self) -> str:
        return str(self.user) if self.user_id else self.key.hex[:8]

    @property
    def consents(self) -> bool:
        """Whether events may be kept: agreed to the text that is shown today, and not opted out since."""
        return (
            self.consent_at is not None
            and self.opted_out_at is None
            and self.consent_version == genai_settings.TASTE_CONSENT_VERSION
        )


class Event(models.Model):
    """One thing that a shopper did. Only of shoppers who consented; deleted when they opt out."""

    class Kind(models.TextChoices):
        VIEW = "view", _("Looked at")
        BASKET = "basket", _("Put into the basket")
        PURCHASE = "purchase", _("Bought")
        LIKE = "like", _("Liked")
        DISLIKE = "dislike", _("Disliked")
        SEARCH = "search", _("Searched for")

    shopper = models.ForeignKey(Shopper, models.CASCADE, related_name="events", verbose_name=_("shopper"))
    kind = models.CharField(_("event"), max_length=16, choices=Kind)
    image = models.ForeignKey(
        ProductImage, models.CASCADE, null=True, blank=True, related_name="events", verbose_name=_("picture")
    )
    query = models.CharField(_("searched for"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="search", image__isnull=True, query__gt="")
                | Q(kind__in=["view", "basket", "purchase", "like", "dislike"], image__isnull=False, query=""),
                name="genai_event_image_or_query",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["shopper", "-at"], name="genai_event_shopper"),
            models.Index(fields=["at"], name="genai_event_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.query or self.image_id}"


class Look(models.Model):
    """Where a picture of the shop lies in the latent space of one version of the variant network.

    ``vector`` holds float16, little-endian; it is empty where the network saw no product. ``sha256`` is that of
    the picture's bytes then: after the shop changed them, the look is computed anew.
    """

    image = models.ForeignKey(ProductImage, models.CASCADE, related_name="looks", verbose_name=_("picture"))
    weights = models.ForeignKey(Weights, models.CASCADE, related_name="looks", verbose_name=_("weights"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    vector = models.BinaryField(_("look"), default=bytes)
    category = models.CharField(_("category"), max_length=100, blank=True)
    product = models.CharField(
        _("product"), max_length=150, help_text=_("Pictures of one product share this key: model and primary key.")
    )
    colour = models.CharField(_("colour"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("look")
        verbose_name_plural = _("looks")
        constraints: ClassVar = [models.UniqueConstraint(fields=["image", "weights"], name="genai_one_look_per_image")]

    def __str__(self) -> str:
        return f"{self.product} {self.colour}".strip()


class LookIndex(models.Model):
    """The stamp of one index of looks: whoever holds a copy of the index in memory compares it."""

    weights = models.OneToOneField(Weights, models.CASCADE, related_name="look_index", verbose_name=_("weights"))
    stamp = models.UUIDField(_("stamp"), default=uuid.uuid4)
    updated = models.DateTimeField(_("updated"), default=timezone.now)

    class Meta:
        verbose_name = _("index of looks")
        verbose_name_plural = _("indexes of looks")

    def __str__(self) -> str:
        return f"{self.weights} {self.stamp.hex[:8]}"


class TasteProfile(models.Model):
    """A shopper's events summed up: a cache, rebuilt from the events whenever ``version`` or ``stamp`` is old.

    ``facts`` is plain JSON: per category the sum of the weights, the strongest events, and what was bought.
    ``vectors`` holds float32, one row of weighted looks per entry of ``facts["categories"]``.
    """

    shopper = models.ForeignKey(Shopper, models.CASCADE, related_name="profiles", verbose_name=_("shopper"))
    weights = models.ForeignKey(Weights, models.CASCADE, related_name="+", verbose_name=_("weights"))
    version = models.PositiveBigIntegerField(editable=False)
    stamp = models.UUIDField(editable=False)
    vectors = models.BinaryField(_("vectors"), default=bytes)
    facts = models.JSONField(_("facts"), default=dict)
    updated = models.DateTimeField(_("updated"), default=timezone.now)

    class Meta:
        verbose_name = _("taste profile")
        verbose_name_plural = _("taste profiles")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shopper", "weights"], name="genai_one_profile_per_shopper")
        ]

    def __str__(self) -> str:
        return str(self.shopper)


class TasteJob(models.Model):
    """A job that was made for one shopper's taste. Erasing the shopper erases it with its pictures."""

    shopper = models.ForeignKey(Shopper, models.CASCADE, related_name="taste_jobs", verbose_name=_("shopper"))
    job = models.ForeignKey(Job, models.CASCADE, related_name="taste_jobs", verbose_name=_("job"))
    created = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("job for a taste")
        verbose_name_plural = _("jobs for a taste")
        constraints: ClassVar = [models.UniqueConstraint(fields=["shopper", "job"], name="genai_taste_job_once")]

    def __str__(self) -> str:
        return f"{self.shopper}: {self.job_id}"
