"""How one picture of one row of the shop is read and replaced, and what ``PRODUCT_IMAGES`` says about its model."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import Any, Protocol

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import models
from django.db.models.fields.files import FieldFile, ImageField
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from shop_genai import media
from shop_genai.conf import genai_settings
from shop_genai.errors import InputMissing, InvalidInputs

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
            file.save(f"{stem}{_MARK}{sha256(data)[:8]}{suffix}", ContentFile(data), save=False)
        declared: Any = file.field
        sizes = [getattr(declared, name, None) for name in ("width_field", "height_field")]
        obj.save(update_fields=[field, *(name for name in sizes if name)])

    def url(self, obj: Any, field: str) -> str:
        file = self._file(obj, field)
        return str(file.url) if file else ""

    def title(self, obj: Any, field: str) -> str:
        """The attribute ``PRODUCT_IMAGES`` calls “title” (dots follow relations); else ``str(obj)``."""
        value = obj
        for part in str(entry(type(obj)).get("title") or "").split("."):
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
    chosen = field or entry(model).get("field")
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


def entry(model: type[models.Model]) -> dict[str, Any]:
    """What ``PRODUCT_IMAGES`` says of a model; empty for one that takes no part."""
    for label, said in genai_settings.PRODUCT_IMAGES.items():
        if label.lower() == model._meta.label_lower:
            return dict(said)
    return {}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
