"""Noting what a shopper did: of those who agreed, and never at the expense of the shop's page."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import Error as DatabaseError
from django.db import router, transaction
from django.db.models import F, Model
from django.utils import timezone

from shop_genai import catalogue
from shop_genai.errors import GenaiError, InvalidParams
from shop_genai.models import Event, ProductImage, Shopper
from shop_genai.taste.consent import consenting

log = logging.getLogger(__name__)

ONE_VIEW = timedelta(minutes=30)  # looking at the same picture again within this time is the same look


def record_event(
    shopper: Shopper | None,
    kind: str,
    obj: Model | None = None,
    *,
    query: str = "",
    at: datetime | None = None,
) -> Event | None:
    """Keep that a shopper looked at, put into the basket, bought, liked or disliked something, or searched.

    Args:
        shopper: as :func:`shopper_of` found it.
        kind: one of ``Event.Kind``.
        obj: a row with a picture (``PRODUCT_IMAGES``), the product that has such rows, or a ``ProductImage``. The
            first picture of a product stands for it. Not for a search.
        query: what was searched for; its first 200 characters are kept.
        at: when; now by default. For imported histories.

    Returns:
        None if nothing was kept: no consent, no picture, the same picture viewed a moment ago, or a failure, which is
        logged. A host page never fails by this.

    Raises:
        InvalidParams: there is no such kind of event: a mistake in the shop's code, not something that happens.
    """
    if kind not in Event.Kind.values:
        known = ", ".join(Event.Kind.values)
        raise InvalidParams(f"There is no event “{kind}”. There are: {known}.", field="kind")
    if shopper is None or not shopper.consents:
        return None
    query = " ".join(query.replace("\x00", "").split())[:200]
    try:
        image = None if kind == Event.Kind.SEARCH else _picture(obj)
        if image is None and (kind != Event.Kind.SEARCH or not query):
            return None
        moment = min(at, timezone.now()) if at is not None else timezone.now()
        event = Event(shopper=shopper, kind=kind, image=image, query=query if image is None else "", at=moment)
        return _keep(event)
    except (DatabaseError, GenaiError) as error:
        log.warning("An event (%s of %r) was not kept: %s", kind, obj, error)
        return None


def _keep(event: Event) -> Event | None:
    """Insert, under the lock of the shopper's row: an opt-out is before or after, and a repeated view is seen."""
    alias = router.db_for_write(Event)
    with transaction.atomic(using=alias):
        mine = consenting().using(alias).filter(pk=event.shopper_id)
        if not mine.update(version=F("version") + 1):
            return None
        if event.kind == Event.Kind.VIEW and _seen_lately(event, alias):
            transaction.set_rollback(True, using=alias)
            return None
        event.save(force_insert=True, using=alias)
    return event


def _seen_lately(event: Event, alias: str) -> bool:
    near = (event.at - ONE_VIEW, event.at + ONE_VIEW)
    views = Event.objects.using(alias).filter(shopper=event.shopper_id, kind=Event.Kind.VIEW, image=event.image_id)
    return views.filter(at__range=near).exists()


def _picture(obj: Model | None) -> ProductImage | None:
    """The tracked picture that stands for ``obj``; tracked now if this is the first time that anybody sees it.

    Raises:
        GenaiError: the picture cannot be used.
    """
    if obj is None:
        return None
    if isinstance(obj, ProductImage):
        # What a person uploaded is nobody's merchandise.
        return None if obj.is_upload else obj
    rows: list[Any] = catalogue.rows_of(obj)[:1]
    if not rows:
        log.warning("%r has no picture in SHOP_GENAI[“PRODUCT_IMAGES”]: its event was not kept", obj)
        return None
    return next(iter(catalogue.tracked(rows)), None) or catalogue.track(rows[0])
