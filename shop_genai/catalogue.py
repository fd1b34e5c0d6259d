"""How the shop's own pictures are reached: read, replaced by a published result, and put back exactly.

Which models take part says ``SHOP_GENAI["PRODUCT_IMAGES"]``. A shop whose pictures are not image fields names
its own adapter in ``PRODUCT_ADAPTER``. The studio never deletes a file of the shop.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any, Protocol

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.base import ContentFile
from django.db import models
from django.db.models.fields.files import FieldFile, ImageField
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from shop_genai import media
from shop_genai.conf import genai_settings
from shop_genai.errors import GenaiError, InputChanged, InputMissing, InvalidInputs, WrongState
from shop_genai.models import ProductImage

ORIGINALS = f"{media.ROOT}/originals"  # in PRIVATE_STORAGE, by content
_MARK = "-genai-"  # in the file names of published results, before 8 hex digits of their content


class ProductAdapter(Protocol):
    """What a shop has to offer for one of its rows.

    ``field`` is the name that ``PRODUCT_IMAGES`` gives the picture.
    """

    def read(self, obj: Any, field: str) -> bytes:
        """The picture's bytes now. Raises InputMissing if there is none."""

    def replace(self, obj: Any, field: str, data: bytes, suffix: str) -> None:
        """Show ``data`` from now on, under a new address, and save the row. ``suffix`` is like ``.jpg``."""

    def url(self, obj: Any, field: str) -> str:
        """The picture's address; empty without a picture. Must not ask the storage or the database."""

    def title(self, obj: Any, field: str) -> str:
        """What people call it."""

    def name(self, obj: Any, field: str) -> str:
        """A name that changes when the picture is replaced. Must not ask the storage or the database."""


class ImageFieldAdapter:
    """Pictures in ``ImageField`` or ``FileField``, in whatever storage the field has."""

    def read(self, obj: Any, field: str) -> bytes:
        """Raises InputMissing: the field is empty or its file is gone. StorageUnavailable."""
        file = self._file(obj, field)
        if not file:
            raise InputMissing(_("“%(object)s” has no picture.") % {"object": obj})
        return media.get(file.storage, file.name or "")

    def replace(self, obj: Any, field: str, data: bytes, suffix: str) -> None:
        """A new file beside the old one, so that no cache shows the old picture under the new bytes' name."""
        file = self._file(obj, field)
        stem = PurePosixPath(file.name or field).stem.split(_MARK)[0]
        with media.storage_errors():
            file.save(f"{stem}{_MARK}{_sha256(data)[:8]}{suffix}", ContentFile(data), save=False)
        declared: Any = file.field
        sizes = [getattr(declared, name, None) for name in ("width_field", "height_field")]
        obj.save(update_fields=[field, *(name for name in sizes if name)])

    def url(self, obj: Any, field: str) -> str:
        file = self._file(obj, field)
        return str(file.url) if file else ""

    def title(self, obj: Any, field: str) -> str:
        """The attribute ``PRODUCT_IMAGES`` calls “title” (dots follow relations); else ``str(obj)``."""
        value = obj
        for part in str(_entry(type(obj)).get("title") or "").split("."):
            value = getattr(value, part, None) if part else value
        return str(value if value is not None else obj)

    def name(self, obj: Any, field: str) -> str:
        return str(self._file(obj, field).name or "")

    def _file(self, obj: Any, field: str) -> FieldFile:
        file = getattr(obj, field, None)
        if not isinstance(file, FieldFile):
            raise InvalidInputs(
                _("%(model)s.%(field)s is not an image field.") % {"model": obj._meta.label, "field": field},
                field=field,
            )
        return file


def adapter() -> ProductAdapter:
    """The adapter that the settings name."""
    made: ProductAdapter = import_string(genai_settings.PRODUCT_ADAPTER)()
    return made


def field_of(model: type[models.Model], field: str | None = None) -> str:
    """The picture's field: as given, else as ``PRODUCT_IMAGES`` says, else the model's only ``ImageField``.

    Raises:
        InvalidInputs: nothing says which.
    """
    chosen = field or _entry(model).get("field")
    if chosen:
        return str(chosen)
    found = [one.name for one in model._meta.get_fields() if isinstance(one, ImageField)]
    if len(found) == 1:
        return found[0]
    raise InvalidInputs(
        _("%(model)s has %(count)d image fields. Name one in SHOP_GENAI[“PRODUCT_IMAGES”].")
        % {"model": model._meta.label, "count": len(found)}
    )


def tracked_models() -> list[type[models.Model]]:
    """The models of ``PRODUCT_IMAGES``, in its order."""
    return [apps.get_model(label) for label in genai_settings.PRODUCT_IMAGES]


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
        if _sha256(current) != image.sha256:
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
    if _sha256(data) != image.backup_sha256:
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
    if image.sha256 == _sha256(data):
        return
    header = media.inspect(data)
    image.sha256, image.bytes = _sha256(data), len(data)
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
    return media.read_provenance(data) is not None or image.results.filter(sha256=_sha256(data)).exists()


def _suffix(image: ProductImage) -> str:
    return PurePosixPath(image.name).suffix or media.SUFFIXES.get(image.format, "")


def _entry(model: type[models.Model]) -> dict[str, Any]:
    for label, entry in genai_settings.PRODUCT_IMAGES.items():
        if label.lower() == model._meta.label_lower:
            return dict(entry)
    return {}


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
