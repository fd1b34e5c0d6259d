"""Try-on against photos whose answer is known, beside the same without its network; and where none is known.

People put on what they wear already, or the same in another colour that was photographed; flat garments that nobody
wears; rendered people of known skin tones. Besides: time, memory, joints of the body, landmarks of garments.
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
from PIL import Image

from benchmarks import _tryon_landmarks, _tryon_pose, _tryon_restored, _tryon_tones, _tryon_unpaired
from benchmarks._enhance_speed import machine
from benchmarks._tryon_cost import measure_cost
from benchmarks._tryon_goals import goals
from benchmarks._tryon_measures import remembering
from benchmarks._tryon_report import table, write_card
from benchmarks._tryon_restored import METHODS, Case
from benchmarks._tryon_sheet import restored_rows, sheet
from benchmarks._tryon_shots import Shot, read_shots
from shop_genai.generation import load
from shop_genai.generation.tryon.analyst import GarmentAnalyst
from shop_genai.training.extractors import open_extractor
from shop_genai.training.packs import open_rgb

SHOWN = 12  # rows of a contact sheet
SLEEVELESS = Path(__file__).parent.parent / "example_project" / "shop" / "samples" / "products" / "tank.jpg"


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write what was asked for: figures, model card, contact sheets."""
    options = _parse(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        shots = _shots(options)
    except FileNotFoundError as error:
        print(f"benchmarks tryon: {error}. Name a pack of people with --data.", file=sys.stderr)
        return 2
    pipeline, labeller = load("tryon", options.weights, options.device), load("segment", device=options.device)
    remembering(pipeline)
    found = list(_tryon_restored.cases(shots))
    report: dict[str, Any] = {
        "benchmark": "tryon",
        "data": options.data.name if options.data else "samples",
        "split": options.split,
        "shots": len(shots),
        "weights": pipeline.digest,
        "weights_version": pipeline.version,
        "restored": _tryon_restored.measure(pipeline, labeller, found),
        "machine": machine(),
    }
    shown: dict[str, list[list[Image.Image]]] = {}
    if options.flats and shots:
        report["unpaired"], shown["flats"] = _flats(pipeline, options, shots)
    if options.samples:
        people = _tryon_tones.read_samples(options.samples)
        report["tones"], shown["tones"] = _tryon_tones.measure(pipeline, labeller, people, open_rgb(SLEEVELESS))
    if options.landmarks:
        packs = [options.flats] if options.flats else []
        analyst = pipeline.eyes.analyst
        assert isinstance(analyst, GarmentAnalyst)
        found_points = _tryon_landmarks.measure(analyst, packs, options.split)
        report["landmarks"] = {**found_points, "lines": _tryon_landmarks.lines(found_points)}
    if options.poses and options.data:
        figures = _tryon_pose.measure(
            pipeline.eyes, options.data, options.poses, options.split, options.scenes, options.samples
        )
        report["pose"] = {**figures, "lines": _tryon_pose.lines(figures)}
    if options.rounds:
        report["cost"] = measure_cost(options.weights, options.device, options.threads, options.rounds)
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
        if found:
            shown[""] = restored_rows(pipeline, _shown(found))
        _write_sheets(options.sheet, shown)
    return 0


def _shots(options: argparse.Namespace) -> list[Shot]:
    """Those who are dressed; none where only the other sections were asked for."""
    if options.data:
        return read_shots(options.data, options.split)[:: options.every][: options.limit]
    if options.samples or options.landmarks:
        return []
    raise FileNotFoundError("there is nobody to dress")


def _flats(
    pipeline: Any, options: argparse.Namespace, shots: Sequence[Shot]
) -> tuple[dict[str, Any], list[list[Image.Image]]]:
    flats = _tryon_unpaired.read_flats(options.flats, options.split)
    matches = _tryon_unpaired.matches(shots, flats, options.each)
    real = [picture for shot in read_shots(options.data, options.split) for picture in shot.pictures]
    return _tryon_unpaired.measure(pipeline, open_extractor("shop", options.device), matches, real)


def _shown(found: Sequence[Case]) -> list[Case]:
    """Evenly chosen."""
    return list(found[:: max(1, len(found) // SHOWN)])[:SHOWN]


def _write_sheets(path: Path, shown: dict[str, list[list[Image.Image]]]) -> None:
    """What is known; and beside it, `…-flats` and `…-tones`, `SHOWN` rows each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    methods = list(reversed(METHODS))
    titles = {
        "": ["person", "garment from", *methods, "photo"],
        "flats": ["person", "garment", *methods],
        "tones": ["person", "in a tank top"],
    }
    for name, rows in shown.items():
        for first in range(0, len(rows), SHOWN):
            parts = [path.stem, name, str(first // SHOWN or "")]
            place = path.with_stem("-".join(part for part in parts if part))
            sheet(rows[first : first + SHOWN], titles[name]).save(place)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks tryon", description=__doc__)
    parser.add_argument("--data", type=Path, help="a pack of people with masks and colourways")
    parser.add_argument("--split", default="test", help="of the packs (%(default)s)")
    parser.add_argument("--flats", type=Path, help="a pack of flat garments: put them on these people as well")
    parser.add_argument("--each", type=int, default=3, help="flat garments for each person (%(default)s)")
    parser.add_argument("--samples", type=Path, help="a folder of rendered people of known skin tones")
    parser.add_argument("--poses", type=Path, help="a teacher's table of the pack's joints: measure the pose as well")
    parser.add_argument(
        "--scenes", type=Path, action="append", default=[], help="a pack that shows nobody, for the pose; repeatable"
    )
    parser.add_argument("--landmarks", action="store_true", help="measure the landmarks of garments as well")
    parser.add_argument("--json", type=Path, help="write the figures here, and a .md table beside it")
    parser.add_argument("--card", type=Path, help="rewrite the figures between the marks of this model card")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet here, and others beside it")
    parser.add_argument(
        "--weights", type=Path, help="folder or manifest of the composer; default: the packaged weights"
    )
    parser.add_argument("--limit", type=int, help="only the first N shots")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth shot")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, help="CPU threads; default: PyTorch's choice")
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds of the speed measurement; 0: none")
    return parser.parse_args(arguments)
