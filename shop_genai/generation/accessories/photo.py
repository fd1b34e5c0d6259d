"""A photo that something is put on, and the marks that this leaves: it changes where a layer covers, nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from shop_genai.generation.segment.classes import number
from shop_genai.generation.segment.refine import refined

from . import strands
from .faces import Face
from .head import Head
from .light import Light
from .solids import Layer

Plane = NDArray[np.floating]
Values = NDArray[np.float64]
Box = tuple[int, int, int, int]  # left, upper, right, lower

OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)  # of the mesh: its outline
HEAD_BOX = (1.3, 1.7, 1.9)  # units beside, above and below the eyes: where hair of this head may be
DECIDED = [min(255, max(0, round(255 * (value / 255 - 0.25) / 0.55))) for value in range(256)]
COARSE = 160  # pixels, the longer side of what the segmenter says of a part
SEEN_AS = {
    "ground": ("background", "product"),
    "hair": ("hair",),
    "skin": ("skin",),
    "cloth": ("upper", "lower", "dress", "shoes", "other"),
}


@dataclass
class Photo:
    """A photo at work; `picture` and `mask` change with each thing that is put on."""

    picture: Image.Image  # RGB, whole; replaced, never changed in place
    classes: Plane  # (K, h, w), of the segmenter
    face: Face
    head: Head
    light: Light
    mask: Image.Image = field(init=False)  # mode L, what was changed
    _hair: tuple[Image.Image, Box] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.picture = self.picture.copy()
        self.picture.info = {}
        self.mask = Image.new("L", self.picture.size)

    def around(self, beside: float, above: float, below: float) -> Box:
        """A box round the eyes, lengths in units, inside the photo."""
        x, y = self.head.origin[:2]
        unit = self.head.unit
        return (
            max(0, int(x - beside * unit)),
            max(0, int(y - above * unit)),
            min(self.picture.width, int(x + beside * unit) + 1),
            min(self.picture.height, int(y + below * unit) + 1),
        )

    def ground(self, box: Box) -> Plane:
        """How far each pixel of a box is neither person nor hair, along the photo's own edges: (h, w), 0..1."""
        wide = _wider(box, self.picture.size)
        coarse = self._seen(wide, _sized(wide, COARSE), ("background",))
        inner = (box[0] - wide[0], box[1] - wide[1], box[2] - wide[0], box[3] - wide[1])
        seen = np.asarray(refined(self.picture.crop(wide), coarse).crop(inner), np.float32) / 255
        return np.minimum(seen, 1 - self.hair(box))

    def hair(self, box: Box) -> Plane:
        """How far hair of this head covers each pixel of a box, as the photo came: (h, w), 0..1."""
        if self._hair is None:
            self._hair = self._hair_of_the_head()
        whole = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        mask, place = self._hair
        whole.paste(mask, (place[0] - box[0], place[1] - box[1]))
        return np.asarray(whole, np.float32) / 255

    def _hair_of_the_head(self) -> tuple[Image.Image, Box]:
        box = self.around(*HEAD_BOX)
        part = self.picture.crop(box)
        size = _sized(box, strands.SIDE)
        seen = {name: self._seen(box, size, SEEN_AS[name]) for name in strands.PARTS}
        rows, columns = np.indices(size[::-1], np.float32)
        scale = (box[2] - box[0]) / size[0]
        x = (columns + 0.5) * scale + box[0] - self.head.origin[0]
        y = (rows + 0.5) * scale + box[1] - self.head.origin[1]
        across = self.head.axes[:2, 0] / np.linalg.norm(self.head.axes[:2, 0])
        u = (x * across[0] + y * across[1]) / self.head.unit
        v = (y * across[0] - x * across[1]) / self.head.unit
        coarse = strands.hair_of(part.resize(size, Image.Resampling.BOX), seen, u, v)
        # A haze of doubt would be seen as a halo of colour.
        return refined(part, coarse).point(DECIDED), box

    def _seen(self, box: Box, size: tuple[int, int], names: tuple[str, ...]) -> Plane:
        """The segmenter's probability of some classes in a box, at that size."""
        across, down = self.classes.shape[2] / self.picture.width, self.classes.shape[1] / self.picture.height
        planes = self.classes[[number(name) for name in names]].sum(axis=0)
        source = (box[0] * across, box[1] * down, box[2] * across, box[3] * down)
        plane = Image.fromarray(np.asarray(planes, np.float32))
        return np.asarray(plane.resize(size, Image.Resampling.BILINEAR, box=source))

    def oval(self, box: Box) -> Plane:
        """How far the face covers each pixel of a box, 0..1."""
        canvas = Image.new("L", ((box[2] - box[0]) * 2, (box[3] - box[1]) * 2))
        outline = (self.face.points[list(OVAL), :2] - box[:2]) * 2
        ImageDraw.Draw(canvas).polygon([tuple(point) for point in outline.tolist()], fill=255)
        return np.asarray(canvas.reduce(2), np.float32) / 255

    def lay(self, layer: Layer) -> None:
        """Put a layer over the photo."""
        cover = layer.cover[..., None]
        self.change(layer.box, lambda pixels: pixels + cover * (layer.colour - pixels))

    def shade(self, box: Box, dark: Plane) -> None:
        """Take that share of the light away, (h, w) in 0..1, as far as it would be noticed."""
        keep = (1 - np.where(dark > 0.01, dark, 0))[..., None]
        self.change(box, lambda pixels: pixels * keep)

    def tint(self, box: Box, cover: Plane, new: Callable[[Values, Plane], Values]) -> None:
        """Replace the pixels of a box that a plane covers: `new` gets them, (n, 3), and how far each is covered."""
        there = cover > 0

        def changed(pixels: NDArray[np.float32]) -> NDArray[np.floating]:
            made = pixels.astype(np.float64)
            made[there] = new(made[there], cover[there])
            return made

        self.change(box, changed)

    def change(self, box: Box, new: Callable[[NDArray[np.float32]], NDArray[np.floating]]) -> None:
        """Replace the pixels of a box; those that come out the same count as untouched."""
        old = np.asarray(self.picture.crop(box))
        made = np.rint(np.clip(new(old.astype(np.float32)), 0, 255)).astype(np.uint8)
        self.picture.paste(Image.fromarray(made), box[:2])
        changed = np.any(made != old, axis=2) | (np.asarray(self.mask.crop(box)) > 0)
        self.mask.paste(Image.fromarray(changed.astype(np.uint8) * 255), box[:2])


