"""The registry of weights: which files made a result, and which are promoted for new jobs."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Weights(models.Model):
    """One trained version of one recipe's network, known by the digest of its files.

    ``folder`` is empty for weights inside the package, else a local directory with safetensors and a manifest.
    """

    recipe = models.CharField(_("recipe"), max_length=64)
    digest = models.CharField(_("digest"), max_length=64)
    version = models.CharField(_("version"), max_length=64)
    folder = models.CharField(_("folder"), max_length=500, blank=True)
    manifest = models.JSONField(_("manifest"), default=dict)
    promoted = models.BooleanField(_("promoted"), default=False)
    promoted_at = models.DateTimeField(_("promoted at"), null=True, blank=True)
    promoted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("weights")
        verbose_name_plural = _("weights")
        ordering: ClassVar = ["recipe", "-created"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recipe", "digest"], name="genai_weights_once"),
            models.UniqueConstraint(
                fields=["recipe"], condition=Q(promoted=True), name="genai_one_promoted_per_recipe"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipe} {self.version}"
