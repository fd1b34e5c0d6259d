"""Variants of pictures: asked for, found when approved, and put in a shopper's order.

    variants.submit(images, target="prior", count=4, owner=user)
    variants.submit(images, target="colour", colours=["navy", "#a03020"], owner=user)
    variants.submit(images, target="shopper", shopper=shopper, owner=user)

One job of the recipe “variant” for each picture and look. The API, the admin and the demo all ask here.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from django.core.exceptions import FieldError
from django.db import transaction
from django.utils.translation import gettext as _

from shop_genai import catalogue, ledger, media, recipes, submission, taste
from shop_genai.catalogue.adapters import entry
from shop_genai.errors import InvalidInputs, InvalidParams, TasteUnknown
from shop_genai.generation.variant.looks import pack, unpack
from shop_genai.models import GeneratedImage, ProductImage, Review, Shopper
from shop_genai.submission import Submitted

if TYPE_CHECKING:
    from django.contrib.auth.models import User

RECIPE = "variant"
PRIOR, COLOUR, SHOPPER, APPEARANCE = "prior", "colour", "shopper", "appearance"
TARGETS = (PRIOR, COLOUR, SHOPPER, APPEARANCE)
MOST_LOOKS = 12  # of one picture at once


class Aims(Protocol):
    """What variants are ordered by: a taste (``taste.taste_of``), or what is remembered of one."""

    @property
    def weights(self) -> str: ...

    @property
    def empty(self) -> bool: ...

    def target(self, category: str) -> tuple[float, ...]: ...


def submit(
    images: Iterable[ProductImage],
    *,
    target: str = PRIOR,
    count: int = 1,
    strength: float = 1.0,
    seed: int | None = None,
    colours: Sequence[str] = (),
    shopper: Shopper | None = None,
    appearance: ProductImage | None = None,
    stocked_only: bool = False,
    owner: User | None = None,
    lane: str | None = None,
) -> list[Submitted]:
    """Queue variants of all the pictures, or of none: everything is checked before anything is queued.

    The colourways that the shop sells of each product go along, so that all others are marked as previews.

    Args:
        target: where the looks come from. “prior”: ``count`` new ones, as different from each other as possible.
            “colour”: one for each of ``colours``, names or #rrggbb. “shopper”: the one look in each picture's category
            that the taste of ``shopper`` aims at. “appearance”: that of the picture ``appearance``.
        stocked_only: moves each look to the nearest colour in which the shop sells the product.
        owner: who may see the jobs and results.

    Returns:
        One for each picture and look, picture by picture, in order. The same request again finds the same jobs.

    Raises:
        InvalidParams: something is missing or out of range; ``details["field"]`` names it.
        InvalidInputs: no look can be taken from no picture.
        TasteUnknown: nothing is known of the shopper, or the pictures have no looks yet.
        UnknownRecipe, WeightsMissing, DatabaseUnavailable: as ``submission.submit``.
    """
    pictures = list(images)
    if target not in TARGETS:
        raise InvalidParams(
            _("The target must be one of %(known)s, not “%(target)s”.")
            % {"known": ", ".join(TARGETS), "target": target},
            field="target",
        )
    if target == APPEARANCE and appearance is None:
        raise InvalidInputs(_("A picture is needed whose look is taken."), field="appearance")
    rows = catalogue.hosts(pictures)
    in_stock = _in_stock(rows)
    aims = _aims(target, count, colours, shopper)
    kind = recipes.get(RECIPE)
    orders = [
        _Order(
            image,
            {**wish, "strength": strength, "stocked": in_stock.get(image.pk, ""), "stocked_only": stocked_only},
        )
        for image in pictures
        for wish in aims(_category(rows.get(image.pk)))
    ]
    for order in orders:
        kind.parse(order.params)
    with transaction.atomic(using=ledger.write_alias()):
        submitted = _queue(orders, appearance if target == APPEARANCE else None, seed, owner, lane)
        if target == SHOPPER and shopper is not None:
            taste.note_jobs(shopper, [one.job for one in submitted])
    return submitted


def approved(images: Iterable[ProductImage | UUID]) -> dict[UUID, list[GeneratedImage]]:
    """Picture's id → its approved variants that may be shown to everybody, the newest first. One query."""
    wanted = [image.pk if isinstance(image, ProductImage) else image for image in images]
    results = GeneratedImage.objects.filter(source__in=wanted, job__recipe=RECIPE, review=Review.APPROVED)
    found: dict[UUID, list[GeneratedImage]] = {pk: [] for pk in wanted}
    for result in results.select_related("source").order_by("-reviewed_at", "-created", "pk"):
        if not media.is_private(result.name):
            found[result.source_id].append(result)
    return found


