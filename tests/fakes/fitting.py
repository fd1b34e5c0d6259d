"""The recipe “tryon” without torch: the middle of the person's photo takes the garment's colour.

The photo's first corner says what is wrong with it: red for nobody, blue for several people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from shop_genai.errors import MultiplePeople, NoPerson
from shop_genai.generation.tryon.params import TryOnParams
from shop_genai.recipes import Progress, Recipe, Slot
from tests.fakes.recipes import Made
from tests.fakes.variant import middle

DIGEST = "fc" * 32


class FittingPipeline:
    """Dresses people in rectangles. ``calls`` keeps the parameters of each picture."""

    device = "cpu"

    def __init__(self) -> None:
        self.calls: list[TryOnParams] = []

    def __call__(
        self,
        inputs: Sequence[Mapping[str, Image.Image]],
        params: TryOnParams,
        seeds: Sequence[int],
        progress: Progress | None = None,
    ) -> list[Made]:
        return [self._made(pictures, params, seed) for pictures, seed in zip(inputs, seeds, strict=True)]

    def _made(self, pictures: Mapping[str, Image.Image], params: TryOnParams, seed: int) -> Made:
        self.calls.append(params)
        person = pictures["person"].convert("RGB")
        red, green, blue = person.getpixel((0, 0))
        if red > 200 and green < 60 and blue < 60:
            raise NoPerson("Nobody is seen in the photo.")
        if blue > 200 and green < 60 and red < 60:
            raise MultiplePeople("Several people are seen in the photo.")
        mask = Image.new("L", person.size, 0)
        width, height = person.size
        mask.paste(255, (width // 4, height // 3, width - width // 4, height - height // 4))
        dressed = person.copy()
        dressed.paste(middle(pictures["garment"]), mask=mask)
        info: dict[str, Any] = {
            "recipe": "tryon",
            "backend": params.backend,
            "category": params.category,
            "kind": "upper",
            "confidence": 0.8,
            "warnings": ["dark_photo"],
            "seconds": {"person": 0.1, "garment": 0.1, "warp": 0.1, "composer": 0.1, "paste": 0.1},
            "seed": seed,
            "weights": DIGEST,
        }
        return Made(dressed, mask, info)


pipelines: list[FittingPipeline] = []  # every one that was loaded, newest last


def load_fitting(folder: Path | None, device: str) -> FittingPipeline:
    pipelines.append(FittingPipeline())
    return pipelines[-1]


FITTING = Recipe(
    name="tryon",
    label="Try-on",
    slots=(Slot("person"), Slot("garment"), Slot("garment_mask", required=False)),
    params=TryOnParams,
    load=load_fitting,
    digest=lambda folder: DIGEST,
    lane="interactive",
    stands_in=False,
)
