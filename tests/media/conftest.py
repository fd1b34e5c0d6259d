"""Storages of other kinds, under the aliases that the studio uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.media.remote import REMOTE, RemoteStorage


@pytest.fixture
def remote(settings: Any) -> Iterator[type[RemoteStorage]]:
    """All files of the shop and the studio in one object store."""
    store = {"BACKEND": REMOTE}
    settings.STORAGES = {**settings.STORAGES, "default": store, "private": store}
    RemoteStorage.reset()
    yield RemoteStorage
    RemoteStorage.reset()


@pytest.fixture
def memory(settings: Any) -> None:
    """All files in memory."""
    store = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": store, "private": store}
