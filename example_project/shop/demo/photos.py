"""Which photos the demo works on: the shop's bad ones, or the user's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files import File

from example_project.shop.models import Photo
from shop_genai import catalogue, media
from shop_genai.errors import ImageRefused
from shop_genai.models import ProductImage

# Files that claim to be pictures. The content decides later; this only leaves out notes, tables and the like.
SUFFIXES = {
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif"),
    *(".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".jp2", ".psd"),
}


@dataclass(frozen=True)
class Source:
    """A photo that will be enhanced, and the name under which its result is written."""

    name: str
    image: ProductImage


@dataclass(frozen=True)
class Refused:
    """A file that the studio does not take, and why."""

    name: str
    code: str
    message: str


def of_shop(photos: list[Photo]) -> list[Source]:
    """The shop's own photos, as the studio knows them."""
    return [Source(Path(photo.image.name).stem, catalogue.track(photo)) for photo in photos]


def of_folder(folder: Path, owner: Any) -> tuple[list[Source], list[Refused]]:
    """Every picture below a folder, taken in as an upload of ``owner``. A refusal stops no other."""
    taken: list[Source] = []
    refused: list[Refused] = []
    for path in _pictures(folder):
        name = path.relative_to(folder).as_posix()
        try:
            with path.open("rb") as file:
                taken.append(Source(name, media.accept_upload(File(file), owner=owner, title=path.stem)))
        except ImageRefused as error:
            refused.append(Refused(name, error.code, str(error)))
        except OSError as error:
            refused.append(Refused(name, "unreadable", f"The file cannot be read: {error.strerror}."))
    return taken, refused


def _pictures(folder: Path) -> Iterator[Path]:
    """Sorted by path; hidden files and folders are left out."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in SUFFIXES and not hidden and path.is_file():
            yield path
