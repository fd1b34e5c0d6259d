"""The variant generator's figures as text: Markdown tables, and the part of the model card that holds figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks._variant_goals import Goal, goal_lines
from benchmarks._variant_transfer import LOW

START, END = "<!-- figures: start -->", "<!-- figures: end -->"


def table(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    transfer = report["transfer"]
    title = f"# Variant: {transfer['pairs']} ordered colourway pairs of `{report['data']}`, split `{report['split']}`"
    return "\n".join([title, "", *body(report)])


def body(report: dict[str, Any]) -> list[str]:
    """Everything but the title."""
    return [
        f"Weights {report['weights_version']} (`{report['weights'][:12]}`). {report['photos']} photos."
        " All figures are taken inside the product's mask; the classical methods are given photo B's own pixels.",
        "",
        *_transfer(report["transfer"]),
        "",
        *_latent(report),
        "",
        *_taste(report["taste"]),
        *_speed(report),
        "",
        "Goals:",
        "",
        *goal_lines([Goal(**goal) for goal in report["goals"]]),
    ]


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
        f"Measured by `python -m benchmarks variant` on {report['transfer']['pairs']} ordered colourway pairs of the"
        f" pack `{report['data']}`, split `{report['split']}`."
    )
    lines = ["", "", measured, "", *body(report), "", ""]
    card.write_text(before + START + "\n".join(lines) + END + after, encoding="utf-8")


def _transfer(transfer: dict[str, Any]) -> list[str]:
    lines = [
        f"| method | PSNR dB, mean | median | worst | below {LOW:g} dB | ΔE76, mean | median |"
        " gradient correlation, mean | worst |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['method']} | {_number(r['psnr'])} | {_number(r['psnr_median'])} | {_number(r['worst'])} |"
        f" {r['below']:.0%} | {r['delta_e']:.2f} | {r['delta_e_median']:.2f} | {_number(r['gradient'], 3)} |"
        f" {_number(r['gradient_worst'], 3)} |"
        for r in transfer["rows"]
    ]
    counted = {r["method"]: r["gradients"] for r in transfer["rows"]}
    fewest = min(counted.values())
    lines += [
        "",
        "The gradient correlation compares the result's luma with the source's; products too black or too white to"
        f" have gradients in 8 bits are left out ({fewest} to {max(counted.values())} pairs count). Photo B's own row"
        " shows how much the shop's real colourways keep of each other.",
    ]
    elsewhere = transfer["elsewhere"]
    if elsewhere is not None:
        lines += [
            "",
            f"Look of another product in the colour of that name, {elsewhere['pairs']} pairs: the mean colour is ΔE"
            f" {elsewhere['to_donor']:.2f} from that product's and {elsewhere['to_target']:.2f} from photo B's; the two"
            f" products themselves are {elsewhere['donor_to_target']:.2f} apart.",
        ]
    lines += ["", "Worst pairs of ours:", "", "| pair | PSNR dB | ΔE76 | gradient correlation |", "|---|---|---|---|"]
    lines += [
        f"| {w['pair']} | {_number(w['psnr'])} | {w['delta_e']:.2f} | {_number(w['gradient'], 3)} |"
        for w in transfer["worst"]
    ]
    return lines


def _latent(report: dict[str, Any]) -> list[str]:
    latent = report["latent"]
    lines = [
        f"Latent space: {latent['active']:.0f} of {latent['size']:.0f} dimensions are active, {latent['kl']:.1f} nats"
        " a look.",
        "",
        "Looks from nothing, on the shots of the same photos, their colour statistics (Lab mean, deviation, histograms)"
        " against those of the real products:",
        "",
        "| drawn from | variants | precision | recall | variety, 1 is as real |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['method']} | {r['made']} | {r['precision']:.2f} | {r['recall']:.2f} | {r['variety']:.2f} |"
        for r in report["prior"]
    ]
    return lines


def _taste(taste: dict[str, Any]) -> list[str]:
    lines = [
        "Towards a simulated shopper's taste (mean look of 3 to 6 products of one colour, of other styles; colours: "
        + (", ".join(taste["colours"]) or "none with enough products")
        + "), nearness by Lab histograms:",
        "",
        "| strength | variants | nearer | of photos in another colour | nearer | by, Lab units |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['strength']:g} | {r['variants']} | {r['nearer_all']:.1%} | {r['variants_other']} |"
        f" {'–' if r['nearer_other'] is None else format(r['nearer_other'], '.1%')} | {_number(r['gain_other'])} |"
        for r in taste["rows"]
    ]
    return lines


def _speed(report: dict[str, Any]) -> list[str]:
    if "speed" not in report:
        return []
    speed = report["speed"]
    ms = speed["milliseconds"]
    return [
        "",
        f"Speed on {report['machine']['processor']}, {speed['threads']} threads, {speed['device']}, medians for"
        f" {speed['side']}x{speed['side']} pixels, half of them product: both encoders {ms['encode']:.0f} ms; decoding"
        f" and the edit {ms['edit']:.0f} ms; a whole call with a given mask {ms['whole']:.0f} ms.",
    ]


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
