"""From a finished run to weights that can be shipped: `python -m shop_genai.training.export RUN FOLDER --kind ...`.

Takes a run's EMA weights and writes them, as fp16 safetensors with a manifest, into a folder that `generation.load`
opens (for features: `load_classifier`). Figures that the training measured on a test split go into the manifest. For
the enhancer they come from a file that `python -m benchmarks enhance --json` wrote, put in by exporting again: the
weights, and so their digest, stay the same.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from torch import Tensor, nn

from shop_genai.generation import weights
from shop_genai.generation.dcgan import network as dcgan
from shop_genai.generation.enhance.light import LightConfig, LightNetwork
from shop_genai.generation.enhance.network import Generator, GeneratorConfig
from shop_genai.generation.features.network import Classifier, ClassifierConfig
from shop_genai.generation.pose.network import PoseConfig, PoseNetwork
from shop_genai.generation.segment.network import SegmentConfig, SegmentNetwork
from shop_genai.generation.tryon.composer import Composer, ComposerConfig
from shop_genai.generation.tryon.frame import HEIGHT
from shop_genai.generation.tryon.landmark_network import LandmarkConfig, LandmarkNetwork
from shop_genai.generation.vae.network import Vae, VaeConfig
from shop_genai.generation.variant.network import VariantConfig, VariantVae

from . import checkpoint, landmarks
from .enhance import STAGES
from .plan import MEASURED
from .record import SETTINGS
from .variant import LOOKS

Network = TypeVar("Network", bound=nn.Module)
REPORT = "report"  # folder beside the manifest, with the run's curves, log and sample grids
REPORTED = ("curves.png", "log.csv", "diagnostics.csv", "samples_*.png")


@dataclass(frozen=True)
class Exported:
    """What is particular to a kind: its manifest's entries and its weights."""

    name: str
    network: dict[str, Any]
    training: dict[str, Any]  # role → what was asked for and how far it came
    states: dict[str, dict[str, Tensor]]  # role → weights
    more: dict[str, Any] = field(default_factory=dict)  # further entries of the manifest


def export(
    run: Path,
    folder: Path,
    about: dict[str, Any],
    figures: dict[str, Any] | None = None,
    kind: str = "enhance",
    light: Path | None = None,
) -> weights.Manifest:
    """Write the weights of a run.

    Args:
        run: the folder that training wrote; an enhancer's holds `pixel/` and `gan/`.
        folder: receives `<kind>_<role>.safetensors` for each role, and `<kind>.json`.
        about: `version`, `licence` and `data` (name → licence) for the manifest.
        figures: a report of `python -m benchmarks enhance --json`; its table of qualities goes into the manifest.
        kind: a key of `KINDS`.
        light: for an enhancer, a run of the kind `light`, which becomes its third role.

    Raises:
        FileNotFoundError: the run (or a stage of it) has no checkpoint or no settings.
        ValueError: there is no such kind, the stages trained networks of different shapes, or the figures belong to
            other weights.
    """
    if kind not in KINDS:
        raise ValueError(f"nothing is exported for the kind {kind!r}; there are: {', '.join(sorted(KINDS))}")
    if kind != "enhance" and (light or figures):
        raise ValueError("only an enhancer has a part for light, and figures of the benchmark")
    exported = _enhance(run, light) if kind == "enhance" else KINDS[kind](run)
    measured = run / MEASURED
    content = {
        "kind": kind,
        "name": exported.name,
        "version": about["version"],
        "promoted": True,
        "network": exported.network,
        **exported.more,
        "licence": about["licence"],
        "data": about["data"],
        "training": exported.training,
        "metrics": json.loads(measured.read_text(encoding="utf-8")) if measured.exists() else {},
    }
    manifest = weights.write(folder, content, exported.states)
    if figures is None:
        return manifest
    if figures["weights"] != manifest.digest:
        raise ValueError(
            f"the figures were measured with weights {figures['weights'][:12]}, not {manifest.digest[:12]}"
        )
    return weights.write(folder, {**content, "metrics": _metrics(figures)}, exported.states)


def report(run: Path, folder: Path) -> list[Path]:
    """Copy a run's curves, logs and sample grids to `report/` in a folder of weights; a stage's carry its name.

    Sample grids show training pictures, or what a network learned from them: mind their licence before publishing.
    """
    copied = []
    for place in (run, *(run / stage for stage in STAGES)):
        for path in sorted(path for pattern in REPORTED for path in place.glob(pattern)):
            target = folder / REPORT / (path.name if place == run else f"{path.stem}_{place.name}{path.suffix}")
            target.parent.mkdir(parents=True, exist_ok=True)
            copied.append(Path(shutil.copyfile(path, target)))
    return copied


def _enhance(run: Path, light: Path | None = None) -> Exported:
    training = {stage: _training(run / stage) for stage in STAGES}
    networks = [GeneratorConfig(**training[stage]["config"].pop("generator")) for stage in STAGES]
    if networks[0] != networks[1]:
        raise ValueError(f"the stages of {run} have networks of different shapes: {networks}")
    states = {stage: _steady(run / stage, Generator(networks[0])).state_dict() for stage in STAGES}
    more = {}
    if light is not None:
        training["light"] = _training(light)
        shape = LightConfig(**training["light"]["config"].pop("network"))
        states["light"] = _steady(light, LightNetwork(shape)).state_dict()
        more = {"light": asdict(shape)}
    return Exported("Shop photo enhancer", asdict(networks[0]), training, states, more)


