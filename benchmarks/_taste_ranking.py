"""Leave one out: a shopper's last product is hidden, and everything else they did must bring it back to the top.

The histories are rows in a database, recorded with consent, and read by the code that shops run. Disliked products are
never hidden, and products that the shopper knows already are left out of every method's answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.utils import timezone

from benchmarks._taste_shoppers import Catalogue, Picked, shopper

CUT = 10
METHODS = ("taste", "popular in the favourite category", "popular", "random")


def measure(goods: Catalogue, shoppers: int, rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """Method → hit rate@10, MRR and nDCG@10 over simulated shoppers of this catalogue."""
    images = make_rows(goods)
    number = {pk: at for at, pk in enumerate(images)}
    hidden: list[tuple[Any, list[Picked], int]] = []
    for _one in range(shoppers):
        history = shopper(goods, rng)
        wanted = next((one.product for one in reversed(history) if one.kind != "dislike"), None)
        rest = [one for one in history if one.product != wanted]
        if wanted is not None and rest:
            hidden.append((record(rest, images), rest, wanted))
    ranks: dict[str, list[int | None]] = {name: [] for name in METHODS}
    answer = methods(goods, number, rng)
    for row, rest, wanted in hidden:
        known = {one.product for one in rest}
        for name in METHODS:
            ranks[name].append(place(answer[name](row, rest, known), wanted))
    return {name: {"shoppers": len(hidden), **figures(found)} for name, found in ranks.items()}


def make_rows(goods: Catalogue) -> list[UUID]:
    """Pictures and looks of a catalogue in the database; returns the pictures' keys in its order."""
    from django.contrib.contenttypes.models import ContentType

    from example_project.shop.models import Photo
    from shop_genai import looks
    from shop_genai.models import Look, ProductImage, Weights

    weights = looks.weights_in_use() or Weights.objects.create(
        recipe="variant", digest="00" * 32, version="simulated", folder="/nowhere", promoted=True
    )
    ProductImage.objects.all().delete()
    kind = ContentType.objects.get_for_model(Photo)
    place = {"content_type": kind, "field": "image", "sha256": "0" * 64, "format": "JPEG"}
    images = [
        ProductImage(object_id=str(at + 1), width=1, height=1, bytes=1, **place) for at in range(len(goods.looks))
    ]
    ProductImage.objects.bulk_create(images, batch_size=500)
    Look.objects.bulk_create(
        [
            Look(
                image=image,
                weights=weights,
                sha256=image.sha256,
                vector=vector.astype("<f2").tobytes(),
                category=f"category {category}",
                product=f"product {at}",
                colour=f"colour {colour}",
            )
            for at, (image, vector, category, colour) in enumerate(
                zip(images, goods.looks, goods.category, goods.colour, strict=True)
            )
        ],
        batch_size=500,
    )
    looks.stamp(weights)
    return [image.pk for image in images]


def record(history: Sequence[Picked], images: Sequence[UUID]) -> Any:
    """A new shopper who agreed and did all this; returns their row."""
    from shop_genai import taste
    from shop_genai.models import Event, Shopper

    row = Shopper.objects.create()
    taste.give_consent(row)
    now = timezone.now()
    Event.objects.bulk_create(
        Event(shopper=row, kind=one.kind, image_id=images[one.product], at=now - timedelta(days=one.days))
        for one in history
    )
    return row


def methods(
    goods: Catalogue, number: dict[UUID, int], rng: np.random.Generator
) -> dict[str, Callable[[Any, list[Picked], set[int]], Sequence[int]]]:
    """Every method: (shopper, history, known products) → all other products' numbers, the best first."""
    from shop_genai import looks
    from shop_genai.taste import index, popularity, profile, ranking

    index.forget()
    space = index.current(looks.weights_in_use())
    assert space is not None
    counted = np.zeros(len(goods.looks))
    for pk, weight in popularity.counts().items():
        counted[number[pk]] = weight

    def by_taste(row: Any, history: list[Picked], known: set[int]) -> list[int]:
        liked = profile.taste_in(row, space)
        left_out = {f"product {one}" for one in known}
        return [number[one.image] for one in ranking.rank(space, liked, len(counted), None, left_out)]

    def by_score(score: Any, known: set[int]) -> list[int]:
        order = np.argsort(-(score + rng.random(len(counted)) * 1e-6), kind="stable")
        return [int(one) for one in order if int(one) not in known]

    def by_category(row: Any, history: list[Picked], known: set[int]) -> list[int]:
        share = np.bincount(
            [goods.category[one.product] for one in history if one.kind != "dislike"],
            minlength=int(goods.category.max()) + 1,
        )
        return by_score(counted + 1e6 * share[goods.category], known)

    return {
        "taste": by_taste,
        "popular in the favourite category": by_category,
        "popular": lambda row, history, known: by_score(counted, known),
        "random": lambda row, history, known: by_score(rng.random(len(counted)), known),
    }


def place(order: Sequence[int], wanted: int) -> int | None:
    """The rank of the hidden product, from 1; None if it is not there."""
    return next((rank for rank, one in enumerate(order, 1) if one == wanted), None)


def figures(ranks: Sequence[int | None]) -> dict[str, float]:
    """One product is right in each answer, so nDCG@10 is 1 / log2(1 + rank) up to rank 10."""
    found = [rank for rank in ranks if rank is not None]
    top = [rank for rank in found if rank <= CUT]
    return {
        "hit_rate": len(top) / len(ranks),
        "mrr": sum(1.0 / rank for rank in found) / len(ranks),
        "ndcg": sum(1.0 / float(np.log2(1 + rank)) for rank in top) / len(ranks),
    }
