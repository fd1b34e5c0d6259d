"""A product drawn on a ground, with the mask that a segmenter would find."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from PIL import Image, ImageDraw

from shop_genai.generation.cutout.pipeline import CutoutPipeline
from shop_genai.generation.segment.masks import ProductMask

GROUND = (40, 160, 60)
PRODUCT = (200, 30, 30)
BOX = (60, 40, 140, 160)  # left, upper, right, lower edge of the drawn product


def ellipse(size: tuple[int, int] = (200, 200), box: tuple[int, int, int, int] = BOX) -> Image.Image:
    """A soft-edged mask: an ellipse, drawn large and shrunk."""
    large = Image.new("L", (4 * size[0], 4 * size[1]))
    ImageDraw.Draw(large).ellipse([4 * value for value in box], fill=255)
    return large.resize(size, Image.Resampling.BOX)


def photo(mask: Image.Image) -> Image.Image:
    """A product of one colour before a ground of another, mixed at the edge as a camera does."""
    return Image.composite(Image.new("RGB", mask.size, PRODUCT), Image.new("RGB", mask.size, GROUND), mask)


@dataclass
class Finder:
    """Stands in for the segmenter: finds what it is told."""

    mask: Image.Image
    source: str = "network"
    digest: str = "d" * 64
    version: str = "test"
    asked: list[tuple[Image.Image, Image.Image | None]] = field(default_factory=list)

    def product_mask(self, picture: Image.Image, mask: Image.Image | None = None) -> ProductMask:
        self.asked.append((picture, mask))
        return ProductMask(mask=self.mask, source=self.source, kind="product", confidence=0.875)


@pytest.fixture
def finder() -> Finder:
    return Finder(ellipse())


@pytest.fixture
def pipeline(finder: Finder) -> CutoutPipeline:
    return CutoutPipeline(finder)
