"""The enhancer's figures as text: the Markdown table, the goal, and the part of the model card that holds figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shop_genai.generation.enhance.params import SCALES

GOAL_DB = 1.2  # PSNR-Y over bicubic at x2, averaged over a split; SSIM-Y must be above bicubic's as well
START, END = "<!-- figures: start -->", "<!-- figures: end -->"


def goal(quality: list[dict[str, Any]]) -> dict[str, Any]:
    """How the pixel mode stands at x2 against bicubic, over all pictures."""
    rows = {row["method"]: row for row in quality if row["scale"] == 2 and row["kind"] == "all"}
    ours, bicubic = rows["strength 0"], rows["bicubic"]
    gain = {name: ours[name] - bicubic[name] for name in ("psnr_y", "ssim_y")}
    return {**gain, "needed_db": GOAL_DB, "met": gain["psnr_y"] >= GOAL_DB and gain["ssim_y"] > 0}


def table(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    lines = [
        f"# Enhance: {report['pictures']} pictures of `{report['data']}`, split `{report['split']}`",
        "",
        *_quality(report),
        "",
        *_speed(report),
    ]
    return "\n".join(lines)


def write_card(card: Path, report: dict[str, Any]) -> None:
    """Replace what stands between the marks of a model card by the report's figures.

    Raises:
        ValueError: the card has no such marks.
    """
    text = card.read_text(encoding="utf-8")
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"{card} has no part between {START} and {END}")
    measured = (
        f"Measured by `python -m benchmarks enhance` on {report['pictures']} pictures of the pack"
        f" `{report['data']}`, split `{report['split']}`."
    )
    body = "\n".join(["", "", measured, "", *_quality(report), "", *_speed(report), "", ""])
    card.write_text(before + START + body + END + after, encoding="utf-8")


def _quality(report: dict[str, Any]) -> list[str]:
    aim = report["goal"]
    lines = [
        f"Weights {report['weights_version']} (`{report['weights'][:12]}`); strength 0 is the pixel mode,"
        f" 1 the GAN mode, {report['default_strength']:g} the default. “untouched” are inputs at x1 that equal"
        " their targets; no other row counts them.",
        "",
        "| scale | kind | method | PSNR-Y dB | SSIM-Y | Laplacian energy / target's | colour shift ΔE76 |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| x{r['scale']} | {r['kind']} ({r['pictures']}) | {r['method']} | {_db(r['psnr_y'])} | {r['ssim_y']:.4f} |"
        f" {r['laplacian']:.2f} | {r['colour_shift']:.2f} |"
        for r in report["quality"]
    ]
    return [
        *lines,
        "",
        f"Goal at x2, strength 0: at least {aim['needed_db']:+.1f} dB over bicubic and a higher SSIM."
        f" Measured {aim['psnr_y']:+.2f} dB and {aim['ssim_y']:+.4f}: **{'met' if aim['met'] else 'NOT met'}**.",
    ]


def _speed(report: dict[str, Any]) -> list[str]:
    speed = report["speed"]
    ms = speed["milliseconds"]
    return [
        f"Speed on {report['machine']['processor']}, {speed['threads']} threads, {speed['device']}, {speed['dtype']},"
        " channels last, medians:",
        "",
        "| | " + " | ".join(f"x{s}" for s in SCALES) + " |",
        "|---|---|---|---|",
        "| network, ms per 512x512 output | " + " | ".join(f"{ms[f'network_x{s}']:.0f}" for s in SCALES) + " |",
        "| whole pipeline, ms | " + " | ".join(f"{ms[f'pipeline_x{s}']:.0f}" for s in SCALES) + " |",
        "",
        f"Convolution peak in the same run: {speed['peak_gflops']:.0f} GFLOP/s; the network at x2"
        f" ({speed['gflop_x2']:.1f} GFLOP) reaches {100 * speed['share_of_peak_x2']:.0f} % of it.",
    ]


def _db(value: float | None) -> str:
    return "identical" if value is None else f"{value:.2f}"
