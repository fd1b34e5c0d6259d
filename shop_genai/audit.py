"""What happened to shoppers' photos, for whoever has to answer for it. The only writer of ``TryOnAudit``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.crypto import salted_hmac

from shop_genai.models import Shopper, TryOnAudit

if TYPE_CHECKING:
    from uuid import UUID

_SALT = "shop_genai.audit"

Kind = TryOnAudit.Kind


def pseudonym(shopper: Shopper) -> str:
    """32 hex digits that stand for a shopper: always the same, and worth nothing once the shopper's row is gone."""
    return salted_hmac(_SALT, shopper.key.hex, algorithm="sha256").hexdigest()[:32]


def note(
    kind: Kind,
    shopper: Shopper,
    *,
    photo: UUID | None = None,
    tryon: UUID | None = None,
    code: str = "",
    staff: Any = None,
) -> None:
    """Write one line.

    Args:
        kind: what happened.
        shopper: whose photo it is.
        photo, tryon: ids of the rows that it happened to.
        code: of a refusal, or the version of a text.
        staff: the user who looked at a shopper's picture.
    """
    TryOnAudit.objects.create(
        kind=kind, shopper=pseudonym(shopper), photo=photo, tryon=tryon, code=code[:64], staff=staff
    )


def count(kind: Kind, shopper: Shopper, since: datetime) -> int:
    """How often something happened to one shopper, also if what it happened to was deleted since."""
    return TryOnAudit.objects.filter(kind=kind, shopper=pseudonym(shopper), at__gt=since).count()


def earliest(kind: Kind, shopper: Shopper, since: datetime) -> datetime | None:
    """When it happened first since then."""
    lines = TryOnAudit.objects.filter(kind=kind, shopper=pseudonym(shopper), at__gt=since).order_by("at")
    return lines.values_list("at", flat=True).first()


def hand_over(old: Shopper, new: Shopper) -> None:
    """What happened to one row's photos happened to the other's: they are the same person."""
    TryOnAudit.objects.filter(shopper=pseudonym(old)).update(shopper=pseudonym(new))


def delete_before(moment: datetime) -> int:
    """Delete the lines that are older; returns how many there were."""
    count, _by_model = TryOnAudit.objects.filter(at__lt=moment).delete()
    return count
