"""The consent to try-ons: asked before a photo is accepted, once per version of the text; taken back at any time."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from shop_genai import audit, ledger, photos
from shop_genai.audit import Kind
from shop_genai.conf import genai_settings
from shop_genai.errors import ConsentMissing
from shop_genai.models import Shopper, TryOnConsent


def consent_text() -> str:
    """What shoppers agree to, in their language: the shop's own words (``TRYON_CONSENT_TEXT``), else the package's."""
    if genai_settings.TRYON_CONSENT_TEXT:
        return str(genai_settings.TRYON_CONSENT_TEXT)
    hours = max(1, round(genai_settings.TRYON_TTL / 3600))
    sentences = [
        _("Your photo is used for one thing only: to show you in garments of this shop that you choose."),
        ngettext(
            "Photo and pictures are stored privately and are deleted after %(hours)s hour at the latest.",
            "Photo and pictures are stored privately and are deleted after %(hours)s hours at the latest.",
            hours,
        )
        % {"hours": hours},
        _("You can delete them at any moment before, and withdraw this consent."),
        _("Your body's outline and joints are found in the photo to place the garment; nothing of that is kept."),
        _("Nobody is recognised, no face is measured, and no network is trained with your photo."),
    ]
    if any(isinstance(entry, dict) and "url" in entry for entry in genai_settings.TRYON_BACKENDS.values()):
        sentences.append(_("To make the picture your photo may be sent to a service that works for this shop."))
    sentences.append(_("Use only a photo of yourself."))
    return " ".join(sentences)


def consent(shopper: Shopper, version: str | None = None, language: str | None = None) -> TryOnConsent:
    """The shopper agreed to the text. Agreeing again to the same version changes nothing.

    Args:
        version: of the text that was shown; by default ``TRYON_CONSENT_VERSION``.
        language: that it was shown in; by default the active one.
    """
    version = (version or genai_settings.TRYON_CONSENT_VERSION)[:64]
    alias = ledger.write_alias()
    with transaction.atomic(using=alias):
        list(Shopper.objects.using(alias).filter(pk=shopper.pk).select_for_update())
        given = _standing(shopper).filter(text_version=version).first()
        if given is not None:
            return given
        row = TryOnConsent.objects.create(
            shopper=shopper, text_version=version, language=(language or get_language() or "")[:16]
        )
        audit.note(Kind.CONSENT, shopper, code=version)
    return row


def consented(shopper: Shopper | None) -> TryOnConsent | None:
    """The shopper's consent to the text that is in force; None if there is none."""
    if shopper is None:
        return None
    return _standing(shopper).filter(text_version=genai_settings.TRYON_CONSENT_VERSION).first()


def required(shopper: Shopper | None) -> TryOnConsent:
    """As :func:`consented`.

    Raises:
        ConsentMissing: nothing of this shopper may be kept.
    """
    given = consented(shopper)
    if given is None:
        raise ConsentMissing(_("No photo is accepted before you have agreed to the text about it."))
    return given


def withdraw(shopper: Shopper) -> None:
    """The shopper agrees no longer: photos and pictures are deleted at once, and none is accepted any more.

    Raises:
        StorageUnavailable: not all is deleted yet; the consent counts as withdrawn, the call can be repeated.
    """
    alias = ledger.write_alias()
    with transaction.atomic(using=alias):
        # The lock: a photo that is being accepted is either there to be deleted below, or is refused.
        list(Shopper.objects.using(alias).filter(pk=shopper.pk).select_for_update())
        _standing(shopper).update(withdrawn_at=timezone.now())
        audit.note(Kind.WITHDRAW, shopper)
    photos.erase_shopper(shopper)


def _standing(shopper: Shopper) -> QuerySet[TryOnConsent]:
    return TryOnConsent.objects.using(ledger.write_alias()).filter(shopper=shopper, withdrawn_at=None)
