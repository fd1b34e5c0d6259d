"""What a picture tells of a garment: kind, sleeves, landmarks, masks. Torch-free, and plain JSON for a cache."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from PIL import Image, ImageDraw

from shop_genai.generation.pose.keypoints import Pose

from .landmarks import KINDS, LINES, OF_KIND, SLEEVES, Kind, Point, Sleeves

Source = Literal["flat", "worn"]
VERSION = 1  # of the JSON; older answers are made again
LARGEST = 1024  # pixels a side at which masks are kept
STEPS = 15  # grey steps that a kept mask has: soft edges survive, and files stay small


@dataclass(frozen=True)
class Garment:
    """A garment in a picture. Landmarks and masks are in the pixels of the upright picture."""

    kind: Kind
    sleeves: Sleeves  # of garments without sleeves, and of trousers and skirts: "none"
    source: Source  # lying or hanging alone, or worn by somebody
    landmarks: Mapping[str, Point]  # every name of `landmarks.OF_KIND[kind]`
    confidence: float  # 0..1, in kind and landmarks
    mask: Image.Image  # mode L, the picture's size: 255 the garment
    inside: Image.Image  # mode L: the garment's far inner side, seen through an opening; worn, it does not show
    open_front: bool = False  # a jacket or cardigan that is open in front; a guess
    inside_guessed: bool = False  # no break of colour or light says where the inner side ends
    digest: str = ""  # of the weights that found the landmarks
    wearer: Pose | None = None  # of whoever wears it in the picture, in its pixels
    before: Image.Image | None = None  # mode L, the picture's size: the wearer's arms and hair, which may hide parts

    def __post_init__(self) -> None:
        missing = set(OF_KIND[self.kind]) - set(self.landmarks)
        if missing:
            raise ValueError(f"a garment of the kind {self.kind} lacks {', '.join(sorted(missing))}")
        if self.mask.size != self.inside.size:
            raise ValueError(f"masks of one picture have one size, not {self.mask.size} and {self.inside.size}")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self.mask.size

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON: masks as base64 of grey PNG files of at most `LARGEST` pixels a side."""
        return {
            "version": VERSION,
            "kind": self.kind,
            "sleeves": self.sleeves,
            "source": self.source,
            "landmarks": {name: [round(x, 2), round(y, 2)] for name, (x, y) in self.landmarks.items()},
            "confidence": round(self.confidence, 4),
            "size": list(self.size),
            "mask": _packed(self.mask),
            "inside": _packed(self.inside),
            "open_front": self.open_front,
            "inside_guessed": self.inside_guessed,
            "digest": self.digest,
            "wearer": None if self.wearer is None else self.wearer.as_dict(),
            "before": None if self.before is None else _packed(self.before),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Garment:
        """The inverse of `to_dict`.

        Raises:
            ValueError: it is not what `to_dict` of this version wrote.
        """
        try:
            if data["version"] != VERSION:
                raise ValueError(f"written by version {data['version']}, not {VERSION}")
            if data["kind"] not in KINDS or data["sleeves"] not in SLEEVES or data["source"] not in get_args(Source):
                raise ValueError("an unknown kind, sleeve or source")
            width, height = (int(value) for value in data["size"])
            return cls(
                kind=data["kind"],
                sleeves=data["sleeves"],
                source=data["source"],
                landmarks={name: (float(x), float(y)) for name, (x, y) in data["landmarks"].items()},
                confidence=float(data["confidence"]),
                mask=_unpacked(data["mask"], (width, height)),
                inside=_unpacked(data["inside"], (width, height)),
                open_front=bool(data["open_front"]),
                inside_guessed=bool(data["inside_guessed"]),
                digest=str(data["digest"]),
                wearer=None if data["wearer"] is None else Pose.from_dict(data["wearer"]),
                before=None if data["before"] is None else _unpacked(data["before"], (width, height)),
            )
        except (KeyError, TypeError, AttributeError, OSError) as error:
            raise ValueError(f"this is no garment's analysis: {error!r}") from error

    def drawn(self, picture: Image.Image) -> Image.Image:
        """The picture with outline, landmarks and the inner side shown on it, for people who check."""
        shown = picture.convert("RGB")
        cover = np.asarray(shown, np.float32)
        inner = np.asarray(self.inside, np.float32)[..., None] / 255
        pixels = cover * (1 - 0.55 * inner) + np.array([255, 0, 200], np.float32) * 0.55 * inner
        pixels *= 0.55 + 0.45 * np.asarray(self.mask, np.float32)[..., None] / 255
        shown = Image.fromarray(pixels.astype(np.uint8))
        draw = ImageDraw.Draw(shown)
        unit = max(1, round(max(shown.size) / 250))
        for line in LINES[self.kind]:
            draw.line([self.landmarks[name] for name in line], fill=(0, 220, 255), width=unit)
        for name in OF_KIND[self.kind]:
            x, y = self.landmarks[name]
            colour = (
                (255, 60, 60) if name.endswith("left") else (60, 255, 60) if name.endswith("right") else (255, 230, 0)
            )
            draw.ellipse((x - 2 * unit, y - 2 * unit, x + 2 * unit, y + 2 * unit), fill=colour)
        return shown


def _packed(mask: Image.Image) -> str:
    kept = mask.convert("L")
    if max(kept.size) > LARGEST:
        kept = kept.copy()
        kept.thumbnail((LARGEST, LARGEST), Image.Resampling.BOX)
    steps = np.rint(np.asarray(kept, np.float32) * (STEPS / 255)) * (255 / STEPS)
    buffer = io.BytesIO()
    Image.fromarray(np.rint(steps).astype(np.uint8)).save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def _unpacked(text: str, size: tuple[int, int]) -> Image.Image:
    with Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=["PNG"]) as stored:
        mask = stored.convert("L")
    return mask if mask.size == size else mask.resize(size, Image.Resampling.BILINEAR)
