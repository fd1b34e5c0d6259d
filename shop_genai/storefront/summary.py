"""A shopper's taste in words: what they liked most, by the shop's own categories and colours."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

from shop_genai import catalogue
from shop_genai.conf import genai_settings
from shop_genai.models import Event, ProductImage, Shopper

MOST = 500  # events looked at, the newest
NAMED = 3


@dataclass(frozen=True)
class Summary:
    """``events``: how many of each kind are kept. The rest: (as the shop stores it, as people read it), best first."""

    events: dict[str, int]
    categories: tuple[tuple[str, str], ...] = ()
    colours: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """In the reader's language."""
        words = {
            "categories": ", ".join(label for _name, label in self.categories),
            "colours": ", ".join(label for _name, label in self.colours),
        }
        if self.categories and self.colours:
            return _("Mostly %(categories)s, above all in %(colours)s.") % words
        if self.categories:
            return _("Mostly %(categories)s.") % words
        return _("Nothing is known of your taste yet.")


def summary(shopper: Shopper | None) -> Summary:
    """What is known of somebody; empty for nobody. Four queries."""
    if shopper is None:
        return Summary({})
    kinds = Counter(Event.objects.filter(shopper=shopper).order_by().values_list("kind", flat=True))
    events = Event.objects.filter(shopper=shopper, image__isnull=False).order_by("-at", "-pk")
    liked = [(kind, pk) for kind, pk in events.values_list("kind", "image")[:MOST] if pk is not None]
    rows = catalogue.hosts(ProductImage.objects.in_bulk({pk for _kind, pk in liked}).values())
    categories: Counter[str] = Counter()
    colours: Counter[str] = Counter()
    labels: dict[str, str] = {}
    for kind, pk in liked:
        row = rows.get(pk)
        if row is None:
            continue
        weight = genai_settings.TASTE_WEIGHTS.get(kind, 0)
        category = catalogue.category_of(row)
        categories[category] += weight
        colours[catalogue.colour_of(row)] += weight
        labels[category] = catalogue.category_label(row)
    return Summary(
        {kind: kinds[kind] for kind in Event.Kind.values},
        tuple((name, labels[name] or name) for name in _best(categories)),
        tuple((name, _(name)) for name in _best(colours)),
    )


def _best(weights: Counter[str]) -> list[str]:
    """The names with most weight; none that weighs nothing or less."""
    ranked = sorted((-weight, name) for name, weight in weights.items() if weight > 0 and name)
    return [name for _weight, name in ranked[:NAMED]]
