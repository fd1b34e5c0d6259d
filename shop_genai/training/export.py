"""From a finished run to weights that can be shipped: `python -m shop_genai.training.export RUN FOLDER ...`.

Takes the EMA weights of both stages of an enhancer's run and writes them, as fp16 safetensors with a manifest, into a
folder that `generation.load` opens. A file of figures that `python -m benchmarks enhance --json` wrote can be put into
the manifest by exporting again: the weights, and so their digest, stay the same.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import Tensor

from shop_genai.generation import weights
from shop_genai.generation.enhance.network import Generator, GeneratorConfig

from . import checkpoint
from .enhance import STAGES
from .record import SETTINGS


def export(run: Path, folder: Path, about: dict[str, Any], figures: dict[str, Any] | None = None) -> weights.Manifest:
    """Write the weights of a run.

    Args:
        run: the folder that training wrote, with `pixel/` and `gan/` in it.
        folder: receives `enhance_pixel.safetensors`, `enhance_gan.safetensors` and `enhance.json`.
        about: `version`, `licence` and `data` (name → licence) for the manifest.
        figures: a report of `python -m benchmarks enhance --json`; its table of qualities goes into the manifest.

    Raises:
        FileNotFoundError: a stage has no checkpoint or no settings.
        ValueError: the stages trained networks of different shapes, or the figures belong to other weights.
    """
    training = {stage: _training(run / stage) for stage in STAGES}
    networks = [GeneratorConfig(**training[stage]["config"].pop("generator")) for stage in STAGES]
    if networks[0] != networks[1]:
        raise ValueError(f"the stages of {run} have networks of different shapes: {networks}")
    content = {
        "kind": "enhance",
        "name": "Shop photo enhancer",
        "version": about["version"],
        "promoted": True,
        "network": asdict(networks[0]),
        "licence": about["licence"],
        "data": about["data"],
        "training": training,
        "metrics": {},
    }
    states = {stage: _steady(run / stage, networks[0]) for stage in STAGES}
    manifest = weights.write(folder, content, states)
    if figures is None:
        return manifest
    if figures["weights"] != manifest.digest:
        raise ValueError(
            f"the figures were measured with weights {figures['weights'][:12]}, not {manifest.digest[:12]}"
        )
    return weights.write(folder, {**content, "metrics": _metrics(figures)}, states)


def _steady(stage: Path, config: GeneratorConfig) -> dict[str, Tensor]:
    """A stage's EMA weights; refuses, as PyTorch does, what does not fit the network that the manifest describes."""
    network = Generator(config)
    network.load_state_dict(checkpoint.read(stage / "checkpoint.pt", "steady"))
    return network.state_dict()


def _training(stage: Path) -> dict[str, Any]:
    """What a stage was asked to do, and how far it came."""
    asked: dict[str, Any] = json.loads((stage / SETTINGS).read_text(encoding="utf-8"))
    state = checkpoint.read(stage / "checkpoint.pt", "state")
    return {"steps": state["step"], "minutes": round(state["elapsed"] / 60, 1), **asked}


def _metrics(figures: dict[str, Any]) -> dict[str, Any]:
    """What the benchmark measured over all pictures, by scale and method."""
    rows = [row for row in figures["quality"] if row["kind"] == "all"]
    kept = {f"x{row['scale']} {row['method']}": {"psnr_y": row["psnr_y"], "ssim_y": row["ssim_y"]} for row in rows}
    return {"data": figures["data"], "split": figures["split"], "pictures": figures["pictures"], "quality": kept}


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse and export."""
    parser = argparse.ArgumentParser(prog="python -m shop_genai.training.export", description=__doc__)
    parser.add_argument("run", type=Path, help="the training's --out folder")
    parser.add_argument("folder", type=Path, help="where the weights go")
    parser.add_argument("--version", required=True)
    parser.add_argument("--licence", default="MIT")
    parser.add_argument("--data", action="append", default=[], metavar="NAME=LICENCE", help="may be repeated")
    parser.add_argument("--figures", type=Path, help="a report of python -m benchmarks enhance --json")
    options = parser.parse_args(arguments)
    about = {
        "version": options.version,
        "licence": options.licence,
        "data": dict(entry.split("=", 1) for entry in options.data),
    }
    figures = json.loads(options.figures.read_text(encoding="utf-8")) if options.figures else None
    manifest = export(options.run, options.folder, about, figures)
    for role, entry in manifest.content["files"].items():
        print(f"{role}: {entry['file']}, {entry['size'] / 2**20:.2f} MiB, sha256 {entry['sha256'][:12]}…")


if __name__ == "__main__":
    main()
