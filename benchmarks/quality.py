"""Does the quality estimate find what is wrong? Good photos are spoiled by known amounts, and the estimates compared.

Rank correlation is Spearman's, over all pictures and amounts together; presets only compare an estimate with a limit.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.enhance import SAMPLES
from shop_genai.generation.enhance import degradation
from shop_genai.generation.enhance.degradation import Blur, Jpeg, Noise
from shop_genai.generation.enhance.presets import decide
from shop_genai.generation.enhance.quality import Quality, estimate
from shop_genai.training.packs import open_rgb, read_pack

SIDE = 384  # pixels that a picture is shrunk to at most, which also removes the traces of its own compression
Pixels = NDArray[np.float32]
Spoil = Callable[[Pixels, float, int], Pixels]  # pixels, amount and a number that differs for each picture


def _noise(pixels: Pixels, amount: float, number: int) -> Pixels:
    return degradation.add_noise(pixels, Noise(amount, number % 3 == 0, number))


def _blur(pixels: Pixels, amount: float, number: int) -> Pixels:
    return degradation.blur(pixels, Blur(amount, amount, 0.0))


def _noisy_blur(pixels: Pixels, amount: float, number: int) -> Pixels:
    return _noise(_blur(pixels, amount, number), 4.0, number)


def _jpeg(pixels: Pixels, amount: float, number: int) -> Pixels:
    return degradation.save_as_jpeg(pixels, Jpeg(round(100 - amount), 2, (number % 8, number // 8 % 8)))


# name → the estimate that should follow, what is done, and how much; blockiness has a unit of its own
TRIALS: dict[str, tuple[str, Spoil, tuple[float, ...]]] = {
    "noise, sigma": ("noise", _noise, (0, 2, 4, 8, 12)),
    "blur, sigma": ("blur", _blur, (0.6, 1, 1.5, 2)),
    "blur, sigma, with noise of 4": ("blur", _noisy_blur, (0.6, 1, 1.5, 2)),
    "JPEG, 100 - quality": ("blockiness", _jpeg, (5, 20, 35, 50, 65)),
}


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks quality", description=__doc__)
    parser.add_argument("--data", type=Path, help="a pack, or a folder of pictures; default: the repository's samples")
    parser.add_argument("--split", default="val", help="of a pack with a manifest")
    parser.add_argument("--json", type=Path, help="write the figures here, and a .md table beside it")
    options = parser.parse_args(arguments)
    pictures = [_pixels(open_rgb(entry.path)) for entry in read_pack(options.data or SAMPLES, options.split)]
    rows = [row for name in TRIALS for row in measure(name, pictures)]
    left = [decide("auto", (2000, 2000), _found(picture)).leave for picture in pictures]
    report = {"pictures": len(pictures), "rows": rows, "good_left_alone": float(np.mean(left))}
    text = "\n".join(lines(report))
    print(text)
    if options.json:
        options.json.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


def measure(name: str, pictures: list[Pixels]) -> list[dict[str, Any]]:
    """One row per amount: the estimate's quantiles, and over all amounts the rank correlation."""
    attribute, spoil, amounts = TRIALS[name]
    found = np.array([[getattr(_found(spoil(p, a, i)), attribute) for a in amounts] for i, p in enumerate(pictures)])
    correlation = float(np.corrcoef(_ranks(np.tile(amounts, len(pictures))), _ranks(found.ravel()))[0, 1])
    print(f"{name}: {len(pictures)} pictures", file=sys.stderr)
    return [
        {
            "trial": name,
            "amount": amount,
            "low": float(np.quantile(found[:, column], 0.1)),
            "median": float(np.median(found[:, column])),
            "high": float(np.quantile(found[:, column], 0.9)),
            "rank_correlation": correlation,
        }
        for column, amount in enumerate(amounts)
    ]


def lines(report: dict[str, Any]) -> list[str]:
    """The report as Markdown."""
    text = [f"# Quality estimate: {report['pictures']} pictures", ""]
    text += ["| spoiled by | amount | estimate: 10 % | median | 90 % | rank correlation |", "|---|---|---|---|---|---|"]
    for row in report["rows"]:
        figures = f"{row['low']:.2f} | {row['median']:.2f} | {row['high']:.2f} | {row['rank_correlation']:.3f}"
        text.append(f"| {row['trial']} | {row['amount']:g} | {figures} |")
    return [*text, "", f"Unspoiled pictures that `auto` leaves alone: {report['good_left_alone']:.0%}."]


def _pixels(picture: Image.Image) -> Pixels:
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(picture, np.float32)


def _found(pixels: Pixels) -> Quality:
    return estimate(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Positions in rising order; equal values share their mean position."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[where]
