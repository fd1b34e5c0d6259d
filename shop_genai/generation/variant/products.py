"""From a picture to a product that the networks can look at: found, framed, and its mean colour known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from shop_genai.errors import ProductNotFound
from shop_genai.generation import tensors
from shop_genai.generation.pictures import take_apart, upright
from shop_genai.generation.segment.masks import ProductMask, from_alpha, from_upload

from .crop import Box, framed
from .regions import mean_lab


class Finder(Protocol):
    """What finds products: `segment.pipeline.SegmentPipeline`."""

    def product_mask(self, picture: Image.Image) -> ProductMask: ...


@dataclass(frozen=True)
class Framed:
    """A product in a picture."""

    found: ProductMask  # of the whole upright picture
    box: Box  # of the picture, which the squares show
    square: Image.Image  # RGB
    square_mask: Image.Image  # L

    def encodable(self, device: torch.device) -> tuple[Tensor, Tensor]:
        """Picture (1, 3, S, S) and mask (1, 1, S, S) in [0, 1]."""
        mask: NDArray[np.uint8] = np.array(self.square_mask)
        square = tensors.to_tensor(np.asarray(self.square), device)
        return square, torch.from_numpy(mask).to(device)[None, None].float().div(255)

    def mean(self) -> tuple[float, float, float]:
        """The product's mean colour, CIELAB."""
        light, green_red, blue_yellow = mean_lab(self.square, self.square_mask).tolist()
        return light, green_red, blue_yellow


class Products:
    """Finds products.

    Args:
        side: of the squares, pixels.
        device: of the segmenter.
        finder: None: the packaged segmenter, opened when a picture comes without a mask.
    """

    def __init__(self, side: int, device: torch.device, finder: Finder | None = None) -> None:
        self.side = side
        self.device = device
        self._finder = finder

    def find(self, picture: Image.Image, mask: Image.Image | None = None) -> Framed:
        """The product of a picture. A given mask wins over the picture's own transparency, and that over the network.

        Raises:
            ProductNotFound: none is seen, or the mask is empty.
        """
        turned = upright(picture)
        given = from_alpha(turned) if mask is None else from_upload(upright(mask), turned.size)
        found = given or self.segmenter.product_mask(turned)
        try:
            square, square_mask, box = framed(take_apart(turned, bleed=False).colour, found.mask, self.side)
        except ValueError as error:
            raise ProductNotFound("No product is seen in the picture.", field="image") from error
        return Framed(found, box, square, square_mask)

    @cached_property
    def segmenter(self) -> Finder:
        """Opened only now: where masks are given, nothing has to be found."""
        if self._finder is not None:
            return self._finder
        from shop_genai.generation import load

        opened: Finder = load("segment", device=str(self.device))
        return opened
