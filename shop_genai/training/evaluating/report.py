"""The result of an evaluation: a table for people, JSON for programs, an entry in the manifest of the weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shop_genai.generation.weights import Manifest

# What a figure is called, with {} for the extractor, and how to read it.
WORDS = {
    "fid": ("FID ({})", "lower is better, 0 for equal sets; grows as pictures get fewer"),
    "kid": ("KID ({})", "lower is better, around 0 for sets of one kind; needs few pictures"),
    "kid_std": ("KID ± over subsets", ""),
    "inception_score": ("Inception Score ({})", "higher is better, from 1 to the number of classes"),
    "inception_score_std": ("Inception Score ± over splits", ""),
    "precision": ("Precision", "share of the made pictures that look real"),
    "recall": ("Recall", "share of the real variety that is made"),
    "density": ("Density", "around 1: made pictures are where the real ones are dense"),
    "coverage": ("Coverage", "share of the real pictures with a made one beside them; up to 0.97"),
    "pairwise_ratio": ("Variety", "mean distance between made pictures, 1: as between real ones"),
    "reconstruction_psnr": ("Reconstruction, dB PSNR", "higher is better"),
    "active_dimensions": ("Active latent dimensions", "that the encoder uses"),
    "psnr_y": ("PSNR-Y, dB", "higher is better"),
    "psnr": ("PSNR inside the mask, dB", "higher is better; mean over pairs"),
    "median": ("PSNR, median", ""),
    "worst": ("PSNR, worst pair", "higher is better"),
    "delta_e": ("Colour difference ΔE76", "lower is better; mean over pairs"),
    "pairs": ("Ordered pairs", ""),
    "ssim_y": ("SSIM-Y", "higher is better, up to 1"),
}


@dataclass(frozen=True)
class Evaluation:
    """Figures, and everything that has to be known to compare them with others."""

    kind: str  # of generator; "pictures" for two folders
    weights: str | None  # digest; None for pictures from elsewhere
    data: str  # name of the folder of real pictures
    split: str
    test_set: str  # identity of the real pictures; see `sets.fingerprint`
    pictures: int  # real ones
    made: int
    extractor: str | None  # its identity; None where no features were needed
    label: str  # its name, as it stands beside figures
    settings: Mapping[str, Any]  # seed and what else decides the figures
    metrics: Mapping[str, Any]  # by name; a level deeper where there are several methods
    warnings: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON layout: names are never changed, only added."""
        return {
            "kind": self.kind,
            "weights": self.weights,
            "data": self.data,
            "split": self.split,
            "test_set": self.test_set,
            "pictures": self.pictures,
            "made": self.made,
            "extractor": self.extractor,
            "settings": dict(self.settings),
            "metrics": dict(self.metrics),
            "warnings": list(self.warnings),
        }

    def table(self) -> str:
        """The figures, one a line, with their meaning and what to beware of."""
        source = f"weights {self.weights[:12]}" if self.weights else "pictures"
        lines = [
            f"{self.kind} ({source}): {self.made} pictures, against {self.pictures} real ones"
            f" of {self.data}, split {self.split} (test set {self.test_set[:12]})"
        ]
        if self.extractor:
            lines.append(f"features: {self.label} ({self.extractor})")
        lines.append("")
        for name, value in self.metrics.items():
            if isinstance(value, Mapping):
                figures = "   ".join(f"{WORDS[key][0]} {number:.4g}" for key, number in value.items())
                lines.append(f"{name:<32}{figures}")
            else:
                label, reading = WORDS[name]
                lines.append(f"{label.format(self.label):<32}{value:>10.4g}   {reading}".rstrip())
        return "\n".join([*lines, *(f"\nWARNING  {sentence}" for sentence in self.warnings)])

    def write(self, file: Path) -> None:
        """As JSON."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(self.as_dict(), indent=1) + "\n", encoding="utf-8")

    def into(self, manifest: Manifest) -> None:
        """Put the figures into the manifest of the weights they belong to, as its `metrics`; the digest stays.

        There, the figures are called `values`, beside what a comparison needs. What a benchmark wrote about the same
        pictures is kept; figures of other pictures give way.

        Raises:
            ValueError: the manifest is of other weights.
        """
        if manifest.digest != self.weights:
            raise ValueError(f"these figures belong to other weights than those of {manifest.path.name}")
        found = manifest.content.get("metrics")
        before = found if isinstance(found, dict) else {}
        same = (before.get("data"), before.get("split")) == (self.data, self.split)
        entry = {name: value for name, value in self.as_dict().items() if name not in ("kind", "weights", "metrics")}
        content = {**manifest.content, "metrics": {**(before if same else {}), **entry, "values": dict(self.metrics)}}
        unfinished = manifest.path.with_suffix(".tmp")
        unfinished.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        unfinished.replace(manifest.path)