def blurred(plane: Plane, pixels: float) -> Plane:
    """A plane, softened."""
    image = Image.fromarray(np.rint(np.clip(plane, 0, 1) * 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(pixels)), np.float32) / 255


def moved(plane: Plane, across: int, down: int) -> Plane:
    """A plane, pushed by whole pixels; what comes in from outside is 0."""
    height, width = plane.shape
    result = np.zeros_like(plane)
    result[max(0, down) : height + min(0, down), max(0, across) : width + min(0, across)] = plane[
        max(0, -down) : height - max(0, down), max(0, -across) : width - max(0, across)
    ]
    return result


def _sized(box: Box, longer: int) -> tuple[int, int]:
    """The size of a box, reduced so that its longer side has that many pixels."""
    width, height = box[2] - box[0], box[3] - box[1]
    scale = min(1.0, longer / max(width, height))
    return max(2, round(width * scale)), max(2, round(height * scale))


def _wider(box: Box, size: tuple[int, int]) -> Box:
    """A box with room around it, so that its edges are not those of what is fitted."""
    margin = max(16, (box[2] - box[0]) // 8)
    return (
        max(0, box[0] - margin),
        max(0, box[1] - margin),
        min(size[0], box[2] + margin),
        min(size[1], box[3] + margin),
    )
