"""A landmark network that says what it is told, and a shirt whose every pixel is known."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from PIL import Image, ImageDraw

from shop_genai.generation.tryon.landmark_network import CLASSES, FOLD, LandmarkConfig, LandmarkNetwork, Read, square
from shop_genai.generation.tryon.landmarks import SLEEVES, Point, mirrored

WIDTH, HEIGHT = 160, 200
SHIRT: dict[str, Point] = {
    "neck_left": (100.0, 30.0),
    "neck_right": (60.0, 30.0),
    "neck_front": (80.0, 58.0),
    "shoulder_left": (120.0, 36.0),
    "shoulder_right": (40.0, 36.0),
    "cuff_outer_left": (150.0, 70.0),
    "cuff_outer_right": (10.0, 70.0),
    "cuff_inner_left": (132.0, 86.0),
    "cuff_inner_right": (28.0, 86.0),
    "armpit_left": (118.0, 78.0),
    "armpit_right": (42.0, 78.0),
    "hem_left": (120.0, 180.0),
    "hem_right": (40.0, 180.0),
}
OUTLINE = ("neck_left", "shoulder_left", "cuff_outer_left", "cuff_inner_left", "armpit_left", "hem_left")
RED, LINING, GROUND = (190, 30, 40), (110, 10, 30), (200, 200, 200)


def shirt() -> tuple[Image.Image, Image.Image, Image.Image]:
    """Its picture, its mask, and its inner side as it really is: between neck line and a straight back."""
    picture, mask, inside = (Image.new(mode, (WIDTH, HEIGHT)) for mode in ("RGB", "L", "L"))
    outline = [SHIRT[name] for name in OUTLINE]
    outline += [SHIRT[mirrored(name)] for name in reversed(OUTLINE)]
    opening = [SHIRT[name] for name in ("neck_left", "neck_front", "neck_right")]
    picture.paste(GROUND, (0, 0, WIDTH, HEIGHT))
    for image, fill in ((picture, RED), (mask, 255)):
        ImageDraw.Draw(image).polygon(outline, fill=fill)
    for image, fill in ((picture, LINING), (inside, 255)):
        ImageDraw.Draw(image).polygon(opening, fill=fill)
    return picture, mask, inside


class Telling(LandmarkNetwork):
    """Says that these landmarks are where they are told, in the square around the shirt's mask.

    Args:
        points: in the picture's pixels.
        kind, sleeves: what it is sure of.
        certainty: logit of the kind, the others' being 0.
        off: cells by which every landmark is misplaced to the right.
    """

    def __init__(
        self,
        points: Mapping[str, Point] = SHIRT,
        kind: str = "upper",
        sleeves: str = "short",
        off: float = 0.0,
        certainty: float = 6.0,
    ) -> None:
        super().__init__(LandmarkConfig(side=64, widths=(8, 8)))
        self.points, self.kind, self.sleeves, self.off, self.certainty = points, kind, sleeves, off, certainty

    def forward(self, x: torch.Tensor) -> Read:
        cells = self.config.cells
        left, upper, right, _ = square(shirt()[1])
        scale = self.config.side / (right - left) / FOLD
        rows, columns = torch.meshgrid(torch.arange(cells) + 0.5, torch.arange(cells) + 0.5, indexing="ij")
        maps = torch.full((2, len(self.config.names), cells, cells), -9.0)
        for name, (px, py) in self.points.items():
            u, v = (px - left) * scale + self.off, (py - upper) * scale
            maps[0, self.config.names.index(name)] = -((columns - u) ** 2 + (rows - v) ** 2)
            maps[1, self.config.names.index(mirrored(name))] = -((columns - (cells - u)) ** 2 + (rows - v) ** 2)
        deep = (SHIRT["neck_front"][1] - upper) * scale
        middle = (columns - cells / 2).abs() < 20 * scale * (deep - rows) / (28 * scale) + 0.5
        inside = torch.where((rows < deep) & middle & (x[0, 0, ::FOLD, ::FOLD] > 0), 3.0, -3.0)
        classes = torch.tensor([self.certainty * (name == self.kind) for name in CLASSES]).expand(2, -1)
        sleeves = torch.tensor([6.0 * (name == self.sleeves) for name in SLEEVES]).expand(2, -1)
        return Read(maps, torch.stack([inside, inside.flip(1)]), classes, sleeves, torch.tensor([-3.0, -3.0]))
