"""The cut-out at work: photos in, products on nothing, on white or on a colour out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from PIL import Image, ImageChops

from shop_genai.errors import ImageTooLarge, InvalidInputs, ProductNotFound
from shop_genai.generation.output import Output, Progress
from shop_genai.generation.parameters import Given, one_each
from shop_genai.generation.pictures import Opened, strips, take_apart

from . import edges, framing, shadow
from .params import CutoutParams

if TYPE_CHECKING:
    from shop_genai.generation.segment.masks import ProductMask

Box = tuple[int, int, int, int]  # left, upper, right, lower

LARGEST_OUTPUT = 200_000_000  # pixels; a result is held in memory as one 8-bit picture
# What a network is three quarters sure of is all or nothing: a haze over a white ground, or a hole in the product, is
# worse than a soft edge that became half as wide.
SURELY_NOT, SURELY = 64, 191


class Segmenter(Protocol):
    """What finds the product: the segment pipeline."""

    @property
    def digest(self) -> str: ...

    @property
    def version(self) -> str: ...

    def product_mask(self, picture: Image.Image, mask: Image.Image | None = None) -> ProductMask: ...


def open_pipeline(source: Path | None, device: str, dtype: str) -> CutoutPipeline:
    """Open the segmenter's weights, which are all that a cut-out needs. See `generation.load`."""
    from shop_genai.generation.segment.pipeline import open_pipeline as open_segmenter

    return CutoutPipeline(open_segmenter(source, device, dtype))


class CutoutPipeline:
    """A loaded segmenter, and what turns its masks into pictures."""

    def __init__(self, segmenter: Segmenter) -> None:
        self.segmenter = segmenter
        self.device = str(getattr(segmenter, "device", "cpu"))

    def __call__(
        self,
        inputs: Sequence[Mapping[str, Image.Image]],
        params: Given[CutoutParams] | Sequence[Given[CutoutParams]],
        seeds: Sequence[int],
        progress: Progress | None = None,
    ) -> list[Output]:
        """Cut out the product of each picture.

        Args:
            inputs: one dict per picture: `image`, of any size and mode, and perhaps `mask`, white where the product is.
                An uploaded mask wins over the picture's own transparency, and that over the network.
            params: one for all, or one each.
            seeds: one each. Nothing is drawn at random; seeds are only recorded.
            progress: called after each picture with the share done, rising to 1; may raise to stop.

        Returns:
            Mode RGBA for a transparent background, else RGB. `Output.mask` is 255 where nothing of the photo was kept.

        Raises:
            InvalidParams, InvalidInputs: what was asked cannot be done.
            ProductNotFound: no product is seen.
            ImageTooLarge: the square would exceed `LARGEST_OUTPUT`.
        """
        wanted = one_each("cutout", CutoutParams, params, len(inputs))
        if len(seeds) != len(inputs):
            raise InvalidInputs(f"{len(inputs)} pictures came with {len(seeds)} seeds.", field="seeds")
        for slots in inputs:
            if not {"image"} <= set(slots) <= {"image", "mask"}:
                raise InvalidInputs("cutout takes a picture, “image”, and perhaps its “mask”.", field="image")
        outputs = []
        for slots, asked, seed in zip(inputs, wanted, seeds, strict=True):
            outputs.append(self._cut(slots, asked, seed))
            if progress is not None:
                progress(len(outputs) / len(inputs))
        return outputs

    def _cut(self, slots: Mapping[str, Image.Image], params: CutoutParams, seed: int) -> Output:
        source = take_apart(slots["image"])
        product = self.segmenter.product_mask(_bare(source), slots.get("mask"))
        alpha = _decided(product.mask) if product.source == "network" else product.mask
        box = framing.product_box(alpha)
        if box is None:
            raise ProductNotFound("No product is seen in this picture.", field="image")
        cut_off = framing.cut_off(box, alpha.size)
        frame = framing.original(alpha.size)
        if params.frame == "square":
            frame = framing.square(box, params.margin)
        if frame.size[0] * frame.size[1] > LARGEST_OUTPUT:
            raise ImageTooLarge(
                f"With this margin the picture would have {frame.size[0] * frame.size[1] / 1e6:.0f} megapixels;"
                f" the limit is {LARGEST_OUTPUT / 1e6:.0f}.",
                field="margin",
            )
        # Whoever made a transparent picture has seen to its edges; only what was photographed is mixed with a ground.
        colour = source.colour if product.source == "alpha" else edges.clean(source.colour, alpha)
        colour, alpha = frame.placed(colour), frame.placed(alpha)
        # A product that goes on below the picture stands on nothing that could be seen.
        dark = shadow.contact(alpha) if params.shadow > 0 and "bottom" not in cut_off else None
        image = _composed(colour, alpha, dark, params)
        image.info = {"icc_profile": source.profile} if source.profile else {}
        info = {
            "recipe": "cutout",
            "background": params.background,
            "colour": "#{:02x}{:02x}{:02x}".format(*params.ground) if params.ground else None,
            "shadow": params.shadow if dark is not None else 0.0,
            "frame": params.frame,
            "seed": seed,
            "input_size": list(source.colour.size),
            "kind": product.kind,
            "mask_source": product.source,
            "confidence": round(float(product.confidence), 4),
            "box": list(box),
            "cut_off": cut_off,
            "weights": self.segmenter.digest,
            "weights_version": self.segmenter.version,
            "device": self.device,
        }
        return Output(image, alpha.point(lambda value: 255 - value), info)


