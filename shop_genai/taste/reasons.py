"""Why something is recommended, in a sentence for the shopper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from shop_genai.models import Event, ProductImage


@dataclass(frozen=True)
class Reason:
    """``kind``: “look” (of the shopper's own events or of one picture), “popular” with others, or “new” in the shop.

    ``because`` is the picture that the recommendation owes most to, ``event`` what the shopper did with it (one of
    ``Event.Kind``, or “similar”), ``query`` what was searched for, ``category`` the category in people's words.
    """

    kind: Literal["look", "popular", "new"]
    because: ProductImage | None = None
    event: str = ""
    query: str = ""
    category: str = ""

    @property
    def text(self) -> str:
        """In the reader's language."""
        if self.kind == "look" and (self.because is not None or self.query):
            texts = {
                Event.Kind.VIEW: _("Because you looked at “%(title)s”"),
                Event.Kind.BASKET: _("Because “%(title)s” is in your basket"),
                Event.Kind.PURCHASE: _("Because you bought “%(title)s”"),
                Event.Kind.LIKE: _("Because you like “%(title)s”"),
                Event.Kind.SEARCH: _("Because you searched for “%(title)s”"),
            }
            pattern = texts.get(Event.Kind(self.event)) if self.event in Event.Kind.values else None
            title = str(self.because) if self.because is not None else self.query
            return (pattern or _("Looks like “%(title)s”")) % {"title": title}
        if self.kind == "look":
            return _("Your taste")
        if self.kind == "new":
            return _("New in %(category)s") % {"category": self.category} if self.category else _("New")
        return _("Popular in %(category)s") % {"category": self.category} if self.category else _("Popular")
