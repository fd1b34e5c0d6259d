"""How long a variant takes, in parts, on a picture of 1024x1024 pixels of which the product covers half."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw

from shop_genai.generation.variant.grid import Grid, apply_grid
from shop_genai.generation.variant.pipeline import VariantPipeline
from shop_genai.generation.variant.products import Framed

SIDE = 1024  # pixels
WARM = 2  # rounds that are not counted


def measure_speed(pipeline: VariantPipeline, rounds: int) -> dict[str, Any]:
    """Medians in milliseconds: `encode` both encoders, `edit` decoding and the edit at full size, `whole` a call."""
    picture, mask = photo(), Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(mask).rectangle((SIDE // 4, 0, SIDE * 3 // 4 - 1, SIDE - 1), fill=255)
    pixels, inside = np.asarray(picture), np.asarray(mask)
    times: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(rounds + WARM):
        frame = pipeline.products.find(picture, mask)
        start = time.perf_counter()
        content, look = _encoded(pipeline, frame)
        times["encode"].append(time.perf_counter() - start)

        part = (slice(frame.box[1], frame.box[3]), slice(frame.box[0], frame.box[2]))
        start = time.perf_counter()
        with torch.inference_mode():
            drawn = pipeline.network.decode(content, -look)
        apply_grid(Grid(drawn.affines.cpu(), drawn.levels.cpu()), pixels[part], inside[part])
        times["edit"].append(time.perf_counter() - start)

        start = time.perf_counter()
        pipeline([{"image": picture, "mask": mask}], {}, [0])
        times["whole"].append(time.perf_counter() - start)
    return {
        "milliseconds": {name: 1000 * statistics.median(values[WARM:]) for name, values in times.items()},
        "side": SIDE,
        "threads": torch.get_num_threads(),
        "device": str(pipeline.device),
    }


def photo() -> Image.Image:
    """Folds of light and shade, with noise, so that every layer of the edit has work."""
    y, x = np.mgrid[:SIDE, :SIDE]
    shade = 128 + 60 * np.sin(x / 37) * np.cos(y / 53) + np.random.default_rng(0).normal(0, 8, (SIDE, SIDE))
    colour = np.clip(shade[..., None] * np.array([1.2, 0.8, 0.6]), 0, 255)
    return Image.fromarray(colour.astype(np.uint8))


@torch.inference_mode()
def _encoded(pipeline: VariantPipeline, frame: Framed) -> tuple[Any, torch.Tensor]:
    square, mask = frame.encodable(pipeline.device)
    look = pipeline.network.encode_appearance(square, mask).mode()
    return pipeline.network.encode_content(square, mask), look
