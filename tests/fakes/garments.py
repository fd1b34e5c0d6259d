"""A try-on that looks at garments without a network: the real wardrobe, and an analyst that sees a shirt in anything.

Black pictures show nothing that can be tried on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from shop_genai.errors import CategoryUnsupported
from shop_genai.generation.tryon.garment import Garment
from shop_genai.generation.tryon.landmarks import OF_KIND
from shop_genai.generation.tryon.params import TryOnParams
from shop_genai.generation.tryon.wardrobe import Wardrobe
from shop_genai.recipes import Progress
from tests.fakes.fitting import FITTING, FittingPipeline
from tests.fakes.recipes import Made


class ShirtSeer:
    """``seen`` keeps the categories that were asked for."""

    def __init__(self, digest: str = "ab" * 32) -> None:
        self.digest = digest
        self.seen: list[str] = []

    def analyse(self, picture: Image.Image, mask: Image.Image | None = None, category: str = "auto") -> Garment:
        self.seen.append(category)
        if max(picture.convert("L").getextrema()) < 10:
            raise CategoryUnsupported("This cannot be tried on.")
        width, height = picture.size
        points = {name: (width * (0.2 + 0.04 * n), height / 2) for n, name in enumerate(OF_KIND["upper"])}
        return Garment(
            kind="upper",
            sleeves="short",
            source="flat",
            landmarks=points,
            confidence=0.9,
            mask=Image.new("L", picture.size, 255),
            inside=Image.new("L", picture.size, 0),
            digest=self.digest,
        )


class SeeingPipeline(FittingPipeline):
    """Looks at the garment first, as the built-in one does."""

    def __init__(self) -> None:
        super().__init__()
        self.wardrobe = Wardrobe(ShirtSeer())

    @property
    def seen(self) -> list[str]:
        analyst: Any = self.wardrobe.analyst
        found: list[str] = analyst.seen
        return found

    def analyse(self, picture: Image.Image, mask: Image.Image | None = None, category: str = "auto") -> Garment:
        return self.wardrobe.garment(picture, mask, category)

    def __call__(
        self,
        inputs: Sequence[Mapping[str, Image.Image]],
        params: TryOnParams,
        seeds: Sequence[int],
        progress: Progress | None = None,
    ) -> list[Made]:
        for pictures in inputs:
            self.analyse(pictures["garment"], pictures.get("garment_mask"), params.category)
        return super().__call__(inputs, params, seeds, progress)


pipelines: list[SeeingPipeline] = []  # every one that was loaded, newest last


def load_seeing(folder: Path | None, device: str) -> SeeingPipeline:
    pipelines.append(SeeingPipeline())
    return pipelines[-1]


SEEING = replace(FITTING, load=load_seeing, batch_limit=1)
