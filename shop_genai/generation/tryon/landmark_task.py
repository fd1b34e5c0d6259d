"""How landmarks are learned: on drawn garments, whose landmarks are known, and on photos, of which only the kind is.

A drawn garment is given the light and dark of a real piece of cloth, cut from a photo of the batch. Photos themselves
teach what drawings cannot: which of them show a shirt with long sleeves, and which show shoes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from torch import Tensor, nn

from shop_genai.generation.example import Example

from .landmark_network import CLASSES, FOLD, OTHER, LandmarkConfig, LandmarkNetwork, Read, places, seen
from .landmarks import OF_KIND, SLEEVES
from .silhouettes import Drawn, Silhouette, silhouette

Batch = dict[str, Any]
Values = NDArray[np.float32]
UNKNOWN = -1  # a class, or a plane, of which nothing is known
ROOM = 1.25  # a photo's garment is kept in a square so much larger than what the network sees, to be turned in


@dataclass(frozen=True, kw_only=True)
class Shown(Example):
    """A garment or a thing shown alone. `picture` is its luma and `mask` where it is, cropped to one square, mode L."""

    mask: Image.Image
    kind: str = ""  # of `CLASSES`; "": nobody says
    sleeves: str = ""  # of `SLEEVES`; "": nobody says
    opens: bool | None = None  # whether it opens in front all the way


@dataclass(frozen=True)
class LandmarkSampler:
    """Makes a batch: `seen` (N, 3, side, side), `points` (N, K, 2) in cells or NaN, `inside` (N, cells, cells) or -1,
    and numbers of classes, -1 where unknown."""

    network: LandmarkConfig = field(default_factory=LandmarkConfig)
    photos: float = 0.3  # share of rows that are photos
    things: float = 0.6  # and of photos of what is no garment
    closer: bool = False  # only drawn garments, and of those only the opening for the neck

    def __call__(self, examples: Sequence[Example], rng: np.random.Generator) -> Batch:
        rows = [self._row(example, rng) for example in examples]
        return {name: np.stack([row[name] for row in rows]) for name in rows[0]}

    def _row(self, example: Example, rng: np.random.Generator) -> dict[str, Any]:
        told = isinstance(example, Shown) and bool(example.kind) and not self.closer
        if (
            isinstance(example, Shown)
            and told
            and rng.random() < (self.things if example.kind == OTHER else self.photos)
        ):
            return self._photo(example, rng)
        cloth = None
        if isinstance(example, Shown) and rng.random() < 0.85:
            cloth = _cloth(example, self.network.side, rng, 0.4 if self.closer else 1.0)
        return drawn_row(self.drawn(rng, cloth), self.network)

    def drawn(self, rng: np.random.Generator, cloth: Values | None = None) -> Silhouette:
        """A drawn garment as this sampler's network is to see it."""
        kind: Drawn | None = None
        if self.closer:
            kind = "upper" if rng.random() < 0.8 else "dress"
        return silhouette(rng, self.network.side, cloth, kind, closer=self.closer)

    def _photo(self, example: Shown, rng: np.random.Generator) -> dict[str, Any]:
        """A real garment, turned, mirrored and resized."""
        side, room = self.network.side, example.mask.width
        turn = np.radians(rng.normal(0, 6) if rng.random() < 0.7 else rng.uniform(-30, 30))
        scale = room / side / ROOM * np.exp(rng.normal(0, 0.06))
        flip = rng.choice([-1.0, 1.0])
        matrix = scale * np.array([[flip * np.cos(turn), -np.sin(turn)], [flip * np.sin(turn), np.cos(turn)]])
        shift = room / 2 - matrix @ np.full(2, side / 2) + rng.normal(0, 0.015, 2) * room
        data = (*matrix[0], shift[0], *matrix[1], shift[1])

        def view(plane: Image.Image) -> Values:
            moved = plane.transform((side, side), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)
            return np.asarray(moved, np.float32) / np.float32(255)

        mask, luma = view(_rough(example.mask, rng)), view(example.picture)
        luma = np.clip(luma ** np.float32(np.exp(rng.normal(0, 0.25))) * rng.uniform(0.6, 1.4), 0, 1)
        cells = self.network.cells
        return {
            "seen": seen(mask, luma.astype(np.float32)),
            "points": np.full((len(self.network.names), 2), np.nan, np.float32),
            "inside": np.full((cells, cells), UNKNOWN, np.float32),
            "kind": np.int64(CLASSES.index(example.kind)),
            "sleeves": np.int64(SLEEVES.index(example.sleeves) if example.sleeves in SLEEVES else UNKNOWN),
            "opens": np.float32(UNKNOWN if example.opens is None else example.opens),
        }


