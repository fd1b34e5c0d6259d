"""The enhancer's figures as text: the Markdown table, the goal, and the part of the model card that holds figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks._enhance_goals import Goal, goal_lines
from benchmarks._enhance_light import light_lines
from benchmarks._enhance_memory import memory_lines
from shop_genai.generation.enhance.params import SCALES

START, END = "<!-- figures: start -->", "<!-- figures: end -->"


def table(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    lines = [
        f"# Enhance: {report['pictures']} pictures of `{report['data']}`, split `{report['split']}`",
        "",
        *_quality(report),
        *_light(report),
        "",
        *_speed(report),
        *_memory(report),
        *_goals(report),
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
    body = "\n".join(
        [
            "",
            "",
            measured,
            "",
            *_quality(report),
            *_light(report),
            "",
            *_speed(report),
            *_memory(report),
            *_goals(report),
            "",
            "",
        ]
    )
    card.write_text(before + START + body + END + after, encoding="utf-8")


def _quality(report: dict[str, Any]) -> list[str]:
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
    return lines


def _goals(report: dict[str, Any]) -> list[str]:
    lines = []
    for kind, found in report["goals"].items():
        lines += ["", f"Goals, {kind}:", "", *goal_lines([Goal(**goal) for goal in found])]
    return lines


def _light(report: dict[str, Any]) -> list[str]:
    return ["", *light_lines(report["light"])] if "light" in report else []


def _memory(report: dict[str, Any]) -> list[str]:
    return ["", *memory_lines(report["memory"])] if "memory" in report else []


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