def nearest(
    results: Iterable[GeneratedImage], aims: Aims, categories: Mapping[UUID, str] | None = None
) -> list[GeneratedImage]:
    """Variants by how near their looks are to a taste; those that cannot be compared keep their order, at the end.

    Args:
        categories: of the pictures that the results were made from, where the caller knows them already.
    """
    listed = list(results)
    if aims.empty or not listed:
        return listed
    known = categories if categories is not None else categories_of(result.source for result in listed)

    def distance(result: GeneratedImage) -> float:
        if result.info.get("weights") != aims.weights:
            return math.inf
        try:
            look = unpack(str(result.info.get("look")))
            return math.dist(look, aims.target(known.get(result.source_id, "")))
        except ValueError:  # another network's look, or none
            return math.inf

    return sorted(listed, key=distance)


def categories_of(images: Iterable[ProductImage]) -> dict[UUID, str]:
    """Picture's id → the category of what it shows; one query per model."""
    return {pk: catalogue.category_of(row) for pk, row in catalogue.hosts(images).items()}


def is_preview(result: GeneratedImage) -> bool:
    """Whether the shop does not sell the product as the picture shows it, as far as it is known."""
    return bool(result.info.get("preview", True))


@dataclass(frozen=True)
class _Order:
    """One job to be."""

    image: ProductImage
    params: dict[str, Any]

    @property
    def same(self) -> str:
        """Equal for orders that one call can queue."""
        return json.dumps(self.params, sort_keys=True)


def _aims(target: str, count: int, colours: Sequence[str], shopper: Shopper | None) -> Any:
    """A function: category → the parameters of each look."""
    if target == PRIOR:
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_LOOKS:
            raise InvalidParams(
                _("The number of looks must be from 1 to %(most)d.") % {"most": MOST_LOOKS}, field="count"
            )
        return lambda category: [{"target": PRIOR, "count": count, "number": number} for number in range(count)]
    if target == COLOUR:
        if not 1 <= len(set(colours)) <= MOST_LOOKS:
            raise InvalidParams(_("Name 1 to %(most)d colours.") % {"most": MOST_LOOKS}, field="colours")
        return lambda category: [{"target": COLOUR, "colour": colour} for colour in dict.fromkeys(colours)]
    if target == APPEARANCE:
        return lambda category: [{"target": APPEARANCE}]
    known = taste.taste_of(shopper)
    if known.empty or not known.target(""):
        raise TasteUnknown(_("Nothing is known of this shopper's taste."))
    return lambda category: [{"target": "look", "look": pack(known.target(category))}]


def _queue(
    orders: Sequence[_Order], appearance: ProductImage | None, seed: int | None, owner: User | None, lane: str | None
) -> list[Submitted]:
    """Submit, those with equal parameters together; the answers in the order of the orders."""
    if appearance is not None:
        inputs = [{"image": order.image, "appearance": appearance} for order in orders]
        return [
            submission.submit(recipe=RECIPE, inputs=given, params=order.params, seed=seed, owner=owner, lane=lane)
            for order, given in zip(orders, inputs, strict=True)
        ]
    together: defaultdict[str, list[int]] = defaultdict(list)
    for number, order in enumerate(orders):
        together[order.same].append(number)
    answers: dict[int, Submitted] = {}
    for numbers in together.values():
        images = [orders[number].image for number in numbers]
        made = submission.submit_many(
            images, recipe=RECIPE, params=orders[numbers[0]].params, seed=seed, owner=owner, lane=lane
        )
        answers.update(zip(numbers, made, strict=True))
    return [answers[number] for number in range(len(orders))]


def _category(row: Any) -> str:
    return "" if row is None else catalogue.category_of(row)


def _in_stock(rows: Mapping[UUID, Any]) -> dict[UUID, str]:
    """Picture's id → the colours in which the shop sells the product, separated by commas; one query per model."""
    by_model: defaultdict[type, dict[UUID, Any]] = defaultdict(dict)
    for pk, row in rows.items():
        by_model[type(row)][pk] = row
    found: dict[UUID, str] = {}
    for model, some in by_model.items():
        groups = {pk: _group(row) for pk, row in some.items()}
        sold = _colourways(model, set(groups.values()))
        for pk, row in some.items():
            own = catalogue.colour_of(row)
            found[pk] = ", ".join(dict.fromkeys(filter(None, [own, *sold.get(groups[pk], ())])))
    return found


def _group(row: Any) -> str:
    """What a product's colourways share."""
    value = catalogue.fact(row, "group")
    return str(catalogue.product_of(row).pk if value is None else getattr(value, "pk", value))


def _colourways(model: Any, groups: set[str]) -> dict[str, list[str]]:
    """Group → the colours of its rows, in the shop's order."""
    said = entry(model)
    colour = str(said.get("colour") or "").replace(".", "__")
    group = str(said.get("group") or "").replace(".", "__")
    if not colour or not group:
        return {}
    sold: defaultdict[str, list[str]] = defaultdict(list)
    try:
        for name, one in _pairs(model, group, colour, groups):
            sold[str(name)].append(str(one))
    except (FieldError, ValueError):
        return {}  # a path over a property: the database cannot follow it, and the row's own colour has to do
    return sold


def _pairs(model: Any, group: str, colour: str, groups: set[str]) -> Iterator[tuple[Any, Any]]:
    rows = model._default_manager.filter(**{f"{group}__in": groups}).exclude(**{colour: ""})
    yield from rows.values_list(group, colour).iterator()
