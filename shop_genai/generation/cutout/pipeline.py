"""The cut-out at work: photos in, products on nothing, on white or on a colour out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shop_genai.errors import ImageTooLarge, InvalidInputs, ProductNotFound
from shop_genai.generation.output import Output, Progress
from shop_genai.generation.parameters import Given, one_each
from shop_genai.generation.pictures import Opened, strips, take_apart

from . import edges, framing, shadow
from .params import CutoutParams

if TYPE_CHECKING:
    from shop_genai.generation.segment.masks import ProductMask

LARGEST_OUTPUT = 200_000_000  # pixels; a result is held in memory as one 8-bit picture
# What a network is this sure of is all or nothing: a haze of 2 % over a white ground would be seen.
SURELY_NOT, SURELY = 8, 247


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
    """Product over shadow over ground, strip by strip. `colour` may be changed."""
    if params.ground is None and dark is None:
        colour.putalpha(alpha)
        return colour
    result = Image.new("RGBA" if params.ground is None else "RGB", alpha.size)
    for box in strips(*reversed(alpha.size)):
        product = np.asarray(colour.crop(box), dtype=np.float32)
        cover = np.asarray(alpha.crop(box), dtype=np.float32)[..., None] / np.float32(255)
        shade = np.zeros_like(cover)
        if dark is not None:
            shade = np.asarray(dark.crop(box), dtype=np.float32)[..., None] * np.float32(params.shadow / 255)
        if params.ground is None:
            # A shadow is black that covers in part; the colours stay what they are before they are mixed with it.
            whole = cover + shade * (1 - cover)
            mixed = np.where(whole > 0, product * cover / np.maximum(whole, 1e-6), product)
            pixels = np.concatenate([mixed, 255 * whole], axis=2)
        else:
            ground = np.array(params.ground, np.float32)
            pixels = product * cover + ground * (1 - shade) * (1 - cover)
        result.paste(Image.fromarray(_rounded(pixels)), box)
    return result


def _rounded(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
