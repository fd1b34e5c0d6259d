"""The enhancer against the truth: good photos are degraded, restored, and compared with what they were.

Each picture is degraded with the random generator that belongs to its file name, so that all weights meet the same
inputs. `python -m benchmarks enhance` measures the same way, at more length and with more rivals.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from shop_genai.generation.enhance import degradation
from shop_genai.generation.enhance.params import DEFAULT_STRENGTH, SCALES
from shop_genai.generation.enhance.pipeline import EnhancePipeline
from shop_genai.training import metrics
from shop_genai.training.packs import Entry, open_rgb

LARGEST_SIDE = 768  # pixels; larger photos are shrunk first, which also removes the traces of JPEG
STRENGTHS = sorted({0.0, DEFAULT_STRENGTH, 1.0})

Table = dict[str, dict[str, float]]


def restore(
    pipeline: EnhancePipeline, entries: Sequence[Entry], progress: Callable[[int, int], None] | None = None
) -> Table:
    """Mean `psnr_y` (dB) and `ssim_y` by scale and method: "x2 strength 0", "x2 bicubic", "x1 input".

    Inputs that equal their targets, which the degradation makes at x1 by design, are left out: they need no restoring.
    """
    found: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for number, entry in enumerate(entries):
        target = _target(open_rgb(entry.path))
        truth = np.asarray(target)
        for scale in SCALES:
            low = degradation.degrade(target, scale, degradation.sample(degradation.seeded(entry.name, scale)))
            if low.size == target.size and np.array_equal(np.asarray(low), truth):
                continue
            for method, picture in _restored(pipeline, low, scale):
                pixels = np.asarray(picture)
                found[f"x{scale} {method}"].append((metrics.psnr_y(pixels, truth), metrics.ssim_y(pixels, truth)))
        if progress is not None:
            progress(number + 1, len(entries))
    return {name: _means(rows) for name, rows in sorted(found.items())}


def _restored(pipeline: EnhancePipeline, low: Image.Image, scale: int) -> list[tuple[str, Image.Image]]:
    """The degraded picture at the target's size, and restored at each strength."""
    plain = low.resize((low.width * scale, low.height * scale), Image.Resampling.BICUBIC)
    ours = [
        (f"strength {strength:g}", pipeline([{"image": low}], {"scale": scale, "strength": strength}, [0])[0].image)
        for strength in STRENGTHS
    ]
    return [("input" if scale == 1 else "bicubic", plain), *ours]


def _target(picture: Image.Image) -> Image.Image:
    """At most `LARGEST_SIDE` pixels long, and cut to multiples of 4."""
    shrink = min(1.0, LARGEST_SIDE / max(picture.size))
    if shrink < 1:
        size = (round(picture.width * shrink), round(picture.height * shrink))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    return picture.crop((0, 0, picture.width // 4 * 4, picture.height // 4 * 4))


def _means(rows: list[tuple[float, float]]) -> dict[str, float]:
    """Over all pictures but those that were restored exactly, whose PSNR is infinite."""
    finite = [row for row in rows if math.isfinite(row[0])]
    psnr, ssim = np.mean(finite or rows, axis=0)
    return {"psnr_y": float(psnr), "ssim_y": float(ssim)}