def _bare(source: Opened) -> Image.Image:
    """The upright picture with its transparency and no metadata, which would turn it once more."""
    if source.alpha is None and not source.colour.info:
        return source.colour
    bare = source.colour.copy()
    bare.info = {}
    if source.alpha is not None:
        bare.putalpha(source.alpha)
    return bare


def _decided(mask: Image.Image) -> Image.Image:
    """A soft mask whose nearly empty and nearly full parts are quite so; in between it stays a straight line."""
    span = SURELY - SURELY_NOT
    return mask.point([min(255, max(0, round(255 * (value - SURELY_NOT) / span))) for value in range(256)])


def _composed(colour: Image.Image, alpha: Image.Image, dark: Image.Image | None, params: CutoutParams) -> Image.Image:
    """Product over shadow over ground. `colour` may be changed."""
    if params.ground is not None:
        ground = Image.new("RGB", alpha.size, params.ground)
        if dark is not None:
            lit = [_lit(channel, params.shadow) for channel in params.ground]
            ground = Image.merge("RGB", [dark.point(curve) for curve in lit])
        return Image.composite(colour, ground, alpha)
    if dark is not None:
        shade = dark.point([round(params.shadow * value) for value in range(256)])
        cover = ImageChops.screen(alpha, shade)  # what lets neither through: 1 − (1 − α)(1 − s)
        colour = _darkened(colour, alpha, cover, shade.getbbox())
        alpha = cover
    colour.putalpha(alpha)
    return colour


def _lit(ground: int, shadow: float) -> list[int]:
    """Light that is lost → what is left of a channel of the ground."""
    return [round(ground * (1 - shadow * value / 255)) for value in range(256)]


def _darkened(colour: Image.Image, alpha: Image.Image, cover: Image.Image, part: Box | None) -> Image.Image:
    """The product's colours mixed with black that covers it not, as far as there is a shadow: F α / (α + s (1 − α))."""
    if part is None:
        return colour
    for left, top, right, bottom in strips(part[3] - part[1], part[2] - part[0]):
        box = (left + part[0], top + part[1], right + part[0], bottom + part[1])
        product = np.asarray(colour.crop(box), dtype=np.float32)
        own = np.asarray(alpha.crop(box), dtype=np.float32)[..., None]
        whole = np.asarray(cover.crop(box), dtype=np.float32)[..., None]
        mixed = np.where(whole > 0, product * own / np.maximum(whole, 1), product)
        colour.paste(Image.fromarray(np.rint(mixed).astype(np.uint8)), box)
    return colour
