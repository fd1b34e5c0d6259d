"""The rows that describe the shop's own pictures: made, read, replaced by a published result, and put back exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils.translation import gettext as _

from shop_genai import media
from shop_genai.catalogue.adapters import adapter, field_of, sha256
from shop_genai.conf import genai_settings
from shop_genai.errors import GenaiError, InputChanged, InputMissing, InvalidInputs, WrongState
from shop_genai.models import ProductImage

ORIGINALS = f"{media.ROOT}/originals"  # in PRIVATE_STORAGE, by content


def track(obj: models.Model, field: str | None = None) -> ProductImage:
    """The row for one picture of the shop, made or brought up to date from the shop's bytes.

    While a result of ours is published in the picture's place, the row goes on describing the original. When
    the shop has put another picture there, that one becomes the original.

    Raises:
        InvalidInputs: no image field.
        InputMissing: no picture, or its file is gone.
        ImageRefused: or one of its kinds: the file is not a picture the studio reads.
        StorageUnavailable: the storage does not answer.
    """
    name = field_of(type(obj), field)
    if obj.pk is None:
        raise InvalidInputs(_("Save the row before its picture is used."))
    place = {"content_type": ContentType.objects.get_for_model(obj), "object_id": str(obj.pk), "field": name}
    image = ProductImage.objects.filter(**place).first()
    data = adapter().read(obj, name)
    if image is None:
        fresh = ProductImage(**place)
        _describe(fresh, obj, data)
        defaults = {key: getattr(fresh, key) for key in _DESCRIBED}
        image, _made = ProductImage.objects.get_or_create(**place, defaults=defaults)
        return image
    if _is_published(image, data):
        return image
    before = [getattr(image, key) for key in _DESCRIBED]
    _describe(image, obj, data)
    if image.backup or before != [getattr(image, key) for key in _DESCRIBED]:
        image.backup = image.backup_sha256 = ""
        image.save(update_fields=[*_DESCRIBED, "backup", "backup_sha256", "updated"])
    return image


def current(obj: models.Model) -> ProductImage:
    """As :func:`track`, but the shop's bytes are read only if it has named another file there since.

    Raises:
        As :func:`track`.
    """
    name = field_of(type(obj))
    kind = ContentType.objects.get_for_model(obj)
    known = ProductImage.objects.filter(content_type=kind, object_id=str(obj.pk), field=name).first()
    if known is not None and known.name == adapter().name(obj, name)[:255]:
        return known
    return track(obj)


def track_all(
    objects: Iterable[models.Model],
    field: str | None = None,
    refused: list[tuple[Any, GenaiError]] | None = None,
) -> list[ProductImage]:
    """:func:`track` for many rows. With ``refused``, pictures that cannot be used are noted there.

    Raises:
        GenaiError: what :func:`track` raises, at the first such picture, unless ``refused`` is given.
    """
    rows = []
    for obj in objects.iterator(chunk_size=200) if isinstance(objects, models.QuerySet) else objects:
        try:
            rows.append(track(obj, field))
        except GenaiError as error:
            if refused is None:
                raise
            refused.append((obj, error))
    return rows


def host(image: ProductImage) -> Any:
    """The shop's row that the picture belongs to, fresh from the database.

    Raises:
        InputMissing: the row, its model or its app is gone.
    """
    model = image.content_type.model_class() if image.content_type else None
    if model is not None:
        try:
            return model._base_manager.get(pk=image.object_id)
        except (ObjectDoesNotExist, ValueError):  # ValueError: the key changed its type
            pass
    raise InputMissing(_("The shop's row of this picture is gone."))


def reader(image: ProductImage) -> Callable[[], bytes]:
    """A function that fetches an upload's bytes, or the original's, also while a result is published.

    The function raises InputMissing or StorageUnavailable. ``media.read_bytes`` checks what it returns.
    """

    def read() -> bytes:
        if image.is_upload:
            return media.get(image.storage, image.name)
        if image.backup:
            return media.get(genai_settings.PRIVATE_STORAGE, image.backup)
        return adapter().read(host(image), image.field)

    return read


def publish_bytes(image: ProductImage, data: bytes, suffix: str) -> None:
    """Put ``data`` in the place of the shop's picture. The original's bytes are kept first, by content.

    Call it inside the transaction that marks the result published, with the row of ``image`` locked.

    Raises:
        InputMissing: the shop's row or file is gone.
        InputChanged: the shop's picture is not the one this result was made from.
        StorageUnavailable: nothing was replaced.
    """
    obj = host(image)
    current = adapter().read(obj, image.field)
    if not _is_published(image, current):
        if sha256(current) != image.sha256:
            raise InputChanged(_("The shop has replaced this picture since the result was made from it."))
        image.backup = media.put(
            genai_settings.PRIVATE_STORAGE,
            media.named(f"{ORIGINALS}/{image.sha256[:2]}", image.sha256, current, _suffix(image)),
            current,
        )
        image.backup_sha256 = image.sha256
    _replace(image, obj, data, suffix)


def restore_bytes(image: ProductImage) -> None:
    """Put the shop's original bytes back exactly. Without a backup there is nothing to do.

    Raises:
        InputMissing: the kept original was lost or changed in storage, or the shop's row is gone.
        WrongState: the shop has replaced the picture since; putting the old one back would destroy it.
        StorageUnavailable: nothing was replaced.
    """
    if not image.backup:
        return
    obj = host(image)
    data = media.get(genai_settings.PRIVATE_STORAGE, image.backup)
    if sha256(data) != image.backup_sha256:
        raise InputMissing(_("The kept original was changed in storage. The published picture stays."))
    if not _is_published(image, adapter().read(obj, image.field)):
        raise WrongState(_("The shop has replaced this picture since it was published."), state="replaced")
    suffix = PurePosixPath(image.backup).suffix
    image.backup = image.backup_sha256 = ""
    _replace(image, obj, data, suffix)


_DESCRIBED = ["title", "name", "sha256", "format", "width", "height", "bytes", "thumbnail"]


def _describe(image: ProductImage, obj: Any, data: bytes) -> None:
    """Fill the row from the shop's bytes; the picture itself is opened only if they changed."""
    image.title = adapter().title(obj, image.field)[:200]
    image.name = adapter().name(obj, image.field)[:255]
    if image.sha256 == sha256(data):
        return
    header = media.inspect(data)
    image.sha256, image.bytes = sha256(data), len(data)
    image.format, image.width, image.height = header.format, header.width, header.height
    image.thumbnail = media.thumbnail_of_bytes(image, data)


def _replace(image: ProductImage, obj: Any, data: bytes, suffix: str) -> None:
    adapter().replace(obj, image.field, data, suffix)
    image.name = adapter().name(obj, image.field)[:255]
    image.save(update_fields=["name", "backup", "backup_sha256", "updated"])


def _is_published(image: ProductImage, data: bytes) -> bool:
    """Whether the shop's bytes are a result of ours: by the packet inside, or by the rows."""
    if not image.backup:
        return False
    return media.read_provenance(data) is not None or image.results.filter(sha256=sha256(data)).exists()


def _suffix(image: ProductImage) -> str:
    return PurePosixPath(image.name).suffix or media.SUFFIXES.get(image.format, "")
