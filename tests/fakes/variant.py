"""The recipe “variant” without torch: a look is the mean colour of a picture, a variant is a picture of one colour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from shop_genai import review, variants
from shop_genai.generation.variant import colours, looks
from shop_genai.generation.variant.params import VariantParams
from shop_genai.models import GeneratedImage, ProductImage
from shop_genai.recipes import Progress, Recipe, Slot
from tests.fakes.recipes import Made

DIGEST = "fa" * 32
PALETTE = {
    "red": (210, 70, 70),
    "blue": (70, 70, 210),
    "mustard": (200, 160, 50),
    "navy": (20, 30, 80),
    "teal": (20, 120, 120),
    "white": (240, 240, 240),
    "grey": (128, 128, 128),
}
RGB = tuple[int, int, int]


class VariantPipeline:
    """Paints pictures in one colour, and sees as many looks as there are colours."""

    device = "cpu"

    def __call__(
        self,
        inputs: Sequence[Mapping[str, Image.Image]],
        params: VariantParams,
        seeds: Sequence[int],
        progress: Progress | None = None,
    ) -> list[Made]:
        return [self._made(pictures["image"], params, seed) for pictures, seed in zip(inputs, seeds, strict=True)]

    def looks(self, pictures: Sequence[Image.Image], masks: Any = None) -> list[looks.Look | None]:
        return [look_of(middle(picture)) for picture in pictures]

    def _made(self, picture: Image.Image, params: VariantParams, seed: int) -> Made:
        colour = wanted(params, seed)
        look = look_of(colour)
        info = {
            "look": looks.pack(look.vector),
            "colour": look.colour,
            "colour_hex": colours.to_hex(colour),
            "preview": look.colour not in params.in_stock.names,
            "target": params.target,
            "strength": params.strength,
            "kind": "product",
            "weights": DIGEST,
        }
        return Made(Image.new("RGB", picture.size, colour), info=info)


def middle(picture: Image.Image) -> RGB:
    """The mean colour of the picture's middle, where a product lies."""
    width, height = picture.size
    box = (width // 3, height // 3, width - width // 3, height - height // 3)
    red, green, blue = picture.convert("RGB").crop(box).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return red, green, blue


def wanted(params: VariantParams, seed: int) -> RGB:
    """The colour that the parameters ask for."""
    if params.target == "look":
        red, green, blue = (min(255, max(0, round((value + 1) * 127.5))) for value in looks.unpack(params.look)[:3])
        return red, green, blue
    if params.target == "colour":
        return PALETTE[params.colour] if params.colour in PALETTE else colours.from_hex(params.colour)
    return list(PALETTE.values())[(seed + params.number) % len(PALETTE)]


def look_of(colour: RGB) -> looks.Look:
    """The look of one colour: three numbers from -1 to 1, and the name of the nearest colour that this fake knows."""
    name = min(PALETTE, key=lambda known: sum((a - b) ** 2 for a, b in zip(PALETTE[known], colour, strict=True)))
    return looks.Look(tuple(value / 127.5 - 1 for value in colour), name, (50.0, 0.0, 0.0), DIGEST)


def load_variant(folder: Path | None, device: str) -> VariantPipeline:
    return VariantPipeline()


VARIANT = Recipe(
    name="variant",
    label="Variant",
    slots=(Slot("image"), Slot("mask", required=False), Slot("appearance", required=False)),
    params=VariantParams,
    load=load_variant,
    digest=lambda folder: DIGEST,
)


def queued_variant(image: ProductImage, drain: Callable[..., Any], colour: str, staff: Any) -> GeneratedImage:
    """An approved variant in one colour, made through the real queue: a preview unless the product comes in it."""
    [made] = variants.submit([image], target="colour", colours=(colour,), owner=staff)
    drain()
    return review.approve(GeneratedImage.objects.get(job=made.job), staff)
