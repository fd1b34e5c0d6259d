"""Restoration at x1, x2 and x4 against resampling and classical methods; light; speed against the convolution peak.

Every picture is degraded with the random generator that belongs to its file name, so that two runs on one folder see
the same inputs. Results are averages over pictures, per kind and over all. At x1 some inputs equal their targets, by
design of the degradation; they would be infinitely good, so they are left out of the averages and form a kind of
their own, "untouched", which shows how much a method harms a picture that needs no help.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from benchmarks._enhance_goals import goals
from benchmarks._enhance_light import measure_light
from benchmarks._enhance_memory import measure_memory
from benchmarks._enhance_peers import Restorer, peers
from benchmarks._enhance_report import table, write_card
from benchmarks._enhance_sheet import sheet
from benchmarks._enhance_speed import machine, measure_speed
from shop_genai.generation import load
from shop_genai.generation.enhance import degradation
from shop_genai.generation.enhance.params import DEFAULT_STRENGTH, SCALES
from shop_genai.generation.enhance.pipeline import EnhancePipeline
from shop_genai.training import metrics
from shop_genai.training.packs import Entry, open_rgb, read_pack

SAMPLES = Path(__file__).parent.parent / "example_project" / "shop" / "samples" / "products"
LARGEST_SIDE = 768  # pixels; larger pictures are shrunk before they serve as targets, which also removes JPEG traces
SAMPLE_SIDE = 512  # the same for the repository's own samples
UNTOUCHED = "untouched"  # the kind of those pairs at x1 whose input is the target
MEASURES: dict[str, Callable[[Any, Any], float]] = {
    "psnr_y": metrics.psnr_y,
    "ssim_y": metrics.ssim_y,
    "laplacian": metrics.laplacian_ratio,
    "colour_shift": metrics.colour_shift,
}


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write what was asked for: figures, model card, contact sheet."""
    options = _parse(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    side = LARGEST_SIDE if options.data else SAMPLE_SIDE
    try:
        entries = read_pack(options.data or SAMPLES, options.split)[:: options.every][: options.limit]
        if options.names:
            entries = [entry for entry in entries if any(name in entry.name for name in options.names)]
    except FileNotFoundError as error:
        print(f"benchmarks enhance: {error}. Name a folder of pictures with --data.", file=sys.stderr)
        return 2
    pipeline = load("enhance", options.weights, options.device, options.dtype)
    if options.sheet:
        pictures = [(entry.name, prepared(open_rgb(entry.path), side, options.shrink)) for entry in entries]
        sheet(pipeline, pictures, options.sheet_scale).save(options.sheet)
        return 0
    quality = measure_quality(pipeline, entries, side, options.shrink)
    report: dict[str, Any] = {
        "benchmark": "enhance",
        "data": options.data.name if options.data else "samples",
        "split": options.split if options.data else "all",
        "shrink": options.shrink,
        "pictures": len(entries),
        "weights": pipeline.digest,
        "weights_version": pipeline.version,
        "default_strength": DEFAULT_STRENGTH,
        "quality": quality,
        "speed": measure_speed(pipeline, options.rounds),
        "machine": machine(),
    }
    if options.memory:
        report["memory"] = measure_memory(options.weights, options.device, options.dtype, options.threads)
    if pipeline.light is not None:
        named = ((entry.name, prepared(open_rgb(entry.path), side, options.shrink)) for entry in entries)
        report["light"] = measure_light(pipeline.light, named)
    report["goals"] = {
        kind: [asdict(goal) for goal in goals(report, kind)]
        for kind in sorted({row["kind"] for row in quality} - {UNTOUCHED})
    }
    text = table(report)
    print(text)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        options.json.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    if options.card:
        write_card(options.card, report)
    return 0


def measure_quality(pipeline: EnhancePipeline, entries: list[Entry], side: int, shrink: float) -> list[dict[str, Any]]:
    """One row per scale, kind and method, with the mean of every measure."""
    values: defaultdict[tuple[int, str, str], list[dict[str, float]]] = defaultdict(list)
    for number, entry in enumerate(entries):
        target = prepared(open_rgb(entry.path), side, shrink)
        truth = np.asarray(target)
        for scale in SCALES:
            low = degradation.degrade(target, scale, degradation.sample(degradation.seeded(entry.name, scale)))
            untouched = low.size == target.size and np.array_equal(np.asarray(low), truth)
            kinds = (UNTOUCHED,) if untouched else (entry.kind, "all")
            for method, restore in methods(pipeline, scale).items():
                picture = np.asarray(restore(low))
                row = {name: measure(picture, truth) for name, measure in MEASURES.items()}
                for kind in kinds:
                    values[scale, kind, method].append(row)
        print(f"\r{number + 1}/{len(entries)} pictures", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return [
        {"scale": scale, "kind": kind, "method": method, "pictures": len(rows)}
        | {name: _mean([row[name] for row in rows]) for name in MEASURES}
        for (scale, kind, method), rows in sorted(values.items(), key=lambda item: item[0][:2])
    ]


def methods(pipeline: EnhancePipeline, scale: int) -> dict[str, Restorer]:
    """Everything that is compared at a scale."""

    def enhanced(strength: float) -> Restorer:
        return lambda low: pipeline([{"image": low}], {"scale": scale, "strength": strength}, [0])[0].image

    ours = {f"strength {strength:g}": enhanced(strength) for strength in sorted({0.0, DEFAULT_STRENGTH, 1.0})}
    return peers(scale) | ours


def prepared(picture: Image.Image, side: int, shrink: float = 1.0) -> Image.Image:
    """A target: shrunk by a factor, at most `side` pixels long, and cut to multiples of 4."""
    shrink = min(shrink, side / max(picture.size))
    if shrink < 1:
        size = (round(picture.width * shrink), round(picture.height * shrink))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    return picture.crop((0, 0, picture.width // 4 * 4, picture.height // 4 * 4))


def _mean(values: list[float]) -> float | None:
    """The mean; None, which JSON can say, when it is infinite: a picture equal to its target."""
    mean = float(np.mean(values))
    return mean if math.isfinite(mean) else None


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks enhance", description=__doc__)
    parser.add_argument("--data", type=Path, help="a pack, or a folder of pictures; default: the repository's samples")
    parser.add_argument("--split", default="test", help="of a pack with a manifest")
    parser.add_argument("--shrink", type=float, default=1.0, help="of the targets, removes their own JPEG traces")
    parser.add_argument("--names", nargs="+", help="only pictures whose file name contains one of these")
    parser.add_argument("--json", type=Path, help="write the figures here, and a .md table beside it")
    parser.add_argument("--card", type=Path, help="rewrite the figures between the marks of this model card")
    parser.add_argument("--sheet", type=Path, help="measure nothing, but write a contact sheet of crops here")
    parser.add_argument("--sheet-scale", type=int, choices=SCALES, default=2, help="of the contact sheet")
    parser.add_argument("--weights", type=Path, help="folder or manifest; default: the packaged weights")
    parser.add_argument("--limit", type=int, help="only the first N pictures")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth picture")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="auto", help="auto, float32 or bfloat16")
    parser.add_argument("--threads", type=int, help="CPU threads; default: PyTorch's choice")
    parser.add_argument("--memory", action="store_true", help="also measure peak memory on a 24-megapixel photo")
    parser.add_argument("--rounds", type=int, default=9, help="timed rounds of the speed measurement")
    return parser.parse_args(arguments)
