"""The smallest segmentation, and pictures whose every pixel is known."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from shop_genai.generation import weights
from shop_genai.generation.segment.classes import CLASSES, bits, number
from shop_genai.generation.segment.labelled import Labelled
from shop_genai.generation.segment.network import SegmentConfig, SegmentNetwork
from shop_genai.generation.segment.pipeline import SegmentPipeline

TINY = SegmentConfig(side=32, widths=(16, 16, 24))


def shirt(width: int = 48, height: int = 40, worn: bool = False) -> Labelled:
    """A red thing on grey; or, worn, a red garment under a head."""
    pixels = np.full((height, width, 3), 200, np.uint8)
    possible = np.full((height, width), bits(["background"]), np.uint16)
    sold = np.zeros((height, width), np.uint8)
    top, left = height // 3, width // 4
    pixels[top:-4, left:-left] = (190, 30, 40)
    possible[top:-4, left:-left] = bits(["upper" if worn else "product"])
    sold[top:-4, left:-left] = 1
    if worn:
        pixels[4:top, width // 2 - 4 : width // 2 + 4] = (200, 150, 120)
        possible[4:top, width // 2 - 4 : width // 2 + 4] = bits(["hair", "skin"])
    matte = np.where(possible == bits(["background"]), 0, 255).astype(np.uint8)
    return Labelled(Image.fromarray(pixels), possible=possible, sold=sold, matte=matte)


class Painter(torch.nn.Module):
    """Stands in for the network: red is the product (worn: an upper garment), skin colour is skin, grey is ground."""

    def __init__(self, worn: bool = False, certainty: float = 9.0) -> None:
        super().__init__()
        self.config = TINY
        self.worn = worn
        self.certainty = certainty

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        red, green = picture[:, 0], picture[:, 1]
        cloth, skin = (red - green > 0.4).float(), ((red - green > 0.1) & (red - green <= 0.4)).float()
        logits = torch.zeros(len(picture), len(CLASSES) + 1, *picture.shape[2:])
        logits[:, number("upper" if self.worn else "product")] = cloth
        logits[:, number("skin")] = skin
        logits[:, 0] = 1 - cloth - skin
        logits[:, -1] = cloth - 0.5
        return logits * self.certainty


def painter(worn: bool = False, certainty: float = 9.0) -> SegmentPipeline:
    """A pipeline that sees colours instead of having learned."""
    network: SegmentNetwork = Painter(worn, certainty)  # type: ignore[assignment]  # stands in for it
    return SegmentPipeline(network, torch.device("cpu"), torch.float32, "digest", "test")


def write_weights(folder: Path) -> Path:
    """Random weights, written as real ones are."""
    torch.manual_seed(0)
    content = {"kind": "segment", "version": "test", "promoted": True, "network": asdict(TINY)}
    weights.write(folder, content, {"segment": SegmentNetwork(TINY).state_dict()})
    return folder
