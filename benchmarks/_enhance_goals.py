"""What the enhancer is to reach, and whether a report reaches it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PIXEL, GAN = "strength 0", "strength 1"
PLAIN = {1: "input", 2: "bicubic", 4: "bicubic"}  # what each scale has to beat
LEAST_DB = {1: 2.2, 2: 1.9, 4: 1.3}  # PSNR-Y over the plain method
LEAST_SSIM = 0.035  # SSIM-Y over bicubic, at x2
LARGEST_LOSS = 1.3  # dB that the GAN mode may lose against the pixel mode, at x2
SHARPNESS = (0.7, 1.2)  # Laplacian energy of the GAN mode, as a ratio to the target's, at x2
LARGEST_SHIFT = 1.0  # mean colour difference of the pixel mode, CIE 1976, at x2
LEAST_SHARE = 0.8  # of the convolution peak of the same run
LARGEST_MEMORY = 1.5  # GiB, for a photo of 24 megapixels


@dataclass(frozen=True)
class Goal:
    """One line of the table of goals."""

    name: str
    needed: str
    measured: float
    met: bool


def goals(report: Mapping[str, Any], kind: str = "all") -> list[Goal]:
    """The goals that a report can be held against, for one kind of its pictures."""
    rows = {(row["scale"], row["method"]): row for row in report["quality"] if row["kind"] == kind}
    found = []
    for scale, least in LEAST_DB.items():
        if (scale, PIXEL) not in rows:  # every picture of this kind came untouched
            continue
        gain = rows[scale, PIXEL]["psnr_y"] - rows[scale, PLAIN[scale]]["psnr_y"]
        found.append(Goal(f"x{scale} pixel mode over {PLAIN[scale]}, dB", f"≥ {least:g}", gain, gain >= least))
    pixel, gan, plain = rows[2, PIXEL], rows[2, GAN], rows[2, PLAIN[2]]
    structure, loss = pixel["ssim_y"] - plain["ssim_y"], pixel["psnr_y"] - gan["psnr_y"]
    low, high = SHARPNESS
    found += [
        Goal("x2 pixel mode over bicubic, SSIM", f"≥ {LEAST_SSIM:g}", structure, structure >= LEAST_SSIM),
        Goal("x2 GAN mode, dB lost", f"≤ {LARGEST_LOSS:g}", loss, loss <= LARGEST_LOSS),
        Goal(
            "x2 GAN mode, Laplacian energy", f"{low:g} to {high:g}", gan["laplacian"], low <= gan["laplacian"] <= high
        ),
        Goal(
            "x2 pixel mode, colour shift ΔE76",
            f"≤ {LARGEST_SHIFT:g}",
            pixel["colour_shift"],
            pixel["colour_shift"] <= LARGEST_SHIFT,
        ),
    ]
    if "speed" in report:
        share = report["speed"]["share_of_peak_x2"]
        found.append(Goal("share of the convolution peak", f"≥ {LEAST_SHARE:g}", share, share >= LEAST_SHARE))
    if "memory" in report:
        most = max(run["peak_gib"] for run in report["memory"])
        found.append(Goal("peak memory, 24 megapixels, GiB", f"≤ {LARGEST_MEMORY:g}", most, most <= LARGEST_MEMORY))
    return found


def goal_lines(found: list[Goal]) -> list[str]:
    """As a Markdown table."""
    lines = ["| goal | needed | measured | |", "|---|---|---|---|"]
    lines += [f"| {g.name} | {g.needed} | {g.measured:.3f} | {'met' if g.met else '**NOT met**'} |" for g in found]
    return lines
