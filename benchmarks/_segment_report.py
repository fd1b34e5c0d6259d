"""The segmentation's figures as text: the table, the goals, and the part of the model card that holds figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks._segment_pictures import OTHER, OWN

START, END = "<!-- figures: start -->", "<!-- figures: end -->"
OURS = "network"
LEAST = {("product", OWN): 0.93, ("garment", OWN): 0.90, ("product", OTHER): 0.85, ("garment", OTHER): 0.85}


@dataclass(frozen=True)
class Goal:
    """One line of the table of goals."""

    what: str
    ground: str
    least: float
    measured: float

    @property
    def met(self) -> bool:
        return self.measured >= self.least


def goals(report: dict[str, Any]) -> list[Goal]:
    """What the mean intersection over union is to reach, of what was measured."""
    rows = {(r["what"], r["ground"]): r["iou"] for r in report["overlap"] if r["kind"] == "all" and r["method"] == OURS}
    return [Goal(*place, least, rows[place]) for place, least in LEAST.items() if place in rows]


def table(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    title = f"# Segment: {report['pictures']} pictures of `{report['data']}`, split `{report['split']}`"
    return "\n".join([title, "", *lines(report)])


def write_card(card: Path, report: dict[str, Any]) -> None:
    """Put the report's figures under the pack's name between the marks of a model card; other packs' figures stay.

    Raises:
        ValueError: the card has no such marks.
    """
    before, start, rest = card.read_text(encoding="utf-8").partition(START)
    inside, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"{card} has no part between {START} and {END}")
    title = f"### {report['data']}, {report['split']}"
    kept = [part for part in inside.split("\n### ")[1:] if part.splitlines()[0] != title.removeprefix("### ")]
    mine = "\n".join([title, "", *lines(report)])
    parts = sorted([*(f"### {part.strip()}" for part in kept), mine])
    card.write_text(before + START + "\n\n" + "\n\n".join(parts) + "\n\n" + END + after, encoding="utf-8")


def lines(report: dict[str, Any]) -> list[str]:
    """All figures."""
    found = [
        f"Weights {report['weights_version']} (`{report['weights'][:12]}`). Mean intersection over union, the share of"
        " pictures at .9 or more, the worst picture.",
        "",
        "| what | kind | ground | method | IoU | ≥ .9 | worst |",
        "|---|---|---|---|---|---|---|",
    ]
    found += [
        f"| {r['what']} | {r['kind']} ({r['pictures']}) | {r['ground']} | {r['method']} | {r['iou']:.3f} |"
        f" {100 * r['good']:.0f} % | {r['worst']:.2f} `{r['worst_name']}` |"
        for r in report["overlap"]
    ]
    seconds = ", ".join(f"{name} {1000 * value:.0f} ms" for name, value in report["seconds"].items())
    found += ["", f"Median time for a picture, on {report['threads']} thread(s), {report['device']}: {seconds}."]
    if reached := goals(report):
        found += ["", "| goal | ground | needed | measured | |", "|---|---|---|---|---|"]
        found += [
            f"| {g.what} | {g.ground} | ≥ {g.least:.2f} | {g.measured:.3f} | {'met' if g.met else '**missed**'} |"
            for g in reached
        ]
    return found
