"""What a shopper is shown: products ranked by their taste, else what is popular, else what is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models

from shop_genai import catalogue, looks
from shop_genai.models import ProductImage, Shopper
from shop_genai.taste import profile, unranked
from shop_genai.taste.reasons import Reason

if TYPE_CHECKING:
    from shop_genai.taste.ranking import Cause
    from shop_genai.taste.space import Found, Space


@dataclass(frozen=True)
class Recommendation:
    """One product for one shopper. ``product`` is the row that is sold, ``row`` the one that has the picture.

    ``score`` compares within one answer only.
    """

    image: ProductImage
    product: Any
    row: Any
    score: float
    reason: Reason


def recommend(
    shopper: Shopper | None,
    *,
    count: int = 12,
    category: str | None = None,
    exclude: Iterable[Any] = (),
) -> list[Recommendation]:
    """The products that a shopper will like most, best first, one picture each.

    Without consent or events, for nobody, and before there is an index of looks: what is popular with the shoppers who
    agreed to be remembered, then what is new. What the shopper bought or disliked is left out.

    Args:
        shopper: as ``shopper_of`` found it.
        count: how many at most.
        category: only of this one, as the shop stores it.
        exclude: products, rows with a picture, or ``ProductImage`` rows, such as what the page shows already.
    """
    if count <= 0:
        return []
    left_out = {key for obj in exclude for key in _keys(obj)}
    space = _space()
    if space is not None:
        from shop_genai.taste import ranking  # numpy

        known = shopper if shopper is not None and shopper.consents else None
        taste = profile.NONE if known is None else profile.taste_in(known, space)
        found = ranking.rank(space, taste, count, category, left_out | taste.avoided)
        return _dressed(found, ranking.causes(space, taste, found), taste)
    return [
        Recommendation(image, catalogue.product_of(row), row, weight, _general(weight > 0, row))
        for image, row, weight in unranked.first(count, category, left_out)
    ]


def similar(image: ProductImage, count: int = 8) -> list[Recommendation]:
    """The products that look most like a picture, its own category first; none while the picture has no look."""
    space = _space()
    if space is None or count <= 0:
        return []
    found = space.nearest(image.pk, count)
    return _dressed(found, ["taste"] * len(found), profile.NONE, Reason("look", image, event="similar"))


def _space() -> Space | None:
    """The index of looks in use."""
    weights = looks.weights_in_use()
    if weights is None:
        return None
    from shop_genai.taste import index  # numpy

    return index.current(weights)


def _dressed(
    found: Sequence[Found], owed: Sequence[Cause], taste: profile.Taste, reason: Reason | None = None
) -> list[Recommendation]:
    """What was found with pictures, products and reasons: one query for the pictures, one per model for the rows."""
    wanted = {one.image for one in found}
    causes = {UUID(taste.strongest[n][1]) for n in owed if isinstance(n, int) and taste.strongest[n][1]}
    pictures = {image.pk: image for image in ProductImage.objects.filter(pk__in=wanted | causes)}
    rows = catalogue.hosts(pictures[pk] for pk in wanted if pk in pictures)
    made = []
    for one, cause in zip(found, owed, strict=True):
        image, row = pictures.get(one.image), rows.get(one.image)
        if image is None or row is None:
            continue  # deleted since the index was read
        why = reason or _why(cause, taste, pictures, row)
        made.append(Recommendation(image, catalogue.product_of(row), row, one.score, why))
    return made


def _why(cause: Cause, taste: profile.Taste, pictures: Mapping[UUID, ProductImage], row: Any) -> Reason:
    if isinstance(cause, int):
        _weight, picture, query, kind, _category = taste.strongest[cause]
        return Reason("look", pictures.get(UUID(picture)) if picture else None, kind, query)
    if cause == "taste" and not taste.empty:
        return Reason("look", category=catalogue.category_label(row))
    return _general(cause == "popular", row)


def _general(popular: bool, row: Any) -> Reason:
    return Reason("popular" if popular else "new", category=catalogue.category_label(row))


def _keys(obj: Any) -> list[str]:
    """The product keys that a product, one of its pictures' rows, or a picture stands for."""
    if isinstance(obj, ProductImage):
        return [catalogue.product_key(row) for row in catalogue.hosts([obj]).values()]
    return [catalogue.product_key(obj)] if isinstance(obj, models.Model) else [str(obj)]
