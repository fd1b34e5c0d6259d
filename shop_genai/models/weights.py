"""The registry of weights: which files made a result, which are promoted for new jobs, and who decided that."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Weights(models.Model):
    """One trained version of one recipe's network, known by the digest of its files.

    ``folder`` is empty for weights inside the package, else a local directory with safetensors and a manifest (or
    the manifest's own path). Written by ``shop_genai.registry`` only.
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
        permissions: ClassVar = [
            ("promote_weights", _("Can promote weights and roll back")),
            ("force_promote_weights", _("Can promote weights that are not proven better")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recipe", "digest"], name="genai_weights_once"),
            models.UniqueConstraint(
                fields=["recipe"], condition=Q(promoted=True), name="genai_one_promoted_per_recipe"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipe} {self.version}"


class Promotion(models.Model):
    """One line of the history of what new jobs use. Never changed, except that a promotion is marked as undone."""

    class Kind(models.TextChoices):
        PROMOTED = "promoted", _("Promoted")
        FORCED = "forced", _("Promoted by force")
        ROLLED_BACK = "rolled_back", _("Rolled back")

    recipe = models.CharField(_("recipe"), max_length=64)
    kind = models.CharField(_("step"), max_length=16, choices=Kind)
    before = models.ForeignKey(
        Weights, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("from weights")
    )
    after = models.ForeignKey(Weights, models.PROTECT, related_name="promotions", verbose_name=_("to weights"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    reason = models.TextField(_("reason"), blank=True)
    figures = models.JSONField(
        _("figures"), default=list, help_text=_("The deciding figures that were compared, before and after.")
    )
    undone = models.BooleanField(_("undone"), default=False, help_text=_("A later rollback took this step back."))

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(kind="forced") | ~Q(reason=""), name="genai_forced_promotion_has_a_reason"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["recipe", "-id"], name="genai_promotion_newest")]

    def __str__(self) -> str:
        return f"{self.recipe}: {self.before or '–'} → {self.after}"
