"""A variant network that needs no torch: the look of a picture is its mean colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from shop_genai.recipes import Recipe
from tests.fakes.recipes import INVERT


@dataclass(frozen=True)
class Seen:
    vector: tuple[float, ...]
    colour: str


class Looker:
    """A variant pipeline that sees the mean colour of a picture, and no product in a black one."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def looks(self, pictures: Sequence[Image.Image]) -> list[Seen | None]:
        self.batches.append(len(pictures))
        means = [picture.convert("RGB").resize((1, 1)).getpixel((0, 0)) for picture in pictures]
        return [Seen(tuple(value / 256 for value in mean), "seen") if sum(mean) > 30 else None for mean in means]


looker = Looker()


def variant() -> Recipe:
    """A recipe “variant” whose weights are only a digest: that of a folder is its two-letter name, repeated."""
    return Recipe(
        name="variant",
        label="Variant",
        slots=INVERT.slots,
        params=INVERT.params,
        load=lambda folder, device: looker,  # type: ignore[arg-type,return-value]  # only looks
        digest=digest,
    )


def digest(folder: Path | None) -> str:
    return folder.name * 32 if folder else "ab" * 32