def drawn_row(shape: Silhouette, config: LandmarkConfig) -> dict[str, Any]:
    """A drawn garment as one row of a batch."""
    points = np.full((len(config.names), 2), np.nan, np.float32)
    shown = {name: place for name, place in shape.landmarks.items() if name in config.names}
    for name, place in shown.items():
        points[config.names.index(name)] = np.asarray(place) / FOLD
    cells = config.cells
    clothes = shape.kind in OF_KIND
    sleeved = shape.kind in ("upper", "dress")
    return {
        "seen": seen(shape.mask, shape.luma),
        "points": points,
        "inside": shape.inside.reshape(cells, FOLD, cells, FOLD).mean(axis=(1, 3))
        if clothes
        else np.zeros((cells, cells), np.float32),
        "kind": np.int64(CLASSES.index(shape.kind)),
        "sleeves": np.int64(SLEEVES.index(shape.sleeves) if sleeved else UNKNOWN),
        "opens": np.float32(UNKNOWN if shape.open_front is None or not sleeved else shape.open_front),
    }


@dataclass(frozen=True)
class LandmarkTaskConfig:
    """Everything that decides what is learned."""

    network: LandmarkConfig = field(default_factory=LandmarkConfig)
    sampler: LandmarkSampler = field(default_factory=LandmarkSampler)
    spot: float = 1.0  # cells: standard deviation of the spot that a map is to show
    place_weight: float = 0.3  # of the distance between the map's mean and the landmark, per cell
    inside_weight: float = 2.0
    class_weight: float = 0.5


