"""Exposure and colour-cast repair: pictures spoiled by a seeded fault of the light, mended, and held to the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks._enhance_peers import grey_world, white_patch
from shop_genai.generation.enhance import degradation, faults
from shop_genai.generation.enhance.light import Light
from shop_genai.training import metrics

Mender = Callable[[Image.Image], Image.Image]
Estimate = Callable[[NDArray[np.uint8]], Light]
SEEN = 1.0  # colour difference from which a change of an unspoiled picture counts as one


def measure_light(estimate: Estimate, pictures: Iterable[tuple[str, Image.Image]]) -> list[dict[str, Any]]:
    """One row per method: mean colour difference and PSNR-Y of spoiled pictures, and harm done to unspoiled ones."""

    def ours(picture: Image.Image) -> Image.Image:
        pixels = np.asarray(picture)
        return Image.fromarray(estimate(pixels).apply(pixels))

    methods: dict[str, Mender] = {
        "left as it is": lambda picture: picture,
        "grey world": grey_world,
        "auto levels": white_patch,
        "light": ours,
    }
    spoiled: dict[str, list[tuple[float, float]]] = {name: [] for name in methods}
    harm: dict[str, list[float]] = {name: [] for name in methods}
    for name, target in pictures:
        truth = np.asarray(target)
        fault = faults.sample(degradation.seeded(f"{name}:light", 1))
        bad = Image.fromarray(faults.spoil(truth, fault))
        for method, mend in methods.items():
            harm[method].append(metrics.colour_shift(np.asarray(mend(target)), truth))
            if not fault.harmless:
                mended = np.asarray(mend(bad))
                spoiled[method].append((metrics.colour_shift(mended, truth), metrics.psnr_y(mended, truth)))
    return [
        {
            "method": method,
            "pictures": len(spoiled[method]),
            "colour_shift": float(np.mean([shift for shift, _ in spoiled[method]])),
            "psnr_y": float(np.mean([psnr for _, psnr in spoiled[method] if np.isfinite(psnr)] or [np.nan])),
            "harm": float(np.mean(harm[method])),
            "touched": float(np.mean(np.array(harm[method]) > SEEN)),
        }
        for method in methods
    ]


def light_lines(rows: list[dict[str, Any]]) -> list[str]:
    """As a Markdown table."""
    lines = [
        f"Light: {rows[0]['pictures']} pictures spoiled in exposure and colour by a fault that their names seed; harm"
        " is what a method does to the same pictures unspoiled, touched the share that it changes by more than ΔE 1.",
        "",
        "| method | ΔE76 from the truth | PSNR-Y dB | harm ΔE76 | touched |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['method']} | {r['colour_shift']:.2f} | {r['psnr_y']:.2f} | {r['harm']:.2f} |"
        f" {100 * r['touched']:.0f} % |"
        for r in rows
    ]
    return lines
