"""Opening a job's input: the same checks as for an upload, because a shop's own file may be anything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.utils.translation import gettext as _
from PIL import Image

from shop_genai.errors import InputChanged
from shop_genai.media import files
from shop_genai.media.decoding import decode
from shop_genai.models import ProductImage


def read_bytes(image: ProductImage, read: Callable[[], bytes] | None = None) -> bytes:
    """The input's file. ``read`` fetches a picture of the shop (``catalogue.reader``); uploads need none.

    Raises:
        InputMissing: the file, or the shop's row, is gone.
        InputChanged: the file is not the one that the row describes.
        StorageUnavailable: the storage does not answer.
    """
    if read is None:
        data = files.get(image.storage, image.name)
    else:
        with files.storage_errors():
            data = read()
    if hashlib.sha256(data).hexdigest() != image.sha256:
        raise InputChanged(_("The picture's file was replaced after the studio last looked at it."))
    return data


def open_input(image: ProductImage, read: Callable[[], bytes] | None = None) -> Image.Image:
    """The input as a plain picture: mode RGB, RGBA or L, upright, sRGB, without metadata.

    Raises:
        InputMissing, InputChanged, StorageUnavailable: see :func:`read_bytes`.
        ImageRefused: or one of its kinds, see :func:`shop_genai.media.decode`.
    """
    return decode(read_bytes(image, read))