class LandmarkTask:
    """The network and its backward pass; there is no discriminator."""

    name = "landmarks"

    def __init__(self, config: LandmarkTaskConfig, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.sampler = config.sampler
        self.generator: nn.Module = LandmarkNetwork(config.network).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs lack this form
        self.discriminator: nn.Module | None = None

    def forward(self, batch: Batch, steady: nn.Module, progress: float) -> None:
        """Look at all rows."""
        self.batch = {name: torch.from_numpy(np.asarray(values)).to(self.device) for name, values in batch.items()}
        given = self.batch["seen"].to(memory_format=torch.channels_last)
        self.read = Read(*(part.float() for part in self.generator(given)))

    def backward_D(self) -> dict[str, Tensor]:
        """There is nothing to tell real from made."""
        raise RuntimeError("the landmark network has no discriminator to train")

    def backward_G(self) -> dict[str, Tensor]:
        """The maps are to show spots where the landmarks are; the rest are plain classifications."""
        parts = losses(self.read, self.batch, self.config)
        torch.autograd.backward(torch.stack(list(parts.values())).sum())
        return {name: value.detach() for name, value in parts.items()}

    @torch.no_grad()
    def measure(self, generator: nn.Module, examples: Sequence[Example]) -> dict[str, float]:
        """Figures on photos that say what they show: shares that are right, of 1."""
        told = [example for example in examples if isinstance(example, Shown) and example.kind]
        right: dict[str, list[bool]] = {"kind": [], "sleeves": [], "opens": []}
        generator.eval()
        for example in told:
            view = self._plain(example)
            read = generator(torch.from_numpy(view[None]).to(self.device))
            right["kind"].append(CLASSES[int(read.classes.argmax())] == example.kind)
            if example.sleeves:
                right["sleeves"].append(SLEEVES[int(read.sleeves.argmax())] == example.sleeves)
            if example.opens is not None:
                right["opens"].append(bool(read.opens > 0) == example.opens)
        generator.train()
        return {name: float(np.mean(values)) for name, values in right.items() if values}

    @torch.no_grad()
    def measure_drawn(self, generator: nn.Module, count: int, seed: int) -> dict[str, float]:
        """Figures on drawn garments that training does not see: errors in shares of the garment's longer side."""
        generator.eval()
        errors, kinds, overlaps = [], [], []
        for number in range(count):
            shape = self.sampler.drawn(np.random.default_rng([seed, number]))
            row = drawn_row(shape, self.config.network)
            read = generator(torch.from_numpy(row["seen"][None]).to(self.device))
            kinds.append(CLASSES[int(read.classes.argmax())] == shape.kind)
            extent = _extent(shape.mask)
            found = places(read.maps)[0][0].cpu().numpy() * FOLD
            names = self.config.network.names
            marks = {n: place for n, place in shape.landmarks.items() if n in names}
            errors += [math.dist(found[names.index(n)], place) / extent for n, place in marks.items()]
            there = shape.inside.reshape(row["inside"].shape[0], FOLD, -1, FOLD).mean(axis=(1, 3)) > 0.5
            seems = read.inside[0].cpu().numpy() > 0
            if there.any():
                overlaps.append(float((there & seems).sum() / (there | seems).sum()))
        generator.train()
        values = np.array(errors)
        figures = {
            "mean error": float(values.mean()),
            "median error": float(np.median(values)),
            "within .03": float((values < 0.03).mean()),
            "within .05": float((values < 0.05).mean()),
            "kind": float(np.mean(kinds)),
        }
        return figures | ({"inside IoU": float(np.mean(overlaps))} if overlaps else {})

    @torch.no_grad()
    def show(self, generator: nn.Module, pictures: Sequence[Image.Image], name: str) -> list[list[Image.Image]]:
        """Rows of drawn garments, each as it is seen, with its landmarks in white and what was found in colour."""
        generator.eval()
        cards = []
        for number in range(len(pictures)):
            shape = self.sampler.drawn(np.random.default_rng([7, number]))
            read = generator(torch.from_numpy(drawn_row(shape, self.config.network)["seen"][None]).to(self.device))
            found = places(read.maps)[0][0].cpu().numpy() * FOLD
            card = Image.fromarray((shape.luma * shape.mask * 200).astype(np.uint8)).convert("RGB").resize((256, 256))
            draw = ImageDraw.Draw(card)
            scale = 256 / self.config.network.side
            names = self.config.network.names
            for landmark, (x, y) in ((n, place) for n, place in shape.landmarks.items() if n in names):
                truth = (x * scale, y * scale)
                guess = tuple(float(v) * scale for v in found[names.index(landmark)])
                draw.line([truth, guess], fill=(255, 200, 0))
                for (cx, cy), colour in ((truth, (255, 255, 255)), (guess, (255, 40, 40))):
                    draw.ellipse((cx - 2, cy - 2, cx + 2, cy + 2), fill=colour)
            cards.append(card)
        generator.train()
        return [cards[start : start + 3] for start in range(0, len(cards) - len(cards) % 3, 3)]

    def _plain(self, example: Shown) -> Values:
        """A photo as the analysis would see it: neither turned nor moved."""
        room, side = example.mask.width, self.config.network.side
        inner = room / ROOM
        box = ((room - inner) / 2, (room - inner) / 2, (room + inner) / 2, (room + inner) / 2)
        planes = (example.mask, example.picture)
        mask, luma = (
            np.asarray(p.resize((side, side), Image.Resampling.BILINEAR, box=box), np.float32) / np.float32(255)
            for p in planes
        )
        return seen(mask, luma)


def losses(read: Read, batch: dict[str, Tensor], config: LandmarkTaskConfig) -> dict[str, Tensor]:
    """Every part of the loss, weighted.

    Source: Nibali et al. 2018, eq. 4 and 6 (a map's distance from a Gaussian, here the cross-entropy, and the distance
    of its mean from the place).
    """
    points = batch["points"]
    known = ~points[..., 0].isnan()  # (N, K)
    height, width = read.maps.shape[2:]
    shares = read.maps[known].flatten(1).log_softmax(dim=1)  # (P, cells²)
    grid = torch.stack(torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij"), dim=2).flatten(0, 1)
    grid = grid.flip(1).to(points) + 0.5  # (cells², 2): x, y
    away = (grid[None] - points[known][:, None]).square().sum(dim=2)
    spots = torch.softmax(-away / (2 * config.spot**2), dim=1)
    lacking = (spots * (spots.clamp(min=1e-9).log() - shares)).sum(dim=1)
    mean = shares.exp() @ grid
    distance = (mean - points[known]).abs().sum(dim=1)
    told = batch["inside"] >= 0
    inside = F.binary_cross_entropy_with_logits(read.inside, batch["inside"].clamp(min=0), reduction="none")
    opens = batch["opens"]
    opening = F.binary_cross_entropy_with_logits(read.opens, opens.clamp(min=0), reduction="none")
    count = max(int(known.sum()), 1)
    judged = [
        F.cross_entropy(read.classes, batch["kind"], ignore_index=UNKNOWN, reduction="sum"),
        F.cross_entropy(read.sleeves, batch["sleeves"], ignore_index=UNKNOWN, reduction="sum"),
        (opening * (opens >= 0)).sum(),
    ]
    return {
        "maps": lacking.sum() / count,
        "places": config.place_weight * distance.sum() / count,
        "inside": config.inside_weight * (inside * told).sum() / told.sum().clamp(min=1),
        "classes": config.class_weight * torch.stack(judged).sum() / len(points),
    }


def _cloth(example: Shown, side: int, rng: np.random.Generator, share: float) -> Values | None:
    """The light and dark of a piece of a photo's garment, about 1, (side, side); None where there is not enough."""
    room = example.mask.width
    edge = int(room * rng.uniform(0.15, 0.4) * share)
    x, y = (int(v) for v in room / 2 + rng.uniform(-0.15, 0.15, 2) * room - edge / 2)
    box = (x, y, x + edge, y + edge)
    if np.asarray(example.mask.crop(box)).mean() < 240:
        return None
    piece = example.picture.crop(box)
    # Mirrored at its edges, or enlarged a little: either keeps the scale of what is printed.
    tile = Image.new("L", (2 * edge, 2 * edge))
    for across in (0, 1):
        for down in (0, 1):
            part = piece.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if across else piece
            tile.paste(part.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if down else part, (across * edge, down * edge))
    values = np.asarray(tile.resize((side, side), Image.Resampling.BILINEAR), np.float32)
    cloth: Values = (values + 8) / (values.mean() + 8)
    return cloth


def _rough(mask: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A mask as another method would have cut it: a little wider or narrower."""
    if rng.random() < 0.5:
        return mask
    soft = mask.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 2.5)))
    level = rng.uniform(90, 165)
    return soft.point([int(min(255, max(0, (value - level) * 3 + 128))) for value in range(256)])


def _extent(mask: Values) -> float:
    """The longer side of what a mask covers, in pixels."""
    rows, columns = np.flatnonzero((mask > 0.5).any(axis=1)), np.flatnonzero((mask > 0.5).any(axis=0))
    return float(max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1)
