"""Whether new weights are better than those in use: the deciding figures, side by side on the same pictures.

Only figures of the same test set are compared. A test set is known by the sha256 that the evaluation wrote into the
manifest; equal names of a pack prove nothing. Where features of pictures were measured, they have to come from the same
extractor as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from shop_genai.errors import WeightsError, WeightsNotBetter, WeightsNotComparable, WeightsUnmeasured
from shop_genai.recipes import Figure

MEASURED_HERE = "measured_here"  # in the row of packaged weights: what the shop itself measured of a copy
DIGITS = 4  # significant digits of small numbers in sentences
ROUNDING = 1e-9  # a difference of exactly the tolerance is still equal, whatever binary fractions make of it


@dataclass(frozen=True)
class Measurement:
    """One evaluation of weights, as their manifest keeps it.

    ``values`` is flat: levels of the manifest are joined by dots. ``test_set`` is "" where the manifest names none.
    """

    data: str
    split: str
    test_set: str
    pictures: int
    values: Mapping[str, float]
    extractor: str = ""

    @property
    def on(self) -> tuple[str, str]:
        """What two measurements must share to be compared."""
        return self.test_set, self.extractor

    def __str__(self) -> str:
        identity = ", ".join(filter(None, [self.test_set[:12], self.extractor]))
        place = ", ".join(filter(None, [self.data, self.split]))
        return f"{place} ({identity})" if identity else place


@dataclass(frozen=True)
class Line:
    """One deciding figure of new weights beside that of the weights in use (None: nothing to compare with)."""

    figure: Figure
    test: Measurement
    before: float | None
    after: float

    @property
    def gain(self) -> float | None:
        """How much better the new weights are, in the figure's unit; negative if they are worse."""
        return None if self.before is None else self.figure.gain(self.before, self.after)

    @property
    def verdict(self) -> str:
        """``better``, ``worse``, ``same`` (within the tolerance), or ``new`` without a comparison."""
        if self.gain is None:
            return "new"
        if abs(self.gain) <= self.figure.tolerance + ROUNDING:
            return "same"
        return "better" if self.gain > 0 else "worse"

    def as_json(self) -> dict[str, Any]:
        return {
            "figure": self.figure.name,
            "better": self.figure.better,
            "tolerance": self.figure.tolerance,
            "before": self.before,
            "after": self.after,
            "verdict": self.verdict,
            "data": self.test.data,
            "split": self.test.split,
            "test_set": self.test.test_set,
        }

    def __str__(self) -> str:
        label = str(self.figure.label or self.figure.name)
        if self.before is None:
            return f"{label} {_number(self.after)}"
        return f"{label} {_number(self.before)} → {_number(self.after)}"


@dataclass(frozen=True)
class Comparison:
    """What the figures say. ``refusal`` is the reason against a promotion, or None."""

    lines: tuple[Line, ...]
    refusal: WeightsError | None


def measurements(manifest: Mapping[str, Any]) -> list[Measurement]:
    """The evaluations in a manifest: one under ``metrics``, or a list of them, or a table of them by name."""
    read = []
    for entry in [*_entries(manifest.get("metrics")), *_entries(manifest.get(MEASURED_HERE))]:
        values = entry.get("values", entry.get("quality")) if isinstance(entry, Mapping) else None
        if isinstance(values, Mapping):
            pictures = entry.get("pictures")
            read.append(
                Measurement(
                    data=str(entry.get("data") or ""),
                    split=str(entry.get("split") or ""),
                    test_set=str(entry.get("test_set") or ""),
                    pictures=pictures if isinstance(pictures, int) else 0,
                    values=dict(_flat(values)),
                    extractor=str(entry.get("extractor") or ""),
                )
            )
    return read


def judge(decides: tuple[Figure, ...], candidate: Mapping[str, Any], current: Mapping[str, Any] | None) -> Comparison:
    """Compare two manifests by the deciding figures on every test set that both were measured on.

    Better is: no figure worse by more than its tolerance, and at least one better by more than its tolerance.

    Args:
        decides: the figures that the recipe declares.
        candidate: the manifest of the new weights.
        current: the manifest of the weights in use; None if there are none.
    """
    if not decides:
        return _refused(WeightsNotComparable, _("The recipe declares no figures that decide about a promotion."))
    taken = measurements(candidate)
    complete = [entry for entry in taken if all(figure.name in entry.values for figure in decides)]
    if not complete:
        names = [f.name for f in decides if not any(f.name in entry.values for entry in taken)]
        return _refused(
            WeightsUnmeasured,
            _("These weights have to be measured first: their manifest lacks %(names)s.")
            % {"names": ", ".join(names) or _("some deciding figures on each of its test sets")},
            missing=names,
        )
    if current is None:
        return Comparison(tuple(Line(f, complete[0], None, complete[0].values[f.name]) for f in decides), None)
    others = {
        entry.on: entry
        for entry in measurements(current)
        if entry.test_set and all(figure.name in entry.values for figure in decides)
    }
    pairs = [(others[entry.on], entry) for entry in complete if entry.on in others]
    if not pairs:
        return _refused(WeightsNotComparable, _why_not_comparable(complete, measurements(current), bool(others)))
    lines = tuple(
        Line(figure, after, before.values[figure.name], after.values[figure.name])
        for before, after in pairs
        for figure in decides
    )
    return Comparison(lines, _not_better(lines))


def _not_better(lines: tuple[Line, ...]) -> WeightsError | None:
    worse = [line for line in lines if line.verdict == "worse"]
    if not worse and any(line.verdict == "better" for line in lines):
        return None
    details = [line.as_json() for line in lines]
    if not worse:
        sentence = _("These weights are no better than those in use: %(figures)s.")
        return WeightsNotBetter(sentence % {"figures": "; ".join(map(str, lines))}, figures=details)
    said = [
        _("%(line)s (worse by %(loss)s, allowed are %(tolerance)s)")
        % {"line": line, "loss": _number(-(line.gain or 0.0)), "tolerance": f"{line.figure.tolerance:g}"}
        for line in worse
    ]
    sentence = _("These weights are worse than those in use: %(figures)s.")
    return WeightsNotBetter(sentence % {"figures": "; ".join(said)}, figures=details)


def _why_not_comparable(candidate: list[Measurement], current: list[Measurement], complete: bool) -> str:
    if not any(entry.test_set for entry in candidate):
        return _("The figures of these weights do not say which test set they were taken on (its sha256).")
    if not current:
        return _("The weights in use were never measured, so nothing can be compared.")
    if not complete:
        return _("The weights in use lack the deciding figures, or the sha256 of the test set they were taken on.")
    names = {"new": "; ".join(map(str, candidate)), "used": "; ".join(map(str, current))}
    return (
        _("The test sets, or what was measured with, differ. These weights: %(new)s. The weights in use: %(used)s.")
        % names
    )


def _refused(kind: type[WeightsError], sentence: str, **details: Any) -> Comparison:
    return Comparison((), kind(sentence, **details))


def _entries(found: Any) -> list[Any]:
    if isinstance(found, Mapping):
        return [found] if {"values", "quality"} & found.keys() else list(found.values())
    return found if isinstance(found, list) else []


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, float]]:
    """Finite numbers by their joined names; everything else is left out."""
    found: list[tuple[str, float]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{prefix}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            found.append((f"{prefix}{name}", float(value)))
    return found


def _number(value: float) -> str:
    return f"{value:.{DIGITS}g}" if abs(value) < 1 else f"{value:.2f}"
