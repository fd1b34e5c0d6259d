"""What a try-on is to reach, and whether a report reaches it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks._tryon_restored import PAIR, SELF_WORN
from benchmarks._tryon_shots import OTHER, OWN
from benchmarks._variant_goals import Goal
from shop_genai.generation.tryon.params import LANDMARK_GAN, WARP_ONLY

SSIM, DB, PAIR_DB, IOU, PRINT = 0.90, 24.0, 28.0, 0.85, 0.90
OVER = 1.0  # dB over the method without the network: “clearly above”
SECONDS, GIB = 2.0, 1.2


def goals(report: Mapping[str, Any]) -> list[Goal]:
    """The goals that a report can be held against, on both grounds."""
    rows = {(row["task"], row["ground"], row["method"]): row for row in report["restored"]["rows"]}
    found = []
    for where in (OWN, OTHER):
        ours = rows.get((SELF_WORN, where, LANDMARK_GAN))
        if ours is not None:
            found += [
                _least(f"itself again, {where}, SSIM in the region", ours["ssim"], SSIM),
                _least(f"itself again, {where}, dB in the region", ours["psnr"], DB),
                _least(f"itself again, {where}, garment found again, IoU", ours["iou"], IOU),
                _least(f"print as it was bent, {where}, correlation", ours["print"], PRINT),
            ]
            warped = rows.get((SELF_WORN, where, WARP_ONLY))
            if warped is not None:
                found.append(_least(f"over {WARP_ONLY}, {where}, dB", ours["psnr"] - warped["psnr"], OVER))
        pair = rows.get((PAIR, where, LANDMARK_GAN))
        if pair is not None:
            found.append(_least(f"colourway pairs, {where}, dB in the garment", pair["garment_psnr"], PAIR_DB))
    found.append(_most("change outside the region, steps of 255", report["restored"]["outside"], 0))
    for row in report.get("cost", ()):
        if row["backend"] == LANDMARK_GAN:
            found.append(_most(f"512x384, warm, {row['threads']} threads, seconds", row["warm"], SECONDS))
            found.append(_most("peak memory of the process, GiB", row["peak_gib"], GIB))
    return found


def _least(name: str, value: float | None, least: float) -> Goal:
    measured = float("nan") if value is None else float(value)
    return Goal(name, f"≥ {least:g}", measured, measured >= least)


def _most(name: str, value: float, most: float) -> Goal:
    return Goal(name, f"≤ {most:g}", float(value), value <= most)
