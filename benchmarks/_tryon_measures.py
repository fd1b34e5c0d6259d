"""How near a try-on comes to the photo that it should be. Pictures are RGB; places are (H, W) masks."""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from torch import Tensor

from benchmarks._variant_measures import gradient_correlation
from shop_genai.errors import GenaiError
from shop_genai.generation.lab import lab
from shop_genai.generation.output import Output
from shop_genai.generation.segment.classes import number
from shop_genai.generation.segment.task import overlap
from shop_genai.generation.tryon.composer_losses import structure

Inside = NDArray[np.bool_]

FAMILY = {"upper": "upper", "lower": "lower", "skirt": "lower", "dress": "dress"}  # kind → the pipeline's category
INNER = 9  # pixels: the side of the square by which a garment shrinks before its print is looked at


class Dresser(Protocol):
    """A loaded `tryon` pipeline."""

    digest: str
    version: str

    def __call__(self, inputs: Any, params: Any, seeds: Any) -> list[Output]: ...


class Labeller(Protocol):
    """A loaded `segment` pipeline."""

    def __call__(self, inputs: Any, params: Any, seeds: Any) -> list[Output]: ...


class Remembering:
    """Looks at each picture once, though two methods ask. It keeps what was said of the last few pictures."""

    def __init__(self, eye: Any, most: int = 4) -> None:
        self._eye = eye
        self._most = most
        self._known: OrderedDict[bytes, Any] = OrderedDict()

    def look(self, picture: Image.Image) -> Any:
        """What the network behind it says."""
        key = hashlib.sha256(picture.tobytes()).digest()
        if key not in self._known:
            self._known[key] = self._eye.look(picture)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return self._known[key]


def remembering(pipeline: Any) -> None:
    """Let a loaded try-on pipeline look at each person once."""
    eyes = pipeline.eyes
    pipeline.eyes = replace(eyes, segment=Remembering(eyes.segment), pose=Remembering(eyes.pose))


@dataclass(frozen=True)
class Tried:
    """A try-on, or why there is none."""

    image: Image.Image | None
    region: Inside | None
    refused: str = ""  # the error's code
    info: Mapping[str, Any] | None = None


def dress(pipeline: Dresser, person: Image.Image, garment: Image.Image, kind: str, backend: str) -> Tried:
    """One try-on; a refusal is an answer too."""
    slots = {"person": person, "garment": garment}
    try:
        (output,) = pipeline([slots], {"category": FAMILY[kind], "backend": backend}, [0])
    except GenaiError as refusal:
        return Tried(None, None, refusal.code)
    assert output.mask is not None
    return Tried(output.image.convert("RGB"), np.asarray(output.mask) > 0, info=output.info)


def decibels(output: Image.Image, target: Image.Image, where: Inside) -> float:
    """PSNR over the pixels in a mask, dB; infinite where they are equal."""
    first, second = (np.asarray(picture, np.float64)[where] for picture in (output, target))
    error = float(np.mean((first - second) ** 2))
    return 10 * math.log10(255**2 / error) if error else math.inf


def likeness(output: Image.Image, target: Image.Image, where: Inside) -> float:
    """The mean SSIM of luma, windows of 7 x 7 pixels, over the pixels in a mask."""
    weight = torch.from_numpy(where.astype(np.float32))[None, None]
    return 1 - float(structure(_tensor(output), _tensor(target), weight))


def largest_change(output: Image.Image, photo: Image.Image, region: Inside) -> int:
    """The largest difference outside the edit region, in steps of 255."""
    away = np.abs(np.asarray(output, np.int16) - np.asarray(photo, np.int16))[~region]
    return int(away.max()) if away.size else 0


def parsed_again(labeller: Labeller, output: Image.Image, wanted: Inside, kind: str) -> float:
    """How much of the garment the segmenter finds where it should be: intersection over union."""
    (labels,) = labeller([{"image": output}], {}, [0])
    found = np.asarray(labels.image) == number(FAMILY[kind])
    return overlap(found, wanted)


def kept_print(output: Image.Image, warped: Image.Image, garment: Inside, regions: Inside) -> float | None:
    """How far the composed garment has the edges of the one that was only bent; None where there are hardly any."""
    mask = Image.fromarray((garment & regions).astype(np.uint8) * 255).filter(ImageFilter.MinFilter(INNER))
    inside = np.asarray(mask) > 0
    if int(inside.sum()) < 100:
        return None
    return gradient_correlation(np.asarray(warped), np.asarray(output), inside)


def mean_lab(picture: Image.Image, where: Inside) -> NDArray[np.float64]:
    """(3,): CIELAB of the mean colour in a mask."""
    pixels = np.asarray(picture, np.float64)[where]
    return np.asarray(lab(pixels.mean(axis=0, keepdims=True))[0])


def _tensor(picture: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(picture, np.float32)).permute(2, 0, 1)[None] / 255
