"""Recipes that need no torch: they do real, tiny work on PIL images, and fail in the ways tests ask for."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from shop_genai.errors import InvalidParams, OutOfMemory
from shop_genai.recipes import Progress, Recipe, Slot


@dataclass(frozen=True)
class Made:
    """One output, as the ``Output`` protocol wants it."""

    image: Image.Image
    mask: Image.Image | None = None
    info: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class InvertParams:
    """What tests ask of the pipeline.

    Args:
        seconds: how long one call takes, as a device would.
        fail: raise this for pictures whose first pixel is pure red: "", "error", "memory", "kill".
        memory: the largest batch that fits into memory.
    """

    seconds: float = 0.0
    fail: str = ""
    memory: int = 99

    def __post_init__(self) -> None:
        if self.fail not in ("", "error", "memory", "kill"):
            raise InvalidParams("“fail” must be error, memory or kill.", field="fail")
        if not 0.0 <= self.seconds <= 600.0:
            raise InvalidParams("“seconds” must lie between 0 and 600.", field="seconds")


class InvertPipeline:
    """Inverts pictures. ``calls`` keeps the size of each batch."""

    device = "cpu"

    def __init__(self) -> None:
        self.calls: list[int] = []

    def __call__(
        self,
        inputs: Sequence[Mapping[str, Image.Image]],
        params: InvertParams,
        seeds: Sequence[int],
        progress: Progress | None = None,
    ) -> list[Made]:
        self.calls.append(len(inputs))
        if len(inputs) > params.memory:
            raise OutOfMemory("The batch is too large.")
        started = time.monotonic()
        while time.monotonic() - started < params.seconds:
            time.sleep(min(0.02, params.seconds))
            if progress is not None:
                progress(min(1.0, (time.monotonic() - started) / params.seconds))
        made = []
        for pictures, seed in zip(inputs, seeds, strict=True):
            image = pictures["image"].convert("RGB")
            red, green, blue = image.getpixel((0, 0))
            if params.fail and red > 200 and green < 60 and blue < 60:
                if params.fail == "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                if params.fail == "memory":
                    raise MemoryError
                raise ArithmeticError("as asked")
            made.append(Made(ImageOps.invert(image), info={"seed": seed}))
        return made


pipelines: list[InvertPipeline] = []  # every one that was loaded, newest last


def load_invert(folder: Path | None, device: str) -> InvertPipeline:
    pipelines.append(InvertPipeline())
    return pipelines[-1]


INVERT = Recipe(
    name="invert",
    label="Invert",
    slots=(Slot("image", label="Photo"),),
    params=InvertParams,
    load=load_invert,
    batch_limit=8,
)