def _features(run: Path) -> Exported:
    training = _training(run)
    shape = ClassifierConfig.from_dict(training["config"].pop("classifier"))
    state = _steady(run, Classifier(shape)).state_dict()
    return Exported("Product classifier", asdict(shape), {"classifier": training}, {"classifier": state})


def _segment(run: Path) -> Exported:
    training = _training(run)
    shape = SegmentConfig.from_dict(training["config"].pop("network"))
    state = _steady(run, SegmentNetwork(shape)).state_dict()
    return Exported("Product and person segmentation", asdict(shape), {"segment": training}, {"segment": state})


def _landmarks(run: Path) -> Exported:
    training = {stage: _training(run / stage) for stage in (landmarks.WHOLE, landmarks.NECK)}
    shapes = {stage: LandmarkConfig.from_dict(entry["config"].pop("network")) for stage, entry in training.items()}
    states = {stage: _steady(run / stage, LandmarkNetwork(shape)).state_dict() for stage, shape in shapes.items()}
    return Exported("Landmarks of garments", {s: asdict(shape) for s, shape in shapes.items()}, training, states)


def _pose(run: Path) -> Exported:
    training = _training(run)
    shape = PoseConfig.from_dict(training["config"].pop("network"))
    return Exported(
        "Pose of people", asdict(shape), {"pose": training}, {"pose": _steady(run, PoseNetwork(shape)).state_dict()}
    )


def _tryon(run: Path) -> Exported:
    training = _training(run)
    trained = ComposerConfig(**training["config"].pop("network"))
    state = _steady(run, Composer(trained)).state_dict()
    # Of a run on small pictures: of whole ones it sees as many pixels.
    smaller = HEIGHT // training["config"]["sampler"]["size"][1]
    shape = replace(trained, reduction=trained.reduction * smaller)
    return Exported("Try-on composer", asdict(shape), {"tryon": training}, {"tryon": state})


def _dcgan(run: Path) -> Exported:
    training = _training(run)
    shape = dcgan.GeneratorConfig(**training["config"].pop("generator"))
    network = _steady(run, dcgan.Generator(shape))
    network.settle()
    return Exported("Product DCGAN", asdict(shape), {"generator": training}, {"generator": network.state_dict()})


def _vae(run: Path) -> Exported:
    training = _training(run)
    shape = VaeConfig(**training["config"].pop("network"))
    return Exported("Product VAE", asdict(shape), {"vae": training}, {"vae": _steady(run, Vae(shape)).state_dict()})


def _variant(run: Path) -> Exported:
    training = _training(run)
    shape = VariantConfig(**training["config"].pop("network"))
    looks = json.loads((run / LOOKS).read_text(encoding="utf-8"))
    states = {"variant": _steady(run, VariantVae(shape)).state_dict()}
    return Exported("Product variants", asdict(shape), {"variant": training}, states, looks)


KINDS: dict[str, Callable[[Path], Exported]] = {
    "enhance": _enhance,
    "features": _features,
    "landmarks": _landmarks,
    "pose": _pose,
    "segment": _segment,
    "tryon": _tryon,
    "dcgan": _dcgan,
    "vae": _vae,
    "variant": _variant,
}


def _steady(run: Path, network: Network) -> Network:
    """A network with a run's EMA weights; refuses, as PyTorch does, what does not fit the recorded shape."""
    network.load_state_dict(checkpoint.read(run / "checkpoint.pt", "steady"))
    return network


def _training(run: Path) -> dict[str, Any]:
    """What a run or a stage was asked to do, and how far it came."""
    asked: dict[str, Any] = json.loads((run / SETTINGS).read_text(encoding="utf-8"))
    state = checkpoint.read(run / "checkpoint.pt", "state")
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
    parser.add_argument("--kind", choices=sorted(KINDS), default="enhance", help="what was trained (%(default)s)")
    parser.add_argument("--version", required=True)
    parser.add_argument("--licence", default="MIT")
    parser.add_argument("--data", action="append", default=[], metavar="NAME=LICENCE", help="may be repeated")
    parser.add_argument("--figures", type=Path, help="a report of python -m benchmarks enhance --json")
    parser.add_argument("--light", type=Path, metavar="RUN", help="for an enhancer: a run of the kind light")
    parser.add_argument("--report", action="store_true", help="copy curves, log and sample grids to FOLDER/report")
    options = parser.parse_args(arguments)
    about = {
        "version": options.version,
        "licence": options.licence,
        "data": dict(entry.split("=", 1) for entry in options.data),
    }
    figures = json.loads(options.figures.read_text(encoding="utf-8")) if options.figures else None
    manifest = export(options.run, options.folder, about, figures, options.kind, options.light)
    if options.report:
        report(options.run, options.folder)
    for role, entry in manifest.content["files"].items():
        print(f"{role}: {entry['file']}, {entry['size'] / 2**20:.2f} MiB, sha256 {entry['sha256'][:12]}…")


if __name__ == "__main__":
    main()
