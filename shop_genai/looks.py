"""The index of looks: where every picture of the shop lies in the latent space of the promoted variant network.

Reading it needs nothing heavy. Filling it (``index``) loads the network, so it runs in workers and commands only. Looks
belong to weights: when other weights are promoted, all pictures are looked at again, and until then ranking falls back
to what is popular. A worker does this by itself; ``manage.py genai_looks`` does it now.
"""

from __future__ import annotations

import logging
import struct
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, router, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from shop_genai import catalogue, media, recipes, registry
from shop_genai.errors import GenaiError, UnknownRecipe, WeightsMissing
from shop_genai.models import Look, LookIndex, ProductImage, Weights
from shop_genai.worker import pipelines

log = logging.getLogger(__name__)

RECIPE = "variant"
BATCH = 8  # pictures that the network looks at together
STAMP_SECONDS = 60.0  # while an index grows, copies in memory are made to reload so often

_refused: set[tuple[type[models.Model], str]] = set()  # rows whose picture this process could not read: not tried again


def weights_in_use() -> Weights | None:
    """The promoted weights of the variant network; None where the shop has none, or has never used them."""
    try:
        row = registry.in_use(recipes.get(RECIPE), note=False)
    except (UnknownRecipe, WeightsMissing):
        return None
    return row if row is not None and row.pk is not None else None


def missing(weights: Weights | None = None) -> QuerySet[ProductImage]:
    """The pictures without a look of these weights (by default those in use), or changed since; the newest first."""
    weights = weights or weights_in_use()
    pictures = ProductImage.objects.filter(_of_the_catalogue()).order_by("-created", "id")
    if weights is None:
        return pictures.none()
    fresh = Look.objects.filter(weights=weights, image=models.OuterRef("pk"), sha256=models.OuterRef("sha256"))
    return pictures.filter(~models.Exists(fresh))


def is_due() -> bool:
    """Whether :func:`index` would find pictures that no look was computed of. For the sweep, now and then."""
    try:
        weights = registry.in_use(recipes.get(RECIPE), note=False)
    except (UnknownRecipe, WeightsMissing):
        return False
    if weights is None:
        return False
    if next(_new_rows(), None) is not None:
        return True
    pictures = ProductImage.objects.filter(_of_the_catalogue())
    return (pictures if weights.pk is None else missing(weights)).exists()


def index(
    *,
    batch: int = BATCH,
    seconds: float | None = None,
    thorough: bool = True,
    said: Callable[[Counter[str]], None] = lambda counts: None,
) -> Counter[str]:
    """Look at every picture that has no look yet.

    Args:
        batch: pictures per call of the network.
        seconds: stop after so long; ``index()["left"]`` is 1 then.
        thorough: also read all rows of the shop, for pictures that were replaced and for new categories and colours.
        said: is told the counts after each batch.

    Returns:
        How many pictures were ``tracked``, ``seen``, ``empty`` (no product found) or ``refused`` (not readable), and
        how many looks were ``described`` anew.

    Raises:
        UnknownRecipe, WeightsMissing, TorchMissing: there is no network to look with.
        StorageUnavailable: what was indexed before stays.
    """
    recipe = recipes.get(RECIPE)
    weights = registry.in_use(recipe)
    counts: Counter[str] = Counter()
    if weights is None:
        return counts
    until = float("inf") if seconds is None else time.monotonic() + seconds
    for row in _changed_rows() if thorough else _new_rows():
        refused: list[tuple[Any, GenaiError]] = []
        counts["tracked"] += len(catalogue.track_all([row], refused=refused))
        counts["refused"] += len(refused)
        _refused.update((type(obj), str(obj.pk)) for obj, _error in refused)
        if time.monotonic() > until:
            counts["left"] = 1
            return counts
    pipeline: Any = None
    stamped, last = time.monotonic(), False
    while not last and (chunk := list(missing(weights)[:batch])):
        pipeline = pipeline or pipelines.get(recipe, weights)
        counts.update(_look_at(chunk, pipeline, weights))
        said(counts)
        last = time.monotonic() > until
        if time.monotonic() - stamped > STAMP_SECONDS:
            stamp(weights)
            stamped = time.monotonic()
    counts["left"] = int(last)
    if thorough:
        counts["described"] = describe(weights)
    if pipeline is not None or counts["described"]:
        stamp(weights)
    return counts


