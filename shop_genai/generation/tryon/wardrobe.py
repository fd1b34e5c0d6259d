"""Garments that were looked at before: their analysis is made once for each picture, and kept."""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Protocol

from PIL import Image

from .garment import Garment

log = logging.getLogger(__name__)

KEPT = 64  # analyses in memory


class GarmentCache(Protocol):
    """Where analyses are kept, as plain JSON under a key of 64 hex digits."""

    def get(self, key: str) -> Mapping[str, Any] | None: ...

    def put(self, key: str, value: dict[str, Any]) -> None: ...


class Remembered:
    """The last analyses of this process."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._known: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def get(self, key: str) -> Mapping[str, Any] | None:
        if key in self._known:
            self._known.move_to_end(key)
        return self._known.get(key)

    def put(self, key: str, value: dict[str, Any]) -> None:
        self._known[key] = value
        self._known.move_to_end(key)
        while len(self._known) > self._most:
            self._known.popitem(last=False)


class Analyst(Protocol):
    """What looks at garments: `analyst.GarmentAnalyst`."""

    digest: str

    def analyse(self, picture: Image.Image, mask: Image.Image | None = None, category: str = "auto") -> Garment: ...


class Wardrobe:
    """Analyses garments, each once.

    Args:
        analyst: what looks at those that are not known.
        cache: where the known ones are kept.
    """

    def __init__(self, analyst: Analyst, cache: GarmentCache | None = None) -> None:
        self.analyst = analyst
        self.cache = cache if cache is not None else Remembered()

    def garment(self, picture: Image.Image, mask: Image.Image | None, category: str) -> Garment:
        """The analysis of the garment in a picture.

        Args:
            picture: upright.
            mask: drawn by somebody, white on the garment.
            category: which of several worn garments; "auto": the one that the picture is about.

        Raises:
            GarmentNotFound, CategoryUnsupported: there is none, or none that can be tried on.
        """
        key = self.key(picture, mask, category)
        kept = self.cache.get(key)
        if kept is not None:
            try:
                return Garment.from_dict(kept)
            except ValueError:
                log.info("A kept analysis of a garment is not of this version, and is made again")
        found = self.analyst.analyse(picture, mask, category).to_dict()
        self.cache.put(key, found)
        # As it will be read from the cache: the first try-on of a garment must not differ from the second.
        return Garment.from_dict(found)

    def key(self, picture: Image.Image, mask: Image.Image | None, category: str) -> str:
        """What an analysis depends on: the pixels, the mask, the category and the weights."""
        digest = hashlib.sha256(f"{category} {self.analyst.digest} ".encode())
        for image in (picture, mask):
            if image is not None:
                digest.update(f"{image.mode} {image.size} ".encode())
                digest.update(image.tobytes())
        return digest.hexdigest()
