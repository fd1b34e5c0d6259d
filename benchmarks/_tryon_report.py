"""The try-on's figures as text: Markdown tables, and the part of the model card that holds figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks._variant_goals import Goal, goal_lines

START, END = "<!-- figures: start -->", "<!-- figures: end -->"


def table(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    return "\n".join(
        [f"# Try-on: {report['shots']} people of `{report['data']}`, split `{report['split']}`", "", *body(report)]
    )


def body(report: dict[str, Any]) -> list[str]:
    """Everything but the title."""
    lines = [f"Weights {report['weights_version']} (`{report['weights'][:12]}`).", "", *_restored(report["restored"])]
    if "unpaired" in report:
        lines += ["", *_unpaired(report["unpaired"])]
    if "tones" in report:
        lines += ["", *_tones(report["tones"])]
    if "cost" in report:
        lines += ["", *_cost(report)]
    for title, section in (("Joints of the body", "pose"), ("Landmarks of garments", "landmarks")):
        if section in report:
            lines += ["", f"## {title}", "", *report[section]["lines"]]
    return [*lines, "", "## Goals", "", *goal_lines([Goal(**goal) for goal in report["goals"]])]


def write_card(card: Path, report: dict[str, Any]) -> None:
    """Replace what stands between the marks of a model card by the report's figures.

    Raises:
        ValueError: the card has no such marks.
    """
    before, start, rest = card.read_text(encoding="utf-8").partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"{card} has no part between {START} and {END}")
    measured = (
        f"Measured by `python -m benchmarks tryon` on {report['shots']} people of the pack `{report['data']}`, split"
        f" `{report['split']}`."
    )
    lines = "\n".join(["", "", measured, "", *body(report), "", ""])
    card.write_text(before + START + lines + END + after, encoding="utf-8")


def _restored(restored: dict[str, Any]) -> list[str]:
    lines = [
        "People put on what they wear already (`self`), or what the same shot shows in another colour (`pair`); the"
        " garment is taken from the model's photo, turned, scaled and bent (`worn`), or lies cut out on a table"
        " (`laid`). PSNR and SSIM inside the edit region, PSNR inside the garment, overlap of the garment that the"
        " segmenter finds in the result with the real one, correlation of its edges with the bent garment's.",
        "",
        "| task | ground | method | cases | PSNR dB | SSIM | garment dB | IoU | print |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in restored["rows"]:
        lines.append(_figures(f"{row['task']} | {row['ground']} | {row['method']} | {row['cases']}", row))
        if row["tops"] and row["tops"]["cases"] < row["cases"]:
            lines.append(_figures(f"– tops only | | | {row['tops']['cases']}", row["tops"]))
    lines += [
        "",
        f"Outside the edit region the largest change is {restored['outside']} steps of 255. In the real photos the"
        f" segmenter finds the garment with an IoU of {_number(restored['photos_parsed'], 3)}.",
    ]
    for task, codes in restored["refused"].items():
        lines += ["", f"Refused, {task}: {', '.join(f'`{code}`' for code in codes)}."]
    return lines


def _figures(start: str, row: dict[str, Any]) -> str:
    return (
        f"| {start} | {_number(row['psnr'])} | {_number(row['ssim'], 3)} | {_number(row['garment_psnr'])} |"
        f" {_number(row['iou'], 3)} | {_number(row['print'], 3)} |"
    )


def _unpaired(unpaired: dict[str, Any]) -> list[str]:
    lines = [
        "## Flat garments",
        "",
        f"{unpaired['made']} of {unpaired['tried']} flat garments were put on people; refused:"
        f" {_counts(unpaired['refused'])}. Warnings: {_counts(unpaired['warnings'])}. Mean confidence"
        f" {_number(unpaired['confidence'])}.",
        "",
        f"| pictures | number | Fréchet distance ({unpaired['extractor']}) to real photos | kernel distance |",
        "|---|---|---|---|",
    ]
    return lines + [
        f"| {row['what']} | {row['pictures']} | {row['frechet']:.3f} | {row['kernel']:.4f} |"
        for row in unpaired["distances"]
    ]


def _tones(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        "## Skin tones",
        "",
        "Rendered people: what they wear put on again; and in a blue tank top, arms drawn where sleeves were, against"
        " their own skin (ΔE of the mean colours; lighter is positive).",
        "",
        "| person | Monk tone | PSNR dB | SSIM | drawn skin, pixels | ΔE | lighter by, L* |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row["refused"] and "psnr" not in row:
            lines.append(f"| {row['name']} | {row['tone']} | refused: `{row['refused']}` | | | | |")
            continue
        lines.append(
            f"| {row['name']} | {row['tone']} | {_number(row.get('psnr'))} | {_number(row.get('ssim'), 3)} |"
            f" {row.get('drawn', '–')} | {_number(row.get('delta_e'), 1)} | {_number(row.get('lighter'), 1)} |"
        )
    return lines


def _cost(report: dict[str, Any]) -> list[str]:
    lines = [
        "## Time and memory",
        "",
        f"On {report['machine']['processor']}, a photo of 384x512 pixels, each method in a process of its own; warm:"
        " the garment is known. The steps are medians.",
        "",
        "| method | threads | warm, s | of it | a new garment, s | first call, s | peak, GiB |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in report["cost"]:
        steps = ", ".join(f"{name} {value:.2f}" for name, value in row["steps"].items())
        lines.append(
            f"| {row['backend']} | {row['threads']} | {row['warm']:.2f} | {steps} | {row['garment']:.2f} |"
            f" {row['first']:.2f} | {row['peak_gib']:.2f} |"
        )
    return lines


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"`{code}` {count}" for code, count in sorted(found.items())) or "none"


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
