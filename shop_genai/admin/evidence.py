"""What speaks for or against weights: their figures beside those in use, licence, data, training, the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from shop_genai import recipes, registry
from shop_genai.admin.pictures import badge
from shop_genai.errors import GenaiError, WeightsError
from shop_genai.models import Weights
from shop_genai.recipes import Figure
from shop_genai.registry import Measurement

BADGES = {"better": "approved", "worse": "rejected", "same": "none"}
DEEPEST = 6  # levels of training settings that are spelled out


@dataclass(frozen=True)
class Judged:
    """Weights that are not in use beside those that are."""

    current: Weights | None
    refusal: WeightsError | None


def decides(row: Weights) -> tuple[Figure, ...]:
    """The figures that decide about its recipe; none if it is not installed any more."""
    try:
        return recipes.get(row.recipe).decides
    except GenaiError:
        return ()


def state_badge(row: Weights, replaced: bool) -> str:
    """Whether new jobs use these weights; empty if not. ``replaced``: weights from a folder are promoted."""
    if row.folder:
        return badge("published", _("Promoted")) if row.promoted else ""
    try:
        installed = recipes.get(row.recipe).digest(None) == row.digest
    except GenaiError:
        installed = False
    if not installed or replaced:
        return ""
    return badge("published", _("Promoted")) if row.promoted else badge("approved", _("From the package"))


def with_package(row: Weights) -> Weights:
    """The row, with what the package says of itself now if it stands for it; not saved."""
    try:
        found = None if row.folder else registry.packaged(recipes.get(row.recipe), note=False)
    except GenaiError:
        found = None
    if found == row and found is not None:
        row.version, row.manifest = found.version, found.manifest
    return row


def trouble(row: Weights) -> str:
    """What is wrong with the files on this machine, as a sentence; empty if nothing is."""
    try:
        registry.check_files(row)
    except GenaiError as error:
        return str(error)
    return ""


def judged(row: Weights) -> Judged | None:
    """The comparison with the weights in use; None for these themselves, or without the recipe."""
    try:
        current = registry.in_use(recipes.get(row.recipe), note=False)
    except WeightsError:
        current = None
    except GenaiError:
        return None
    return None if current == row else Judged(current, registry.compare(row).refusal)


def deciding(row: Weights) -> list[tuple[str, str]]:
    """Label and value of each deciding figure, of the first measurement that has it."""
    taken = registry.measurements(row.manifest)
    lines = []
    for figure in decides(row):
        values = [entry.values[figure.name] for entry in taken if figure.name in entry.values]
        lines += [(str(figure.label or figure.name), number(value)) for value in values[:1]]
    return lines


def tables(row: Weights, current: Weights | None) -> list[dict[str, Any]]:
    """One table per measurement; with the figures in use beside it where they are of the same test set."""
    others = {
        entry.on: entry for entry in (registry.measurements(current.manifest) if current else []) if entry.test_set
    }
    figures = {figure.name: figure for figure in decides(row)}
    return [
        {
            "measured": entry,
            "compared": entry.on in others,
            "rows": [line(figures.get(name), name, entry, others.get(entry.on)) for name in _ordered(entry, figures)],
        }
        for entry in registry.measurements(row.manifest)
    ]


def line(figure: Figure | None, name: str, entry: Measurement, other: Measurement | None) -> dict[str, Any]:
    """One row of a table. Only a figure that decides has a good and a bad direction."""
    after = entry.values[name]
    before = other.values.get(name) if other else None
    found = {
        "label": str(figure.label or name) if figure else name,
        "decides": figure is not None,
        "after": number(after),
        "before": number(before) if before is not None else "–",
        "change": f"{after - before:+.3f}" if before is not None else "",
    }
    if figure is None or before is None:
        return found
    verdict = registry.Line(figure, entry, before, after).verdict
    words = {"better": _("better"), "worse": _("worse"), "same": _("the same")}
    return {**found, "verdict": badge(BADGES[verdict], words[verdict])}


def data(row: Weights) -> list[tuple[str, str]]:
    """What the weights were trained on: name and licence of each set of pictures."""
    found = row.manifest.get("data")
    if isinstance(found, Mapping):
        return [(str(name), str(licence)) for name, licence in found.items()]
    if isinstance(found, list):
        return [(str(entry), "") for entry in found]
    return [(str(found), "")] if found else []


def training(row: Weights) -> list[tuple[str, str]]:
    """The settings of the training, flat: ``pixel.settings.batch`` → 8."""
    found = row.manifest.get("training")
    return list(_settings(found, "")) if isinstance(found, Mapping) else []


def report(row: Weights) -> list[dict[str, str]]:
    """The pictures beside the weights, with their captions."""
    shown = []
    for name in registry.report_pictures(row):
        what, _separator, which = name.removesuffix(".png").partition("_")
        which = which.replace("_", " ")
        caption = _("Curves of the training") if what == "curves" else _("Samples")
        caption += f": {which}" if which else ""
        url = reverse("admin:shop_genai_weights_report", args=[row.pk, name])
        shown.append({"url": f"{url}?{row.digest[:12]}", "caption": caption})
    return shown


def number(value: float) -> str:
    """Four significant digits, and never an exponent for what people measure here."""
    return f"{value:.4f}" if abs(value) < 1 else f"{value:.2f}"


def _ordered(entry: Measurement, figures: Mapping[str, Figure]) -> list[str]:
    """What decides comes first, in the recipe's order."""
    first = [name for name in figures if name in entry.values]
    return first + [name for name in entry.values if name not in figures]


def _settings(found: Mapping[str, Any], prefix: str, depth: int = 1) -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        if isinstance(value, Mapping) and value and depth < DEEPEST:
            yield from _settings(value, f"{prefix}{name}.", depth + 1)
        else:
            yield f"{prefix}{name}", str(value)
