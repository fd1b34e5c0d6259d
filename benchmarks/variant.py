"""Variants against real colourways: from one photo to the look of another, beside classical colour transfer.

Real colourways are photos of one shot that differ in nothing but the product's colour. Every ordered pair of them is a
task with a known answer: photo A in the look of photo B must be photo B, inside the product's mask. Beside that: looks
of other products, looks drawn from nothing, looks towards a simulated shopper's taste, and the time it takes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from benchmarks._enhance_speed import machine
from benchmarks._variant_goals import goals
from benchmarks._variant_pairs import Pair, Photo, pairs, read_photos
from benchmarks._variant_prior import measure_latent, measure_prior
from benchmarks._variant_report import table, write_card
from benchmarks._variant_sheet import prior_sheet, transfer_sheet
from benchmarks._variant_speed import measure_speed
from benchmarks._variant_taste import measure_taste
from benchmarks._variant_transfer import measure_transfer
from shop_genai.generation import load
from shop_genai.generation.variant.pipeline import VariantPipeline

SHOWN = 8  # rows of a contact sheet


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write what was asked for: figures, model card, contact sheets."""
    options = _parse(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        photos = read_photos(options.data, options.split)
    except FileNotFoundError as error:
        print(f"benchmarks variant: {error}. Name a pack with colourways with --data.", file=sys.stderr)
        return 2
    tasks = pairs(photos)[:: options.every][: options.limit]
    pipeline = load("variant", options.weights, options.device)
    report: dict[str, Any] = {
        "benchmark": "variant",
        "data": options.data.name if options.data else "samples",
        "split": options.split if options.data else "all",
        "photos": len(photos),
        "weights": pipeline.digest,
        "weights_version": pipeline.version,
        "transfer": measure_transfer(pipeline, photos, tasks),
        "latent": measure_latent(pipeline, photos),
        "prior": measure_prior(pipeline, photos),
        "taste": measure_taste(pipeline, photos),
        "machine": machine(),
    }
    if options.rounds:
        report["speed"] = measure_speed(pipeline, options.rounds)
    report["goals"] = [asdict(goal) for goal in goals(report)]
    text = table(report)
    print(text)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        options.json.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    if options.card:
        write_card(options.card, report)
    if options.sheet:
        _write_sheets(pipeline, options.sheet, report, tasks, photos)
    return 0


def _write_sheets(
    pipeline: VariantPipeline, path: Path, report: dict[str, Any], tasks: Sequence[Pair], photos: Sequence[Photo]
) -> None:
    """The worst pairs and evenly chosen ones; and beside it, `…-prior`, looks drawn from nothing."""
    named = {pair.name: pair for pair in tasks}
    worst = [named[row["pair"]] for row in report["transfer"]["worst"][: SHOWN // 2]]
    others = list(tasks[:: max(1, len(tasks) // (SHOWN // 2))])[: SHOWN // 2]
    transfer_sheet(pipeline, [*worst, *others]).save(path)
    shots = list({photo.shot: photo for photo in photos}.values())
    prior_sheet(pipeline, shots[:: max(1, len(shots) // SHOWN)][:SHOWN]).save(path.with_stem(f"{path.stem}-prior"))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks variant", description=__doc__)
    parser.add_argument("--data", type=Path, help="a pack with colourways and masks; default: the repository's samples")
    parser.add_argument("--split", default="test", help="of the pack")
    parser.add_argument("--json", type=Path, help="write the figures here, and a .md table beside it")
    parser.add_argument("--card", type=Path, help="rewrite the figures between the marks of this model card")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet here, and one of drawn looks beside it")
    parser.add_argument("--weights", type=Path, help="folder or manifest; default: the packaged weights")
    parser.add_argument("--limit", type=int, help="only the first N pairs")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth pair")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, help="CPU threads; default: PyTorch's choice")
    parser.add_argument("--rounds", type=int, default=9, help="timed rounds of the speed measurement; 0: none")
    return parser.parse_args(arguments)
