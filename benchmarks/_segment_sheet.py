"""A contact sheet for the eye, the worst pictures first: picture, label map, the product cut out, the true cut-out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from PIL import Image, ImageDraw

from benchmarks._segment_pictures import Case
from shop_genai.errors import ProductNotFound
from shop_genai.generation.segment.pipeline import SegmentPipeline
from shop_genai.generation.segment.task import overlap
from shop_genai.training.report import grid

CELL = 232  # pixels
GREEN = (40, 170, 60)  # what no garment is: gaps and rims show
ABREAST = 2  # pictures in a row


def sheet(pipeline: SegmentPipeline, chosen: Sequence[Case], count: int) -> Image.Image:
    """Up to `count` pictures whose product is found worst."""
    judged = []
    for case in chosen:
        if not case.sold.any():
            continue
        try:
            mask = pipeline.product_mask(case.picture).mask
        except ProductNotFound:
            mask = Image.new("L", case.picture.size)
        value = overlap(np.asarray(mask) >= 128, case.sold, case.sold_known)
        judged.append((value, case.name, case.ground, case, mask))
    judged.sort(key=lambda item: item[:3])
    cells = [_cells(pipeline, case, mask, value) for value, _, _, case, mask in judged[:count]]
    joined = [list(chain.from_iterable(cells[first : first + ABREAST])) for first in range(0, len(cells), ABREAST)]
    if joined and len(joined[-1]) < len(joined[0]):
        joined[-1] += [Image.new("RGB", (CELL, CELL), "white")] * (len(joined[0]) - len(joined[-1]))
    return grid(joined)


def _cells(pipeline: SegmentPipeline, case: Case, mask: Image.Image, value: float) -> list[Image.Image]:
    (output,) = pipeline([{"image": case.picture}], {}, [0])
    truth = Image.fromarray(np.where(case.sold, 255, 0).astype(np.uint8))
    pictures = [case.picture, output.image.convert("RGB"), _cut(case.picture, mask), _cut(case.picture, truth)]
    cells = [_cell(picture) for picture in pictures]
    ImageDraw.Draw(cells[2]).text((3, 3), f"{value:.3f}", fill="white", stroke_width=2, stroke_fill="black")
    return cells


def _cut(picture: Image.Image, mask: Image.Image) -> Image.Image:
    ground = Image.new("RGB", picture.size, GREEN)
    ground.paste(picture, (0, 0), mask)
    return ground


def _cell(picture: Image.Image) -> Image.Image:
    small = picture.copy()
    small.thumbnail((CELL, CELL))
    cell = Image.new("RGB", (CELL, CELL), "white")
    cell.paste(small, ((CELL - small.width) // 2, (CELL - small.height) // 2))
    return cell
