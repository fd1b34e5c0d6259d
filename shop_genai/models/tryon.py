"""What is kept of try-ons: consents, shoppers' photos for a time, what was made of them, and what happened to them.

``shop_genai.tryon`` and ``shop_genai.photos`` are the only writers. Photos and results of shoppers are ``ProductImage``
and ``GeneratedImage`` rows like others, but their ``shopper`` is set: every list of pictures, results and jobs leaves
them out.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop_genai.models.images import ProductImage
from shop_genai.models.jobs import Job
from shop_genai.models.shoppers import Shopper


class TryOnConsent(models.Model):
    """That a shopper agreed to the try-on's text: which version, in which language, when; and until when."""

    shopper = models.ForeignKey(
        Shopper, models.CASCADE, related_name="tryon_consents", verbose_name=_("shopper"), editable=False
    )
    text_version = models.CharField(_("version of the text"), max_length=64, editable=False)
    language = models.CharField(_("language of the text"), max_length=16, blank=True, editable=False)
    at = models.DateTimeField(_("agreed"), default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("consent to try-ons")
        verbose_name_plural = _("consents to try-ons")
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["shopper", "-at"], name="genai_tryon_consent")]

    def __str__(self) -> str:
        return f"{self.text_version} {self.language}".strip()


class ShopperPhoto(models.Model):
    """A photo that a shopper gave for try-ons. At ``expires_at`` at the latest everything made of it goes with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shopper = models.ForeignKey(Shopper, models.CASCADE, related_name="tryon_photos", verbose_name=_("shopper"))
    image = models.OneToOneField(ProductImage, models.CASCADE, related_name="shopper_photo", verbose_name=_("picture"))
    consent = models.ForeignKey(TryOnConsent, models.CASCADE, related_name="photos", verbose_name=_("consent"))
    created = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name = _("photo of a shopper")
        verbose_name_plural = _("photos of shoppers")
        ordering: ClassVar = ["-created", "id"]
        permissions: ClassVar = [("view_shopper_pictures", _("Can see shoppers' photos and try-on pictures"))]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="genai_photo_expires")]

    def __str__(self) -> str:
        return str(self.id)


class TryOn(models.Model):
    """One garment on one shopper's photo. Status, error and result are those of its job."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shopper = models.ForeignKey(Shopper, models.CASCADE, related_name="tryons", verbose_name=_("shopper"))
    photo = models.ForeignKey(ShopperPhoto, models.CASCADE, related_name="tryons", verbose_name=_("photo"))
    garment = models.ForeignKey(
        ProductImage, models.SET_NULL, null=True, related_name="worn_in", verbose_name=_("garment")
    )
    job = models.OneToOneField(Job, models.CASCADE, related_name="tryon", verbose_name=_("job"))
    noted = models.BooleanField(default=False, editable=False, help_text=_("Whether the audit says how it ended."))
    created = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name = _("try-on")
        verbose_name_plural = _("try-ons")
        ordering: ClassVar = ["-created", "id"]
        indexes: ClassVar = [
            models.Index(fields=["shopper", "-created"], name="genai_tryon_shopper"),
            models.Index(fields=["noted"], condition=models.Q(noted=False), name="genai_tryon_to_note"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class TryOnAudit(models.Model):
    """One line about what happened to shoppers' photos: never a picture, a path, a name or an address.

    ``shopper`` is a keyed hash of the shopper's key: lines of one shopper belong together, and after an erasure nobody
    can say whose they were. ``photo`` and ``tryon`` are ids of rows that may be gone.
    """

    class Kind(models.TextChoices):
        CONSENT = "consent", _("Agreed to the text")
        UPLOAD = "upload", _("Photo stored")
        SUBMIT = "submit", _("Try-on asked for")
        VIEW = "view", _("Looked at by staff")
        RESULT = "result", _("Picture made")
        REFUSE = "refuse", _("No picture made")
        DELETE = "delete", _("Deleted by the shopper")
        EXPIRE = "expire", _("Deleted because its time was over")
        WITHDRAW = "withdraw", _("Consent withdrawn, everything deleted")

    at = models.DateTimeField(_("at"), default=timezone.now)
    kind = models.CharField(_("event"), max_length=16, choices=Kind)
    shopper = models.CharField(_("shopper"), max_length=32, help_text=_("A keyed hash."))
    photo = models.UUIDField(_("photo"), null=True, blank=True)
    tryon = models.UUIDField(_("try-on"), null=True, blank=True)
    code = models.CharField(_("code"), max_length=64, blank=True, help_text=_("Of a refusal, or a text's version."))
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("member of staff"),
        help_text=_("Who looked."),
    )

    class Meta:
        verbose_name = _("audit entry of try-ons")
        verbose_name_plural = _("audit of try-ons")
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["shopper", "kind", "-at"], name="genai_tryon_audit"),
            models.Index(fields=["at"], name="genai_tryon_audit_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}".strip()


class GarmentAnalysis(models.Model):
    """What was found on a picture of the catalogue: kept, so that no shopper waits for it.

    ``key`` is made by the pipeline from the pixels, the category and the weights. ``code`` says why there is no
    garment to try on; ``data`` is empty then. A row whose ``sha256`` is not the picture's any more is of no use.
    """

    image = models.ForeignKey(ProductImage, models.CASCADE, related_name="garments", verbose_name=_("picture"))
    key = models.CharField(_("key"), max_length=64, unique=True, editable=False)
    weights = models.CharField(_("SHA-256 of the weights"), max_length=64, blank=True, editable=False)
    sha256 = models.CharField(_("SHA-256 of the picture"), max_length=64, editable=False)
    category = models.CharField(_("category asked for"), max_length=16, editable=False)
    kind = models.CharField(_("kind"), max_length=16, blank=True, editable=False)
    source = models.CharField(_("shown"), max_length=16, blank=True, editable=False)
    confidence = models.FloatField(_("confidence"), default=0.0, editable=False)
    code = models.CharField(_("refusal"), max_length=64, blank=True, editable=False)
    data = models.JSONField(_("findings"), default=dict, editable=False)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("garment")
        verbose_name_plural = _("garments")
        ordering: ClassVar = ["-created", "-id"]
        indexes: ClassVar = [models.Index(fields=["image", "category"], name="genai_garment_image")]

    def __str__(self) -> str:
        return f"{self.image}: {self.kind or self.code}"
