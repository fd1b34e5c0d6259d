"""The shop's own catalogue as pictures to train on: a folder with a ``manifest.csv``, as ``training.packs`` reads it.

Training makes bad versions of good pictures itself, so only good pictures belong into it. A photo that somebody
improved with the studio was not good, and what the studio made of it is no truth: a network that learns from results of
a network learns its faults. By default therefore neither is exported, but every photo that needed no help. Pictures
that shoppers uploaded are never exported.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext as _
from PIL import Image

from shop_genai import catalogue, media
from shop_genai.errors import GenaiError, InputMissing, InvalidInputs
from shop_genai.models import GeneratedImage, ProductImage, Review

Which = Literal["untouched", "published", "approved", "all"]
WHICH: tuple[str, ...] = get_args(Which)
SMALLEST = 640  # pixels of the shorter side; what a shop shows smaller has been shrunk for its pages
LONGEST = 2048  # pixels of the longer side; larger photos are shrunk, which also removes the traces of JPEG
TEST_SHARE = 0.1
RESTORING = "enhance"  # the recipe whose approved result says that the original was not good enough
COLUMNS = ("file", "split", "kind", "label", "title")


@dataclass(frozen=True)
class Exported:
    """What is in the folder. ``left_out`` counts pictures by the reason why they are not."""

    folder: Path
    splits: Counter[str]
    left_out: Counter[str]


@dataclass(frozen=True)
class _Candidate:
    """One picture that may be exported; ``read`` fetches its bytes."""

    name: str
    kind: str  # "original", or "result" for what the studio made
    obj: Any
    field: str
    read: Callable[[], bytes]


def export(
    folder: Path,
    which: Which = "untouched",
    labels: Iterable[str] = (),
    smallest: int = SMALLEST,
    said: Callable[[int], None] = lambda done: None,
) -> Exported:
    """Write the catalogue's pictures as PNG, upright, in sRGB, without metadata, and ``manifest.csv`` last.

    Args:
        folder: receives ``original/``, ``result/`` and the manifest.
        which: ``untouched``: originals without a result of ``enhance`` that was approved or waits for review;
            ``published`` and ``approved``: these, and published or approved results; ``all``: every original,
            for networks that learn what a shop sells and not what a good photo is.
        labels: models of ``PRODUCT_IMAGES`` (``app.Model``); none: all of them.
        smallest: pixels that the shorter side must have.
        said: is told after each picture how many have been looked at.

    Raises:
        InvalidInputs: a model is not in ``PRODUCT_IMAGES``.
        InputMissing: no picture fits.
        StorageUnavailable: the storage does not answer.
    """
    splits: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    seen: set[str] = set()
    rows = []
    looked = 0
    for model in _models(labels):
        for candidate in _candidates(model, which, left_out):
            looked += 1
            said(looked)
            picture, reason = _opened(candidate, smallest, seen)
            if picture is None:
                left_out[reason] += 1
                continue
            split = split_of(_group(candidate.obj))
            path = Path(candidate.kind) / f"{candidate.name}.png"
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            picture.save(folder / path, compress_level=1)
            title = catalogue.adapter().title(candidate.obj, candidate.field)
            label = catalogue.fact(candidate.obj, "label")
            rows.append((path.as_posix(), split, candidate.kind, title if label is None else str(label), title))
            splits[split] += 1
    if not rows:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items())) or _("it is empty")
        raise InputMissing(_("No picture of the catalogue can be trained on: %(reasons)s.") % {"reasons": reasons})
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return Exported(folder, splits, left_out)


def split_of(group: str) -> str:
    """``train`` or ``test``, by the group's name alone: the same in every export, on every machine."""
    share = int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") / 2**64
    return "test" if share < TEST_SHARE else "train"


def _models(labels: Iterable[str]) -> list[type[models.Model]]:
    tracked = catalogue.tracked_models()
    chosen = []
    for label in labels:
        try:
            model = apps.get_model(label)
        except (LookupError, ValueError):
            model = None
        if model not in tracked:
            known = ", ".join(one._meta.label for one in tracked) or _("none")
            raise InvalidInputs(
                _("“%(label)s” is not in SHOP_GENAI[“PRODUCT_IMAGES”]. There are: %(known)s.")
                % {"label": label, "known": known}
            )
        chosen.append(model)
    return chosen or tracked


def _candidates(model: type[models.Model], which: Which, left_out: Counter[str]) -> Iterator[_Candidate]:
    """The originals that ``which`` admits, each followed by the results that it admits."""
    field = catalogue.field_of(model)
    kind = ContentType.objects.get_for_model(model)
    tracked = {image.object_id: image for image in ProductImage.objects.filter(content_type=kind, field=field)}
    restored = GeneratedImage.objects.filter(
        source__content_type=kind, source__field=field, job__recipe=RESTORING
    ).order_by("-reviewed_at", "pk")
    improved = set(restored.filter(review=Review.APPROVED).values_list("source__object_id", flat=True))
    waiting = set(restored.filter(review=Review.PENDING).values_list("source__object_id", flat=True))
    results: dict[str, GeneratedImage] = {}
    if which in ("published", "approved"):
        admitted = restored.filter(review=Review.APPROVED)
        if which == "published":
            admitted = admitted.exclude(published_at=None)
        for result in admitted.select_related("source"):
            results.setdefault(result.source.object_id, result)
    for obj in model._default_manager.select_related(*catalogue.related(model)).order_by("pk").iterator(chunk_size=200):
        pk = str(obj.pk)
        name = f"{model._meta.label_lower}-{pk}"
        if which != "all" and (pk in improved or pk in waiting):
            left_out["improved" if pk in improved else "waiting for review"] += 1
        else:
            yield _Candidate(name, "original", obj, field, _reader(obj, field, tracked.get(pk)))
        if pk in results:
            yield _Candidate(name, "result", obj, field, _file_of(results[pk]))


def _reader(obj: Any, field: str, image: ProductImage | None) -> Callable[[], bytes]:
    """The original's bytes, also while a result is published in its place."""
    if image is not None and image.backup:
        return catalogue.reader(image)
    return lambda: catalogue.adapter().read(obj, field)


def _file_of(result: GeneratedImage) -> Callable[[], bytes]:
    return lambda: media.get(result.files, result.name)


def _opened(candidate: _Candidate, smallest: int, seen: set[str]) -> tuple[Image.Image | None, str]:
    """The picture, at most ``LONGEST`` pixels long; or None and the reason."""
    try:
        data = candidate.read()
        digest = hashlib.sha256(data).hexdigest()
        if digest in seen:
            return None, "seen before"  # one picture of two products could fall into both splits
        seen.add(digest)
        if candidate.kind == "original" and media.read_provenance(data) is not None:
            return None, "made by the studio"
        picture = media.decode(data)
    except GenaiError as error:
        if error.retryable:
            raise
        return None, error.code
    if min(picture.size) < smallest:
        return None, "too small"
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return picture, ""


def _group(obj: Any) -> str:
    """What must not be torn apart between the splits: the product, whatever of its photos this is."""
    value = catalogue.fact(obj, "group")
    if value is None:
        value = catalogue.product_of(obj)
    if isinstance(value, models.Model):
        return f"{value._meta.label_lower} {value.pk}"
    return str(value)
