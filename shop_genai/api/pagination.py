"""Pages by position, not by number: stable while rows arrive, and as fast on page 1,000 as on page 1.

A cursor names the last row of a page by (created, id). Rows are newest first; equal times are ordered by id.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from shop_genai.errors import BadRequest

PAGE_SIZE = 50
MAX_PAGE_SIZE = 100

Row = TypeVar("Row", bound=Model)


class InvalidCursor(BadRequest):
    code = "invalid_cursor"


@dataclass(frozen=True)
class Cursor:
    """A place between two rows, and the direction to read from there."""

    created: datetime
    id: UUID
    back: bool = False

    def encode(self) -> str:
        text = f"{'p' if self.back else 'n'}{self.created.isoformat()}~{self.id.hex}"
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Raises InvalidCursor for anything that ``encode`` did not write."""
        try:
            plain = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
            direction, (created, row) = plain[0], plain[1:].split("~")
            cursor = cls(datetime.fromisoformat(created), UUID(row), back=direction == "p")
        except (ValueError, IndexError, binascii.Error) as error:
            raise InvalidCursor(_("This cursor was not made by this API. Start again without it.")) from error
        zone = timedelta(0) if settings.USE_TZ else None
        if cursor.encode() != text or cursor.created.utcoffset() != zone:
            raise InvalidCursor(_("This cursor was not made by this API. Start again without it."))
        return cursor


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows, newest first, with the cursors of its neighbours."""

    rows: Sequence[Row]
    next: Cursor | None
    previous: Cursor | None

    def body(self, results: Any, request: Request | HttpRequest) -> dict[str, Any]:
        """What goes over the wire: links that keep the request's own filters, and the given results."""
        address = request.build_absolute_uri()
        return {
            "next": self.next and replace_query_param(address, "cursor", self.next.encode()),
            "previous": self.previous and replace_query_param(address, "cursor", self.previous.encode()),
            "results": results,
        }


def paginate(rows: QuerySet[Row], cursor: str | None = None, size: int = PAGE_SIZE) -> Page[Row]:
    """The page at a cursor: ``size`` rows, by one query that reads one row more than it returns.

    Raises:
        InvalidCursor: see ``Cursor.decode``.
    """
    place = Cursor.decode(cursor) if cursor else None
    back = place is not None and place.back
    if place is not None:
        rows = rows.filter(_before(place) if back else _after(place))
    ordered = rows.order_by("created", "-id") if back else rows.order_by("-created", "id")
    found = list(ordered[: size + 1])
    more = len(found) > size
    page = found[:size]
    if back:
        page.reverse()
    older = bool(page) and (more or back)
    newer = bool(page) and (more if back else place is not None)
    return Page(page, _cursor(page[-1]) if older else None, _cursor(page[0], back=True) if newer else None)


def _cursor(row: Any, *, back: bool = False) -> Cursor:
    created = row.created.astimezone(UTC) if settings.USE_TZ else row.created
    return Cursor(created, row.pk, back)


def _after(place: Cursor) -> Q:
    """Older rows. The first condition alone selects an index range; the second settles equal times."""
    return Q(created__lte=place.created) & (Q(created__lt=place.created) | Q(id__gt=place.id))


def _before(place: Cursor) -> Q:
    return Q(created__gte=place.created) & (Q(created__gt=place.created) | Q(id__lt=place.id))