def describe(weights: Weights) -> int:
    """Bring category, product and colour of all looks up to date with the shop's rows; returns how many changed.

    A look whose row is gone stays as an empty one without a product, which nobody is shown.
    """
    changed = 0
    rows = Look.objects.filter(weights=weights).select_related("image").order_by("pk")
    last = 0
    while chunk := list(rows.filter(pk__gt=last)[:500]):
        last = chunk[-1].pk
        hosts = catalogue.hosts(look.image for look in chunk)
        renewed = []
        for look in chunk:
            facts = _facts(hosts.get(look.image_id), look.colour)
            if facts != (look.category, look.product, look.colour):
                look.category, look.product, look.colour = facts
                renewed.append(look)
        Look.objects.bulk_update(renewed, ["category", "product", "colour"])
        changed += len(renewed)
    return changed


def stamp(weights: Weights) -> None:
    """Say that the index has changed: copies in memory are loaded anew."""
    LookIndex.objects.update_or_create(weights=weights, defaults={"stamp": uuid.uuid4(), "updated": timezone.now()})


def pack(vector: Sequence[float]) -> bytes:
    """A look as it is stored: float16, little-endian."""
    return struct.pack(f"<{len(vector)}e", *vector)


def _new_rows() -> Iterator[models.Model]:
    """The shop's rows with a picture that the studio never looked at; found by their keys alone."""
    for model in catalogue.tracked_models():
        known = set(_tracked(model).values_list("object_id", flat=True).iterator())
        rows = model._default_manager.order_by("pk")
        for key in rows.values_list("pk", flat=True).iterator():
            if str(key) not in known and (model, str(key)) not in _refused:
                yield from rows.filter(pk=key).select_related(*catalogue.related(model))


def _changed_rows() -> Iterator[models.Model]:
    """The shop's rows that the studio never looked at, or whose picture has another name since."""
    adapter = catalogue.adapter()
    for model in catalogue.tracked_models():
        field = catalogue.field_of(model)
        known = dict(_tracked(model).values_list("object_id", "name").iterator())
        rows = model._default_manager.order_by("pk").select_related(*catalogue.related(model))
        for row in rows.iterator(chunk_size=500):
            if known.get(str(row.pk)) != adapter.name(row, field)[:255]:
                yield row


def _look_at(chunk: list[ProductImage], pipeline: Any, weights: Weights) -> Counter[str]:
    """Open some pictures, look at them together, and keep the looks; what cannot be opened is kept as seen nothing."""
    hosts = catalogue.hosts(chunk)
    opened, pictures, blank = [], [], []
    counts: Counter[str] = Counter()
    for image in chunk:
        try:
            pictures.append(media.open_input(image, catalogue.reader(image)))
            opened.append(image)
        except GenaiError as error:
            if error.retryable:
                raise
            log.warning("The look of “%s” (%s) cannot be computed: %s", image.title, image.pk, error)
            blank.append(image)
            counts["refused"] += 1
    found = pipeline.looks(pictures) if pictures else []
    rows = [_row(image, weights, None, hosts.get(image.pk)) for image in blank]
    for image, look in zip(opened, found, strict=True):
        rows.append(_row(image, weights, look, hosts.get(image.pk)))
        counts["seen" if look is not None else "empty"] += 1
    with transaction.atomic(using=router.db_for_write(Look)):
        Look.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["image", "weights"],
            update_fields=["sha256", "vector", "category", "product", "colour"],
        )
    return counts


def _row(image: ProductImage, weights: Weights, look: Any, host: Any) -> Look:
    category, product, colour = _facts(host, look.colour if look is not None else "")
    vector = pack(look.vector) if look is not None else b""
    return Look(
        image=image,
        weights=weights,
        sha256=image.sha256,
        vector=vector,
        category=category,
        product=product,
        colour=colour,
    )


def _facts(host: Any, colour: str) -> tuple[str, str, str]:
    """Category, product and colour: the shop's own word for the colour where it has one, else the network's."""
    if host is None:
        return "", "", colour[:64]
    found = catalogue.colour_of(host) or colour
    return catalogue.category_of(host)[:100], catalogue.product_key(host)[:150], found[:64]


def _tracked(model: type[models.Model]) -> QuerySet[ProductImage]:
    kind = ContentType.objects.get_for_model(model)
    return ProductImage.objects.filter(content_type=kind, field=catalogue.field_of(model))


def _of_the_catalogue() -> Q:
    """The pictures of the models that ``PRODUCT_IMAGES`` names."""
    wanted = Q(pk__in=[])
    for model in catalogue.tracked_models():
        kind = ContentType.objects.get_for_model(model)
        wanted |= Q(content_type=kind, field=catalogue.field_of(model))
    return wanted
