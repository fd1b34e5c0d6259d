"""The preset with a white ground: the cut-out's work, asked for by the enhancer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from shop_genai.errors import ProductNotFound
from shop_genai.generation.cutout.pipeline import CutoutPipeline
from shop_genai.generation.enhance import ground
from shop_genai.generation.enhance.pipeline import EnhancePipeline
from tests.generation.cutout.conftest import Finder, ellipse, photo


class Scaled(Finder):
    """Finds the same product at every size."""

    def product_mask(self, picture: Image.Image, mask: Image.Image | None = None) -> Any:
        self.mask = self.mask.resize(picture.size)
        return super().product_mask(picture, mask)


@pytest.fixture
def opened(tiny: EnhancePipeline, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the pipelines that were opened; the cut-out is one with a stand-in for the segmenter."""
    names: list[str] = []

    def load(name: str, device: str) -> CutoutPipeline:
        names.append(name)
        return CutoutPipeline(Scaled(ellipse()))

    monkeypatch.setattr(ground, "load", load)
    tiny.on_white = ground.OnWhite(tiny.device)
    return names


def test_the_product_is_enhanced_and_put_on_white(tiny: EnhancePipeline, opened: list[str]) -> None:
    pictures = [{"image": photo(ellipse())}] * 2
    outputs = tiny(pictures, {"preset": "marketplace_white"}, [4, 5])
    assert opened == ["cutout"]
    for output, seed in zip(outputs, (4, 5), strict=True):
        assert output.image.size == (800, 800)
        assert (np.asarray(output.image)[np.asarray(output.mask) == 255] == 255).all()
        assert "on_white" in [reason["code"] for reason in output.info["decision"]["reasons"]]
        assert output.info["recipe"] == "enhance"
        assert output.info["seed"] == seed
        assert output.info["mask_source"] == "network"
        assert output.info["segment_weights"] == "d" * 64
        assert output.info["weights"] == tiny.digest


def test_a_picture_that_needs_nothing_else_is_put_on_white_too(tiny: EnhancePipeline, opened: list[str]) -> None:
    picture = Image.new("RGB", (2000, 1500), (250, 250, 250))
    (output,) = tiny([{"image": picture}], {"preset": "marketplace_white"}, [0])
    codes = [reason["code"] for reason in output.info["decision"]["reasons"]]
    assert codes == ["large_enough", "already_good", "on_white"]
    assert output.image.getpixel((0, 0)) == (255, 255, 255)
    assert output.image.getpixel((1000, 750)) == (250, 250, 250)


def test_other_presets_open_no_segmenter(tiny: EnhancePipeline, opened: list[str]) -> None:
    tiny([{"image": photo(ellipse())}], {"preset": "marketplace"}, [0])
    assert opened == []


def test_no_product_is_a_refusal_not_a_picture_without_one(
    tiny: EnhancePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ground, "load", lambda name, device: CutoutPipeline(Scaled(Image.new("L", (9, 9)))))
    tiny.on_white = ground.OnWhite(tiny.device)
    with pytest.raises(ProductNotFound):
        tiny([{"image": photo(ellipse())}], {"preset": "marketplace_white"}, [0])
