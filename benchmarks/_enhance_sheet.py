"""A contact sheet for the eye: input, plain enlargement, three strengths and the target, side by side."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from shop_genai.generation.enhance import degradation
from shop_genai.generation.enhance.pipeline import EnhancePipeline
from shop_genai.training.report import grid

CROP = 224  # pixels of the target
STRENGTHS = (0.0, 0.5, 1.0)


def sheet(pipeline: EnhancePipeline, pictures: list[tuple[str, Image.Image]], scale: int) -> Image.Image:
    """One row per named picture: the crop with most detail, degraded as the benchmark degrades it."""
    titles = ["input", "bicubic", *(f"strength {strength:g}" for strength in STRENGTHS), "target"]
    rows = []
    for name, picture in pictures:
        target = picture.crop(liveliest(picture, min(CROP, *(side // 4 * 4 for side in picture.size))))
        low = degradation.degrade(target, scale, degradation.sample(degradation.seeded(name, scale)))
        asked = [{"scale": scale, "strength": strength} for strength in STRENGTHS]
        ours = [output.image for output in pipeline([{"image": low}] * len(asked), asked, [0] * len(asked))]
        plain = [low.resize(target.size, how) for how in (Image.Resampling.NEAREST, Image.Resampling.BICUBIC)]
        rows.append([*plain, *ours, target])
    body = grid(rows)
    whole = Image.new("RGB", (body.width, body.height + 16), "white")
    whole.paste(body, (0, 16))
    for column, title in enumerate(titles):
        ImageDraw.Draw(whole).text((body.width * column / len(titles) + 2, 2), title, fill="black")
    return whole


def liveliest(picture: Image.Image, side: int) -> tuple[int, int, int, int]:
    """The box of the square crop whose luma varies most from pixel to pixel; of equals, the topmost leftmost."""
    luma = np.asarray(picture.convert("L"), dtype=np.float32)
    energy = np.abs(np.diff(luma, axis=0))[:, :-1] + np.abs(np.diff(luma, axis=1))[:-1]  # (H-1, W-1)
    step = max(4, side // 4)
    corners = [
        (float(energy[y : y + side, x : x + side].sum()), -y, -x)
        for y in range(0, picture.height - side + 1, step)
        for x in range(0, picture.width - side + 1, step)
    ]
    _, y, x = max(corners)
    return (-x, -y, side - x, side - y)
