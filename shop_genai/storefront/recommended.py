"""What is recommended to a shopper, remembered for a few minutes in the cache.

The key is a hash of the shopper's key and of the version of their events: the next event, a withdrawn consent or an
erasure makes it another key, and nobody who reads the cache's keys learns who it is. Rows of the shop are never kept in
the cache: prices and stock are read anew for each page, with one query.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.cache import cache
from django.db.models import Model
from django.utils.translation import get_language

from shop_genai import catalogue, taste
from shop_genai.conf import genai_settings
from shop_genai.models import ProductImage, Shopper
from shop_genai.taste import Reason, Recommendation

T = TypeVar("T")


@dataclass(frozen=True)
class RememberedTaste:
    """A taste as far as variants are ordered by it; see ``variants.Aims``."""

    weights: str
    targets: Mapping[str, tuple[float, ...]]

    @property
    def empty(self) -> bool:
        return not self.targets

    def target(self, category: str) -> tuple[float, ...]:
        return self.targets.get(category, ())


def recommended(
    shopper: Shopper | None,
    *,
    count: int = 12,
    category: str | None = None,
    exclude: Iterable[Model] = (),
) -> list[Recommendation]:
    """As ``taste.recommend``. One query for the shop's rows while the answer is remembered."""
    left_out = list(exclude)
    names = sorted(_name(obj) for obj in left_out)

    def ask() -> list[tuple[ProductImage, float, Reason]]:
        found = taste.recommend(shopper, count=count, category=category, exclude=left_out)
        fresh.extend(found)
        return [(one.image, one.score, one.reason) for one in found]

    fresh: list[Recommendation] = []
    # Reasons name categories in the reader's language.
    remembered = _remembered(shopper, ["recommended", get_language(), count, category, names], ask)
    if fresh:
        return fresh
    rows = catalogue.hosts(image for image, _score, _reason in remembered)
    return [
        Recommendation(image, catalogue.product_of(row), row, score, reason)
        for image, score, reason in remembered
        if (row := rows.get(image.pk)) is not None
    ]


def remembered_taste(shopper: Shopper | None, categories: Iterable[str]) -> RememberedTaste:
    """The looks that a shopper's taste aims at in some categories; empty for somebody of whom nothing is known."""
    wanted = sorted(set(categories))

    def ask() -> RememberedTaste:
        known = taste.taste_of(shopper)
        targets = {} if known.empty else {category: known.target(category) for category in wanted}
        return RememberedTaste(known.weights, {name: target for name, target in targets.items() if target})

    return _remembered(shopper, ["taste", wanted], ask)


def _remembered(shopper: Shopper | None, asked: list[Any], ask: Callable[[], T]) -> T:
    seconds = genai_settings.TASTE_CACHE_SECONDS
    if seconds <= 0:
        return ask()
    # Somebody who does not consent is shown the same as everybody else.
    who = f"{shopper.key.hex}.{shopper.version}" if shopper is not None and shopper.consents else "everybody"
    key = f"shop_genai.{hashlib.sha256(repr([who, *asked]).encode()).hexdigest()}"
    found: T | None = cache.get(key)
    if found is None:
        found = ask()
        cache.set(key, found, seconds)
    return found


def _name(obj: Model) -> str:
    return f"{obj._meta.label_lower}:{obj.pk}"
