"""Who is looking: a signed-in user, or a browser with a signed cookie. Nobody gets a row by looking around.

A shopper without an account is known by ``genai_shopper``, a signed cookie that scripts cannot read. A cookie that was
changed, is too old, or names a row that meanwhile belongs to a user, names nobody.
"""

from __future__ import annotations

import logging
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db import router, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from shop_genai import photos
from shop_genai.conf import genai_settings
from shop_genai.models import Event, Shopper, TasteJob, TasteProfile

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = logging.getLogger(__name__)

COOKIE = "genai_shopper"
_FOUND = "_genai_shopper"  # attribute of a request: (whose, row)


def shopper_of(request: HttpRequest, *, create: bool = False) -> Shopper | None:
    """The row of whoever sent the request: the signed-in user's, else the cookie's. One query per request.

    Args:
        request: with or without a session; without authentication everybody is anonymous.
        create: make a row where there is none. Do this when somebody agrees, not when somebody looks: crawlers keep
            no cookies and would leave a row per page. Send the cookie with :func:`remember`.

    Returns:
        None for somebody unknown, unless ``create``.
    """
    user = getattr(request, "user", None)
    user = user if user is not None and user.is_authenticated else None
    key = _cookie_key(request)
    whose = (user.pk if user else None, key)
    remembered = request.__dict__.get(_FOUND)
    if remembered is not None and remembered[0] == whose:
        row: Shopper = remembered[1]
        return row
    shopper = _find(user, key)
    if shopper is None and create:
        if user is not None:
            shopper, _made = Shopper.objects.get_or_create(user=user)
        else:
            shopper = Shopper.objects.create()
            whose = (None, shopper.key)
            request.COOKIES.pop(COOKIE, None)
    if shopper is not None:
        request.__dict__[_FOUND] = (whose, shopper)
    return shopper


def remember(response: HttpResponse, shopper: Shopper) -> None:
    """Let the browser keep who this is. A user is known by the session and needs no cookie."""
    if shopper.user_id is not None:
        return
    response.set_signed_cookie(
        COOKIE,
        shopper.key.hex,
        salt=COOKIE,
        max_age=genai_settings.TASTE_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponse) -> None:
    """Let the browser forget who this was."""
    response.delete_cookie(COOKIE, samesite="Lax")


def merge(anonymous: Shopper, user: User) -> Shopper | None:
    """Somebody signed in who looked around before: their events become the user's, the anonymous row goes.

    What the user decided about consent counts, above all an opt-out. Only a user who never decided takes over what the
    anonymous shopper decided.

    Returns:
        The user's row; None if neither side had decided anything.
    """
    alias = router.db_for_write(Shopper)
    with transaction.atomic(using=alias):
        rows = Shopper.objects.using(alias)
        decided = anonymous.consent_at is not None or anonymous.opted_out_at is not None
        decided |= anonymous.tryon_consents.exists()
        if decided:
            rows.get_or_create(user=user)
        # The write takes both rows' locks in one order: two logins at once wait for each other, and an event that
        # is being recorded is either moved or refused.
        both = rows.filter(pk=anonymous.pk, user=None) | rows.filter(user=user)
        list(both.order_by("pk").select_for_update())
        both.update(version=F("version") + 1)
        mine = rows.filter(user=user).first()
        old = rows.filter(pk=anonymous.pk, user=None).first()
        if old is None:
            return mine
        if mine is not None:
            if mine.consent_at is None and mine.opted_out_at is None:
                mine.consent_at, mine.consent_version = old.consent_at, old.consent_version
                mine.opted_out_at = old.opted_out_at
                mine.save(update_fields=["consent_at", "consent_version", "opted_out_at"])
            if mine.consents and old.consents:
                Event.objects.using(alias).filter(shopper=old).update(shopper=mine)
            links = TasteJob.objects.using(alias)
            have = links.filter(shopper=mine).values("job")
            links.filter(shopper=old).exclude(job__in=list(have.values_list("job", flat=True))).update(shopper=mine)
            TasteProfile.objects.using(alias).filter(shopper=mine).delete()
            photos.hand_over(old, mine)
        old.delete()
    return mine


def on_login(sender: Any, request: HttpRequest | None = None, user: Any = None, **kwargs: Any) -> None:
    """``user_logged_in``: take over what this browser's cookie stands for. Whatever fails, the login succeeds."""
    if request is None or user is None:
        return
    try:
        with transaction.atomic(using=router.db_for_write(Shopper)):
            anonymous = _find(None, _cookie_key(request))
            if anonymous is not None:
                merge(anonymous, user)
        request.__dict__.pop(_FOUND, None)
    except Exception:
        log.exception("What a shopper did before signing in could not be taken over.")


def connect() -> None:
    """Called once by the app config."""
    user_logged_in.connect(on_login, dispatch_uid="shop_genai.taste.on_login")


def _cookie_key(request: HttpRequest) -> uuid.UUID | None:
    """The key in the cookie; None if there is none, or if we did not write it as it is."""
    value = request.get_signed_cookie(COOKIE, default=None, salt=COOKIE, max_age=genai_settings.TASTE_COOKIE_AGE)
    with suppress(ValueError):
        return uuid.UUID(hex=value) if value else None
    return None


def _find(user: Any, key: uuid.UUID | None) -> Shopper | None:
    if user is not None:
        return Shopper.objects.filter(user=user).first()
    return Shopper.objects.filter(key=key, user=None).first() if key is not None else None
