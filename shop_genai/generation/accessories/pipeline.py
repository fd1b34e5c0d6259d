"""Accessories at work: a person's photo in, the same photo with something on the face out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shop_genai.errors import ImageTooSmall, InvalidInputs, MultiplePeople, NoPerson, NotFrontFacing
from shop_genai.generation.output import Output, Progress
from shop_genai.generation.parameters import Given, one_each
from shop_genai.generation.pictures import put_together, take_apart
from shop_genai.generation.segment.classes import number

from . import pictured
from .faces import Box, Face, FaceFinder, MediapipeFaces
from .head import head_of
from .light import light_on
from .params import AccessoryParams
from .photo import Photo
from .wearing import put_on

if TYPE_CHECKING:
    from shop_genai.generation.segment.masks import ProductMask

Values = NDArray[np.float32]

LEAST_WIDTH = 40.0  # pixels of a face, below which nothing is put on it
MOST_YAW, MOST_PITCH = 40.0, 35.0  # degrees
MUCH_SMALLER = 0.6  # of the largest face's width: people in the background are not meant
CLOSER = (1.6, 3.0)  # times the size of a head: parts that are looked at when no face is seen in the whole


class Seen(Protocol):
    """What the segmenter says of a picture."""

    @property
    def classes(self) -> Values: ...


class Segmenter(Protocol):
    """What tells hair from ground: the segment pipeline."""

    @property
    def digest(self) -> str: ...

    @property
    def version(self) -> str: ...

    def look(self, picture: Image.Image) -> Seen: ...

    def product_mask(self, picture: Image.Image) -> ProductMask: ...


@dataclass
class _Clock:
    """Seconds by step."""

    steps: dict[str, float] = field(default_factory=dict)
    last: float = field(default_factory=time.perf_counter)

    def done(self, step: str) -> None:
        now = time.perf_counter()
        self.steps[step] = round(now - self.last, 4)
        self.last = now


def open_pipeline(source: Path | None, device: str, dtype: str, faces: FaceFinder | None = None) -> AccessoryPipeline:
    """Open the segmenter's weights and the face mesh. See `generation.load`.

    Raises:
        ExtraMissing: MediaPipe is not installed.
    """
    from shop_genai.generation.segment.pipeline import open_pipeline as open_segmenter

    return AccessoryPipeline(faces or MediapipeFaces(), open_segmenter(source, device, dtype))


class AccessoryPipeline:
    """A face finder and a segmenter, and what draws on the photos that they have looked at."""

    def __init__(self, faces: FaceFinder, segmenter: Segmenter) -> None:
        self.faces = faces
        self.segmenter = segmenter
        self.device = str(getattr(segmenter, "device", "cpu"))

    def __call__(
        self,
        inputs: Sequence[Mapping[str, Image.Image]],
        params: Given[AccessoryParams] | Sequence[Given[AccessoryParams]],
        seeds: Sequence[int],
        progress: Progress | None = None,
    ) -> list[Output]:
        """Put accessories on.

        Args:
            inputs: one dict per picture: `person`, of any size and mode, and perhaps `accessory`, the picture of one:
                glasses from the front, one earring, a hat from the front; of lipstick and hair its colour is taken.
            params: one for all, or one each.
            seeds: one each. Nothing is drawn at random; seeds are only recorded.
            progress: called after each picture with the share done, rising to 1; may raise to stop.

        Returns:
            `Output.mask` is 255 where the photo was changed at all; everywhere else it is as it came, to the bit.
            `Output.info` holds nothing of the face.

        Raises:
            InvalidParams, InvalidInputs: what was asked cannot be done.
            NoPerson, MultiplePeople, NotFrontFacing, ImageTooSmall: there is no one face to put it on.
            CategoryUnsupported: there is no hair to dye.
            ProductNotFound: the accessory's picture shows nothing.
        """
        wanted = one_each("accessory", AccessoryParams, params, len(inputs))
        if len(seeds) != len(inputs):
            raise InvalidInputs(f"{len(inputs)} pictures came with {len(seeds)} seeds.", field="seeds")
        for slots in inputs:
            if not {"person"} <= set(slots) <= {"person", "accessory"}:
                raise InvalidInputs("accessory takes a photo, “person”, and perhaps “accessory”.", field="person")
        outputs = []
        for slots, asked, seed in zip(inputs, wanted, seeds, strict=True):
            outputs.append(self._worn(slots, asked, seed))
            if progress is not None:
                progress(len(outputs) / len(inputs))
        return outputs

    def _worn(self, slots: Mapping[str, Image.Image], asked: AccessoryParams, seed: int) -> Output:
        clock = _Clock()
        source = take_apart(slots["person"])
        seen = self.segmenter.look(source.colour)
        face = the_face(self.faces.look(source.colour, head_boxes(seen.classes, source.colour.size)))
        head = head_of(face, source.colour.size)
        if abs(head.yaw) > MOST_YAW or abs(head.pitch) > MOST_PITCH:
            raise NotFrontFacing("The face is turned too far away from the camera.", field="person")
        clock.done("person")
        thing = slots.get("accessory")
        shown = pictured.cut_out(thing, lambda p: self.segmenter.product_mask(p).mask) if thing is not None else None
        clock.done("accessory")
        photo = Photo(source.colour, seen.classes, face, head, light_on(source.colour, face, head))
        result = put_on(photo, asked, shown)
        clock.done("drawing")
        info = {
            "recipe": "accessory",
            "kind": asked.kind,
            "style": asked.form if shown is None else "picture",
            "colour": "#{:02x}{:02x}{:02x}".format(*result.colour) if result.colour is not None else None,
            "confidence": round(result.confidence, 4),
            "warnings": list(result.warnings),
            "seconds": clock.steps,
            "seed": seed,
            "input_size": list(source.colour.size),
            "weights": self.segmenter.digest,
            "weights_version": self.segmenter.version,
            "device": self.device,
        }
        return Output(put_together(result.picture, source), result.mask, info)


def the_face(faces: Sequence[Face]) -> Face:
    """The one that is meant.

    Raises:
        NoPerson, MultiplePeople, ImageTooSmall: nobody, several of about the same size, or one that is too small.
    """
    if not faces:
        raise NoPerson("No face is seen in this photo. One from the front, in good light, helps.", field="person")
    ordered = sorted(faces, key=lambda face: -face.width)
    if len(ordered) > 1 and ordered[1].width > MUCH_SMALLER * ordered[0].width:
        raise MultiplePeople("Several faces are seen in this photo.", field="person")
    if ordered[0].width < LEAST_WIDTH:
        raise ImageTooSmall(
            f"The face is {ordered[0].width:.0f} pixels wide; it takes {LEAST_WIDTH:.0f}.", field="person"
        )
    return ordered[0]


def head_boxes(classes: Values, size: tuple[int, int]) -> list[Box]:
    """Parts of the photo where a head may be, by its hair and the skin under it: to be looked at closer."""
    hair = classes[number("hair")] > 0.5
    there = hair if hair.sum() > 20 else classes[number("skin")] > 0.5
    if there.sum() <= 20:
        return []
    rows, columns = np.nonzero(there)
    across, down = size[0] / there.shape[1], size[1] / there.shape[0]
    top, middle = float(np.percentile(rows, 2)) * down, float(np.median(columns)) * across
    wide = max(float(np.percentile(columns, 97) - np.percentile(columns, 3)) * across, 24.0)
    boxes = []
    for times in CLOSER:
        half = wide * times / 2 + wide / 2
        box = (
            max(0, round(middle - half)),
            max(0, round(top - 0.4 * wide)),
            min(size[0], round(middle + half)),
            min(size[1], round(top - 0.4 * wide + 2 * half)),
        )
        if box[2] - box[0] > 16 and box[3] - box[1] > 16:
            boxes.append(box)
    return boxes
