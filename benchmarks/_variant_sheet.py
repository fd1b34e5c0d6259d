"""Contact sheets for the eye: transfer between real colourways, and looks drawn from nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from benchmarks._variant_pairs import Pair, Photo
from benchmarks._variant_peers import affine
from benchmarks._variant_transfer import varied
from shop_genai.generation.variant.pipeline import VariantPipeline
from shop_genai.training.report import grid

HEIGHT = 300  # pixels of each picture
DRAWN = 6  # looks in a row


def transfer_sheet(pipeline: VariantPipeline, pairs: Sequence[Pair]) -> Image.Image:
    """A row per pair: source, photo B, ours with photo B's look, and what the affine oracle makes of it."""
    rows = []
    for pair in pairs:
        source, target = pair.source.picture(), pair.target.picture()
        ours = Image.fromarray(varied(pipeline, pair.source, pair.target))
        rows.append([_small(picture) for picture in (source, target, ours, _oracle(pair))])
    return _titled(grid(rows), ["source", "photo B", "ours", "affine oracle"])


def prior_sheet(pipeline: VariantPipeline, photos: Sequence[Photo]) -> Image.Image:
    """A row per photo: itself, and looks drawn together."""
    rows = []
    for photo in photos:
        slots = {"image": photo.picture(), "mask": photo.mask()}
        asked = [{"count": DRAWN, "number": number} for number in range(DRAWN)]
        outputs = pipeline([slots] * DRAWN, asked, [0] * DRAWN)
        rows.append([_small(photo.picture()), *(_small(output.image) for output in outputs)])
    return _titled(grid(rows), ["source", *(f"drawn {number}" for number in range(DRAWN))])


def _oracle(pair: Pair) -> Image.Image:
    source, target = (np.asarray(photo.picture()) for photo in (pair.source, pair.target))
    inside = pair.source.inside()
    result = source.copy()
    fitted = affine(source[inside].astype(np.float64), target[inside].astype(np.float64))
    result[inside] = np.clip(np.rint(fitted), 0, 255).astype(np.uint8)
    return Image.fromarray(result)


def _small(picture: Image.Image) -> Image.Image:
    width = max(1, round(picture.width * HEIGHT / picture.height))
    return picture.resize((width, HEIGHT), Image.Resampling.LANCZOS)


def _titled(body: Image.Image, titles: Sequence[str]) -> Image.Image:
    whole = Image.new("RGB", (body.width, body.height + 16), "white")
    whole.paste(body, (0, 16))
    for column, title in enumerate(titles):
        ImageDraw.Draw(whole).text((body.width * column / len(titles) + 2, 2), title, fill="black")
    return whole
