"""A storage as object stores are: no paths, no folders, whole objects, and errors of its own kind."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage


class ClientError(Exception):
    """What a vendor's library raises; no relative of OSError."""


class RemoteStorage(Storage):
    """``objects`` is the bucket; ``down`` makes every request fail; ``log`` keeps what was asked."""

    objects: ClassVar[dict[str, bytes]] = {}
    log: ClassVar[list[tuple[str, str]]] = []
    down: ClassVar[bool] = False
    blind: ClassVar[bool] = False  # exists() answers no, as when another writer comes between

    @classmethod
    def reset(cls) -> None:
        cls.objects.clear()
        cls.log.clear()
        cls.down = cls.blind = False

    def _ask(self, verb: str, name: str) -> None:
        self.log.append((verb, name))
        if self.down:
            raise ClientError("503 Slow Down")

    def _open(self, name: str, mode: str = "rb") -> File:
        self._ask("open", name)
        if name not in self.objects:
            raise FileNotFoundError(name)
        return ContentFile(self.objects[name], name=name)

    def _save(self, name: str, content: Any) -> str:
        self._ask("save", name)
        if self.blind and name in self.objects:
            name = f"{name}_renamed"
        self.objects[name] = content.read()
        return name

    def exists(self, name: str) -> bool:
        self._ask("exists", name)
        if self.blind:
            self.blind = False
            return False
        return name in self.objects

    def delete(self, name: str) -> None:
        self._ask("delete", name)
        self.objects.pop(name, None)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        self._ask("listdir", path)
        inside = [name[len(path) + 1 :] for name in self.objects if name.startswith(f"{path}/")]
        return sorted({n.split("/")[0] for n in inside if "/" in n}), [n for n in inside if "/" not in n]

    def url(self, name: str | None) -> str:
        return f"https://cdn.example/{name}"


class OnlyAddresses(Storage):
    """A storage that may be asked for addresses and for nothing else."""

    def url(self, name: str | None) -> str:
        return f"https://cdn.example/{name}"

    def _forbidden(self, *args: Any, **kwargs: Any) -> Any:
        raise AssertionError("the storage was asked")

    open = save = exists = delete = listdir = size = path = get_modified_time = get_created_time = _forbidden
    get_accessed_time = get_available_name = get_valid_name = generate_filename = _open = _save = _forbidden


REMOTE = f"{__name__}.RemoteStorage"
ADDRESSES = f"{__name__}.OnlyAddresses"
