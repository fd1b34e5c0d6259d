"""Putting bytes into any storage once, whole, under a name that says what they are.

Every name holds the hash of the bytes, so a second writer writes the same file: a repeated or stale job
overwrites nothing. Storages on disk get the file by rename (no half-written file is ever visible); object
storages store an object whole or not at all.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import Error as DatabaseError
from django.utils.translation import gettext as _

from shop_genai.conf import genai_settings
from shop_genai.errors import GenaiError, InputMissing, StorageUnavailable

if TYPE_CHECKING:
    from shop_genai.models import ProductImage

ROOT = "genai"
PRIVATE = f"{ROOT}/private/"  # everything of a person; never linked without a signature
TRYON = f"{PRIVATE}tryon"  # shoppers' photos: one folder each, with all that was made of it


def named(folder: str, stem: str, data: bytes, suffix: str) -> str:
    """``folder/stem-<first 16 hex digits of sha256>suffix``: one name, one content."""
    return f"{folder}/{stem}-{hashlib.sha256(data).hexdigest()[:16]}{suffix}"


def person_folder(owner_id: object) -> str:
    """Where everything of one user lies. The key is hashed: it may be an e-mail address."""
    return PRIVATE + hashlib.sha256(str(owner_id).encode()).hexdigest()[:24]


def tryon_storage() -> str:
    """The alias of the storage for shoppers' photos and what is made of them."""
    return str(genai_settings.TRYON_STORAGE or genai_settings.PRIVATE_STORAGE)


def upload_folder(image: ProductImage) -> str:
    """Where an upload lies. What is made of a shopper's photo lies below it, to be deleted with it."""
    if image.shopper_id is not None:
        return f"{TRYON}/{image.id}"
    return f"{person_folder(image.owner_id)}/images/{image.id}"


def put(storage: Storage | str, name: str, data: bytes) -> str:
    """Store ``data``; returns the name under which it lies. Safe to repeat and to race.

    Args:
        storage: a storage or its alias in ``STORAGES``.
        name: contains the hash of ``data`` (see :func:`named`).

    Raises:
        StorageUnavailable: nothing was stored.
    """
    with storage_errors():
        target = storages[storage] if isinstance(storage, str) else storage
        path = _local_path(target, name)
        if path is not None:
            _replace(target, path, data)
            return name
        if target.exists(name):
            return name
        stored = target.save(name, ContentFile(data))
        if stored != name and target.exists(name):  # another writer was first and the storage renamed ours
            target.delete(stored)
            return name
        return stored


def get(storage: Storage | str, name: str) -> bytes:
    """The bytes at ``name``.

    Raises:
        InputMissing: there is no such file.
        StorageUnavailable: the storage does not answer.
    """
    with storage_errors():
        target = storages[storage] if isinstance(storage, str) else storage
        with target.open(name, "rb") as file:
            data: bytes = file.read()
        return data


def delete(storage: Storage | str, name: str) -> None:
    """Delete one file; a missing one is fine.

    Raises:
        StorageUnavailable: the storage does not answer.
    """
    with storage_errors(), suppress(FileNotFoundError):
        (storages[storage] if isinstance(storage, str) else storage).delete(name)


def delete_folder(storage: Storage | str, folder: str) -> int:
    """Delete every file below ``folder``; returns how many there were. Also finds what no row names any more.

    Raises:
        StorageUnavailable: the storage does not answer, or cannot list.
    """
    target = storages[storage] if isinstance(storage, str) else storage
    with storage_errors():
        try:
            folders, names = target.listdir(folder)
        except FileNotFoundError:
            return 0
        for name in names:
            target.delete(f"{folder}/{name}")
    count = len(names) + sum(delete_folder(target, f"{folder}/{inner}") for inner in folders if inner)
    path = _local_path(target, folder)
    if path is not None:
        with suppress(OSError):  # someone wrote into it meanwhile
            path.rmdir()
    return count


@contextmanager
def storage_errors() -> Iterator[None]:
    """What any storage backend raises → InputMissing or StorageUnavailable. Errors of the database pass."""
    try:
        yield
    except (GenaiError, DatabaseError):
        raise
    except FileNotFoundError as error:
        raise InputMissing(_("The picture's file is gone from storage.")) from error
    except Exception as error:  # each backend has its own tree of errors (botocore, google, azure, paramiko)
        raise StorageUnavailable(_("The storage does not answer. Nothing is lost; try again.")) from error


def _local_path(storage: Storage, name: str) -> Path | None:
    """Where the file lies on disk; None for other storages. (Django's storage in memory names paths too.)"""
    return Path(storage.path(name)) if isinstance(storage, FileSystemStorage) else None


def _replace(storage: Storage, path: Path, data: bytes) -> None:
    """Write beside the target, then rename over it: readers see the whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".genai-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # the job's row says "done" next: after a power cut both must be there
        mode = getattr(storage, "file_permissions_mode", None)
        Path(temporary).chmod(0o644 if mode is None else mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
