"""The approved variants of a page's products, in the order of the shopper's taste."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Model

from shop_genai import catalogue, media, variants
from shop_genai.models import GeneratedImage, ProductImage, Review, Shopper
from shop_genai.storefront import pictures
from shop_genai.storefront.recommended import remembered_taste
from shop_genai.storefront.rows import rows_of

_FOUND = "_genai_variants"  # attribute of the shop's objects: a list of `Variant`, the newest first


@dataclass(frozen=True)
class Variant:
    """One approved variant of a product, as a page shows it."""

    result: GeneratedImage
    row: Model  # the shop's row whose picture was varied

    @property
    def colour(self) -> str:
        """The name of its colour, in English; empty if the pipeline named none."""
        return str(self.result.info.get("colour") or "")

    @property
    def preview(self) -> bool:
        """Whether it has to be labelled: the shop does not sell the product like this."""
        return variants.is_preview(self.result)


def find_variants(objects: Iterable[Model]) -> None:
    """Note on every object its approved variants, with one query for all, and one for rows that are not prefetched.

    Args:
        objects: products, rows that have a picture, or ``ProductImage`` rows.
    """
    listed = list(objects)
    rows = rows_of(listed)
    places = [(row, *pictures.place_of(row)) for some in rows for row in some]
    results = GeneratedImage.objects.filter(
        pictures.made_from(places), job__recipe=variants.RECIPE, review=Review.APPROVED
    )
    made: dict[tuple[str, str, str], list[GeneratedImage]] = {}
    if places:
        for result in results.select_related("source__content_type").order_by("-reviewed_at", "-created", "pk"):
            if not media.is_private(result.name):
                for key in pictures.keys_of(result.source):
                    made.setdefault(key, []).append(result)
    for obj, some in zip(listed, rows, strict=True):
        found: list[Variant] = []
        for row in some:
            label, field = pictures.place_of(row)
            for result in made.get((label, field, str(row.pk)), ()):
                if pictures.is_current(result.source, row, field):
                    found.append(Variant(result, row))
        obj.__dict__[_FOUND] = found


def variants_of(obj: Model, shopper: Shopper | None = None, count: int | None = None) -> list[Variant]:
    """The approved variants of one object, nearest to the shopper's taste first; without a taste the newest first.

    Asks for the variants only if ``find_variants`` has not yet, and for the taste only if there is something to order.
    """
    if _FOUND not in obj.__dict__:
        find_variants([obj])
    found: list[Variant] = obj.__dict__[_FOUND]
    if len(found) > 1 and shopper is not None:
        categories = {one.result.source_id: _category(one.row) for one in found}
        aims = remembered_taste(shopper, set(categories.values()))
        place = {one.result.pk: one for one in found}
        found = [place[r.pk] for r in variants.nearest([one.result for one in found], aims, categories)]
    return found[:count]


def _category(row: Model) -> str:
    if isinstance(row, ProductImage):
        return variants.categories_of([row]).get(row.pk, "")
    return catalogue.category_of(row)
