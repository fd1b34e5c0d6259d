"""People who wear what is sold, as the try-on is measured on them, and the pictures that the garment is taken from.

Everything that is drawn at random depends on the shot's name only, so two runs see the same pictures.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from shop_genai.generation.segment.grounds import ground
from shop_genai.generation.tryon.landmarks import Kind
from shop_genai.training.packs import open_rgb, read_pack
from shop_genai.training.tryon import grouped, kind_of, open_mask

OWN, OTHER = "own ground", "other ground"
TABLE = (232, 230, 226)  # what a garment is laid on
BEND = 0.012  # of the picture's height: standard deviation of the bends' nodes
NODES = 4  # of the bends, along each side
TURN = 6.0  # degrees, standard deviation
GROWTH = 0.08  # standard deviation of the logarithm of the scale


@dataclass(frozen=True)
class Shot:
    """One photo of somebody, in all its colourways."""

    name: str
    kind: Kind
    pictures: tuple[Image.Image, ...]  # RGB
    person: Image.Image  # mode L
    garment: Image.Image | None  # mode L: what is sold; None: nobody drew it

    @property
    def inside(self) -> NDArray[np.bool_]:
        """(H, W): where the garment is.

        Raises:
            ValueError: nobody drew it.
        """
        if self.garment is None:
            raise ValueError(f"{self.name} has no mask of its garment")
        return np.asarray(self.garment) > 127

    def rng(self, purpose: str) -> np.random.Generator:
        """Random numbers that depend on the shot and the purpose only."""
        return np.random.default_rng([zlib.crc32(self.name.encode()), zlib.crc32(purpose.encode())])

    def before(self, where: str) -> tuple[Image.Image, ...]:
        """The pictures on their own ground, or all before one other, in one other light."""
        if where == OWN:
            return self.pictures
        rng = self.rng("ground")
        under = ground((self.person.height, self.person.width), [], rng)
        gain = np.exp(rng.normal(-0.05, 0.1)) * np.exp(rng.normal(0, 0.03, 3))
        # The mask's edge holds some of the studio's white.
        edge = self.person.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.GaussianBlur(0.6))
        alpha = np.asarray(edge, np.float32)[:, :, None] / 255
        mixed = (np.asarray(picture, np.float32) * gain * alpha + under * (1 - alpha) for picture in self.pictures)
        return tuple(Image.fromarray(values.round().clip(0, 255).astype(np.uint8)) for values in mixed)


def read_shots(data: Path, split: str) -> list[Shot]:
    """The shots of a pack from the front, in the manifest's order.

    Raises:
        FileNotFoundError: no pack, or nobody in that split.
    """
    found = []
    for entries in grouped(read_pack(data, split)).values():
        first = entries[0]
        garment = open_mask(first, "garment_mask") if first.facts.get("garment_mask") else None
        pictures = tuple(open_rgb(entry.path) for entry in entries)
        found.append(Shot(first.path.stem, kind_of(first), pictures, open_mask(first, "person_mask"), garment))
    if not found:
        raise FileNotFoundError(f"{data} has no pictures of people in the split {split!r}")
    return found


def reshaped(pictures: Sequence[Image.Image], rng: np.random.Generator, fill: int = 255) -> list[Image.Image]:
    """Pictures of one size, all turned, scaled and smoothly bent in the same way; what was outside is `fill`."""
    width, height = pictures[0].size
    nodes = torch.from_numpy(rng.normal(0, 2 * BEND, (1, 2, NODES, NODES)).astype(np.float32))
    bends = F.interpolate(nodes, size=(height, width), mode="bicubic", align_corners=True)[0].permute(1, 2, 0)
    turn, scale = np.radians(rng.normal(0, TURN)), float(np.exp(rng.normal(0, GROWTH)))
    across, down = np.cos(turn) / scale, np.sin(turn) / scale
    # Places run from -1 to 1 along both sides, whichever is longer.
    matrix = torch.tensor(
        [[[across, down * height / width, 0], [-down * width / height, across, 0]]], dtype=torch.float32
    )
    places = F.affine_grid(matrix, [1, 1, height, width], align_corners=False)
    places = places + bends[None] * torch.tensor([height / width, 1.0])
    found = []
    for picture in pictures:
        pixels = torch.from_numpy(np.array(picture, np.float32)) - fill
        planes = pixels[None, None] if pixels.ndim == 2 else pixels.permute(2, 0, 1)[None]
        moved = F.grid_sample(planes, places, mode="bicubic", align_corners=False)[0] + fill
        values = moved.clamp(0, 255).round().byte().permute(1, 2, 0).numpy()
        found.append(Image.fromarray(values[:, :, 0] if pixels.ndim == 2 else values))
    return found


def worn_source(shot: Shot, picture: Image.Image) -> Image.Image:
    """The garment as a shop's photo of a model shows it: the same photo, reshaped."""
    return reshaped([picture], shot.rng("worn"))[0]


def laid_source(shot: Shot, picture: Image.Image) -> Image.Image:
    """The garment alone: cut out, reshaped, on a table.

    Raises:
        ValueError: nobody drew its mask.
    """
    if shot.garment is None:
        raise ValueError(f"{shot.name} has no mask of its garment")
    cut = Image.composite(picture, Image.new("RGB", picture.size, TABLE), shot.garment)
    colours, mask = reshaped([cut], shot.rng("laid"))[0], reshaped([shot.garment], shot.rng("laid"), 0)[0]
    soft = mask.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.GaussianBlur(0.7))
    return Image.composite(colours, Image.new("RGB", picture.size, TABLE), soft)
