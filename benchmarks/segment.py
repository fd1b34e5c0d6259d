"""Where the product and the person are, against masks; as photographed, and before other grounds.

The measure is intersection over union at the picture's own resolution, a soft mask counting from one half. `product`
is a thing shown alone, `garment` what is sold when somebody wears it, `person` who wears it; `upper`, `lower` and
`dress` are the label map's class against the mask of the sold garment. Other grounds depend on the file's name only, so
two runs on one folder see the same pictures.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks._segment_peers import peers
from benchmarks._segment_pictures import Case, Mask, cases, entries
from benchmarks._segment_report import OURS, goals, table, write_card
from benchmarks._segment_sheet import sheet
from shop_genai.errors import ProductNotFound
from shop_genai.generation import load
from shop_genai.generation.segment.classes import number
from shop_genai.generation.segment.pipeline import SegmentPipeline
from shop_genai.generation.segment.task import overlap

Found = dict[str, Mask]  # what → where
GOOD = 0.9  # from which an overlap is good


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write what was asked for: figures, model card, contact sheet."""
    options = _parse(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        chosen = entries(options.data, options.split)[:: options.every][: options.limit]
    except FileNotFoundError as error:
        print(f"benchmarks segment: {error}. Name a pack with --data.", file=sys.stderr)
        return 2
    pipeline = load("segment", options.weights, options.device, options.dtype)
    name = options.data.name if options.data else "samples"
    if options.sheet:
        sheet(pipeline, list(cases(chosen, name)), options.rows).save(options.sheet)
        return 0
    rows, seconds = measure(pipeline, list(cases(chosen, name)), with_peers=not options.no_peers)
    report: dict[str, Any] = {
        "benchmark": "segment",
        "data": name,
        "split": options.split if options.data else "all",
        "pictures": len(chosen),
        "weights": pipeline.digest,
        "weights_version": pipeline.version,
        "device": str(pipeline.device),
        "threads": torch.get_num_threads(),
        "overlap": rows,
        "seconds": seconds,
    }
    report["goals"] = [{**vars(goal), "met": goal.met} for goal in goals(report)]
    print(table(report))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        options.json.with_suffix(".md").write_text(table(report) + "\n", encoding="utf-8")
    if options.card:
        write_card(options.card, report)
    return 0


def measure(
    pipeline: SegmentPipeline, chosen: Sequence[Case], *, with_peers: bool = True
) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """A row per thing, kind, ground and method; and the median seconds of each method."""
    values: defaultdict[tuple[str, str, str, str], list[tuple[float, str]]] = defaultdict(list)
    times: defaultdict[str, list[float]] = defaultdict(list)
    for count, case in enumerate(chosen, start=1):
        methods = {OURS: lambda case: ours(pipeline, case)}
        if with_peers:
            for name, peer in peers().items():
                methods[name] = lambda case, peer=peer: everywhere(peer(case.picture), case)
        for method, find in methods.items():
            started = time.perf_counter()
            found = find(case)
            times[method].append(time.perf_counter() - started)
            for what, value in overlaps(found, case).items():
                for kind in {case.kind, "all"}:
                    values[what, kind, case.ground, method].append((value, case.name))
        print(f"\r{count}/{len(chosen)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    rows = [
        {
            "what": what,
            "kind": kind,
            "ground": ground,
            "method": method,
            "pictures": len(found),
            "iou": float(np.mean([value for value, _ in found])),
            "good": float(np.mean([value >= GOOD for value, _ in found])),
            "worst": min(found)[0],
            "worst_name": min(found)[1],
        }
        for (what, kind, ground, method), found in sorted(values.items(), key=lambda item: item[0][:3])
    ]
    return rows, {method: float(np.median(found)) for method, found in times.items()}


def ours(pipeline: SegmentPipeline, case: Case) -> Found:
    """The product by its mask, person and class by the label map."""
    try:
        (output,) = pipeline([{"image": case.picture}], {"mask": "product"}, [0])
    except ProductNotFound:
        (output,) = pipeline([{"image": case.picture}], {}, [0])
        product = np.zeros(case.sold.shape, bool)
    else:
        assert output.mask is not None
        product = np.asarray(output.mask) >= 128
    labels = np.asarray(output.image)
    found = {"product": product, "garment": product, "person": labels > 0}
    return found | ({case.region: labels == number(case.region)} if case.region else {})


def everywhere(mask: Mask, case: Case) -> Found:
    """A peer's foreground, whatever is asked for."""
    return {"product": mask, "garment": mask, "person": mask}


def overlaps(found: Found, case: Case) -> dict[str, float]:
    """Intersection over union of what the picture has."""
    measured = {}
    if case.sold.any():
        for what in ("product",) if case.person is None else ("garment", case.region):
            if what in found:
                measured[what] = overlap(found[what], case.sold, case.sold_known)
    if case.person is not None:
        measured["person"] = overlap(found["person"], case.person, case.person_known)
    return measured


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks segment", description=__doc__)
    parser.add_argument("--data", type=Path, help="a pack with masks; default: the repository's rendered products")
    parser.add_argument("--split", default="test", help="of a pack with a manifest")
    parser.add_argument("--json", type=Path, help="write the figures here, and a .md table beside it")
    parser.add_argument("--card", type=Path, help="rewrite this pack's figures between the marks of this model card")
    parser.add_argument("--sheet", type=Path, help="measure nothing, but write a contact sheet of the worst here")
    parser.add_argument("--rows", type=int, default=24, help="of the contact sheet (%(default)s)")
    parser.add_argument("--weights", type=Path, help="folder or manifest; default: the packaged weights")
    parser.add_argument("--limit", type=int, help="only the first N pictures")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth picture")
    parser.add_argument("--no-peers", action="store_true", help="measure the network only")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="auto", help="auto, float32 or bfloat16")
    parser.add_argument("--threads", type=int, help="CPU threads; default: PyTorch's choice")
    return parser.parse_args(arguments)
