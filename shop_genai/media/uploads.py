"""Accepting a picture from a user.

Checked, turned upright, stripped of everything but pixels, stored privately.
"""

from __future__ import annotations

import hashlib
import uuid
from contextlib import suppress
from typing import Any

from django.core.files.base import File
from django.utils.translation import gettext as _
from PIL import Image, JpegImagePlugin
from PIL.ImageFile import ImageFile

from shop_genai.conf import genai_settings
from shop_genai.errors import ImageTooLarge, NotAnImage, StorageUnavailable
from shop_genai.media import colour, encoding, files, formats
from shop_genai.media.decoding import decoding, refuse_by_header
from shop_genai.media.thumbnails import make_thumbnail
from shop_genai.models import ProductImage, Shopper


def accept_upload(file: File, *, owner: Any = None, shopper: Shopper | None = None, title: str = "") -> ProductImage:
    """Store an upload of ``owner`` in ``PRIVATE_STORAGE``, re-encoded, and make its row.

    The file's name is not looked at: its content decides the format, the server makes the storage name. A photo of a
    ``shopper`` goes to ``TRYON_STORAGE`` and gets no thumbnail: nobody is shown it in a list.

    Raises:
        ImageRefused: or one of its kinds, see :func:`shop_genai.media.decode`. Nothing was stored.
        StorageUnavailable: the storage does not answer.
    """
    data = _read(file)
    name, stored, picture = reencode(data)
    image = ProductImage(
        id=uuid.uuid4(),
        owner=owner,
        shopper=shopper,
        title=" ".join(title.replace("\x00", "").split())[:200],
        storage=genai_settings.PRIVATE_STORAGE if shopper is None else files.tryon_storage(),
        sha256=hashlib.sha256(stored).hexdigest(),
        format=name,
        width=picture.width,
        height=picture.height,
        bytes=len(stored),
    )
    folder = files.upload_folder(image)
    try:
        image.name = files.put(image.storage, files.named(folder, "upload", stored, formats.SUFFIXES[name]), stored)
        if shopper is None:
            image.thumbnail = make_thumbnail(image, picture)
        image.save(force_insert=True)
    except BaseException:
        with suppress(StorageUnavailable):
            files.delete_folder(image.storage, folder)
        raise
    return image


def erase_upload(image: ProductImage) -> None:
    """Delete an upload's files and row, and with it the results made from it and their files.

    Raises:
        ValueError: it is a picture of the shop's catalogue.
        StorageUnavailable: the storage does not answer; the row is still there, so the call can be repeated.
    """
    from shop_genai.media.results import erase_result

    if not image.is_upload:
        raise ValueError("Only uploads can be erased; a catalogue picture belongs to the shop.")
    for result in image.results.all():
        erase_result(result)
    files.delete_folder(image.storage, files.upload_folder(image))
    image.delete()


def reencode(data: bytes) -> tuple[str, bytes, Image.Image]:
    """A stranger's bytes → (format, our bytes, the picture as it is stored).

    A JPEG that needs neither turning nor colour conversion keeps its quantisation tables and subsampling, so
    writing it again loses next to nothing; another JPEG is written at quality 95 without subsampling. All
    else becomes PNG, without loss: a generator should see what was sent.

    Raises:
        ImageRefused: or one of its kinds.
    """
    with decoding(data) as reader:
        turn = colour.orientation(reader)
        options = _same_tables(reader) if reader.format == "JPEG" and turn == 1 and colour.is_plain(reader) else None
        kept = reader.format == "JPEG"
        picture = colour.upright(colour.to_srgb(reader), turn)
    if not kept:
        return "PNG", encoding.encode(picture, "PNG"), picture
    return "JPEG", encoding.encode(picture, "JPEG", options or encoding.FULL_JPEG), picture


def _same_tables(reader: ImageFile) -> dict[str, Any] | None:
    """Pillow's options that repeat the file's own tables.

    None where they are unusual (then quality 95 serves).
    """
    tables = getattr(reader, "quantization", {})
    usual = 0 < len(tables) <= 2 and set(tables) == set(range(len(tables)))
    if not usual or any(not 1 <= value <= 255 for table in tables.values() for value in table):
        return None
    subsampling = JpegImagePlugin.get_sampling(reader) if reader.mode == "RGB" else -1
    if reader.mode == "RGB" and subsampling == -1:
        return None
    return {"qtables": tables, "subsampling": subsampling, "optimize": True}


def _read(file: File) -> bytes:
    """At most ``MAX_UPLOAD_BYTES``, whatever the file claims to be.

    Raises:
        ImageTooLarge, ImageTooSmall: there is more, or the header says so.
        NotAnImage: there is nothing.
    """
    limit = genai_settings.MAX_UPLOAD_BYTES
    too_large = ImageTooLarge(_("This file is larger than %(limit).0f MiB.") % {"limit": limit / 2**20}, limit=limit)
    if (file.size or 0) > limit:
        raise too_large
    file.seek(0)
    refuse_by_header(file)
    data: bytes = file.read(limit + 1)
    if len(data) > limit:
        raise too_large
    if not data:
        raise NotAnImage(_("This file is empty."))
    return data
