"""What the variant generator is to reach, and whether a report reaches it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks._variant_transfer import LOW, OURS

ORACLE = "affine oracle"
LEAST_DB = 33.5  # inside the mask, look of photo B
MOST_DELTA_E = 2.7
MOST_ELSEWHERE = 5.0  # ΔE of the mean colour, look of another product
LEAST_GRADIENT = 0.95
MOST_MS = 150.0  # for 1024x1024 pixels, after encoding
LEAST_NEARER = 0.95  # share of variants that are nearer to a shopper's taste


@dataclass(frozen=True)
class Goal:
    """One line of the table of goals."""

    name: str
    needed: str
    measured: float
    met: bool


def goals(report: Mapping[str, Any]) -> list[Goal]:
    """The goals that a report can be held against."""
    rows = {row["method"]: row for row in report["transfer"]["rows"]}
    ours, oracle = rows[OURS], rows[ORACLE]
    found = [
        _least("look of photo B, dB", ours["psnr"], LEAST_DB),
        _most("look of photo B, ΔE76", ours["delta_e"], MOST_DELTA_E),
        _least("over the affine oracle, dB", ours["psnr"] - oracle["psnr"], 0.0),
        _least("worst pair, dB", ours["worst"], LOW),
        _least("luma gradient correlation, mean", ours["gradient"], LEAST_GRADIENT),
        _most("change outside the mask, steps of 255", report["transfer"]["exact"]["outside"], 0),
        _most("change at strength 0, steps of 255", report["transfer"]["exact"]["strength_0"], 0),
    ]
    elsewhere = report["transfer"]["elsewhere"]
    if elsewhere is not None:
        # Against photo B it would measure how far two products of one colour's name are apart: the table says that too.
        name = "look of another product, mean colour against it, ΔE"
        found.append(_most(name, elsewhere["to_donor"], MOST_ELSEWHERE))
    for row in report["taste"]["rows"]:
        found.append(
            _least(f"nearer to a taste, strength {row['strength']:g}, all photos", row["nearer_all"], LEAST_NEARER)
        )
        if row["nearer_other"] is not None:
            name = f"nearer to a taste, strength {row['strength']:g}, photos of another colour"
            found.append(_least(name, row["nearer_other"], LEAST_NEARER))
    if "speed" in report:
        found.append(_most("1024x1024 after encoding, ms", report["speed"]["milliseconds"]["edit"], MOST_MS))
    return found


def goal_lines(found: list[Goal]) -> list[str]:
    """As a Markdown table."""
    lines = ["| goal | needed | measured | |", "|---|---|---|---|"]
    lines += [f"| {g.name} | {g.needed} | {g.measured:.3f} | {'met' if g.met else '**NOT met**'} |" for g in found]
    return lines


def _least(name: str, value: float | None, least: float) -> Goal:
    measured = float("nan") if value is None else float(value)
    return Goal(name, f"≥ {least:g}", measured, measured >= least)


def _most(name: str, value: float, most: float) -> Goal:
    return Goal(name, f"≤ {most:g}", float(value), value <= most)
