"""How much one shopper may ask for in 24 hours. Counted in the audit, so that deleting photos gains nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from shop_genai import audit, ledger
from shop_genai.audit import Kind
from shop_genai.conf import genai_settings
from shop_genai.errors import TryOnLimitReached
from shop_genai.models import Shopper

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is left today, and what a photo may be."""

    photos_left: int
    tryons_left: int
    per_day: int
    seconds: int  # until a photo is deleted by itself
    most_bytes: int
    formats: tuple[str, ...]


def limits(shopper: Shopper | None) -> Limits:
    """For a page that asks before anything is sent."""
    most = int(genai_settings.TRYON_MAX_PER_DAY)
    return Limits(
        photos_left=max(0, most - _count(Kind.UPLOAD, shopper)),
        tryons_left=max(0, most - _count(Kind.SUBMIT, shopper)),
        per_day=most,
        seconds=int(genai_settings.TRYON_TTL),
        most_bytes=int(genai_settings.MAX_UPLOAD_BYTES),
        formats=tuple(genai_settings.UPLOAD_FORMATS),
    )


def enforce(kind: Kind, shopper: Shopper) -> None:
    """Call it in a transaction, with the shopper's row locked.

    Raises:
        TryOnLimitReached: not today any more.
    """
    most = int(genai_settings.TRYON_MAX_PER_DAY)
    if _count(kind, shopper) < most:
        return
    at = ledger.now()
    first = audit.earliest(kind, shopper, at - DAY) or at
    wait = max(1, round((first + DAY - at).total_seconds()))
    raise TryOnLimitReached(_("That was enough for one day."), limit=most, retry_after=wait)


def _count(kind: Kind, shopper: Shopper | None) -> int:
    return 0 if shopper is None else audit.count(kind, shopper, ledger.now() - DAY)
