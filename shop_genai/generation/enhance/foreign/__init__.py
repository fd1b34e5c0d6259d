"""Other people's weights: Compact and ESRGAN checkpoints from plain safetensors files.

`open_file` takes the file alone, `open_manifest` a manifest `enhance.json` beside it, which also names version and
licence and lets the registry pin the weights. The architecture is read from the names and shapes of the tensors.
Whether a shop may use a file is between the shop and the file's author.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch

from shop_genai.errors import WeightsMissing, WeightsUnsupported
from shop_genai.generation import weights

from .detect import restorer_from
from .restorer import Foreign

PICKLED = {".pth", ".pt", ".ckpt", ".bin", ".pkl"}
ROLE = "network"  # of the one file that a manifest of foreign weights names

__all__ = [
    "Foreign",
    "Found",
    "describe",
    "describes",
    "is_file_of_weights",
    "open_file",
    "open_manifest",
    "pick_dtype",
]


@dataclass(frozen=True)
class Found:
    """A file of weights, opened."""

    restorer: Foreign
    digest: str  # sha256 of the file
    version: str  # what the manifest beside it says, else the file's name


def is_file_of_weights(path: Path) -> bool:
    """Whether a path names one file of weights rather than a folder or a manifest."""
    return path.suffix == ".safetensors" or path.suffix in PICKLED


def describes(manifest: weights.Manifest) -> bool:
    """Whether a manifest is one of foreign weights."""
    return manifest.roles == (ROLE,)


def open_file(path: Path) -> Found:
    """Read one safetensors file.

    Raises:
        WeightsMissing: it cannot be read.
        WeightsUnsupported: it is pickled, damaged, or of no architecture that is known here.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    if path.suffix in PICKLED:
        raise WeightsUnsupported(
            f"{path.name} is a pickle, which can run any program when it is opened, so it never is. Convert it to"
            " safetensors on a machine that you can spare (docs/enhance.md shows how).",
            file=path.name,
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsMissing(f"The weights file {path.name} cannot be read.", file=path.name) from error
    try:
        state = {name: tensor.float() for name, tensor in load(content).items()}
    except SafetensorError as error:
        raise WeightsUnsupported(f"{path.name} is not a safetensors file: {error}.", file=path.name) from error
    digest = hashlib.sha256(content).hexdigest()
    return Found(restorer_from(state, path), digest, _version_beside(path, digest) or path.stem)


def open_manifest(manifest: weights.Manifest) -> Foreign:
    """Read the weights of a manifest with the one role “network”.

    Raises:
        WeightsMissing, WeightsTampered: see `generation.weights`.
        WeightsUnsupported: as `open_file`, or the manifest's `architecture` is not what the file holds.
    """
    state = weights.tensors(manifest, ROLE)
    restorer = restorer_from(state, manifest.path.parent / manifest.content["files"][ROLE]["file"])
    named = manifest.content.get("architecture", restorer.architecture)
    if named != restorer.architecture:
        raise WeightsUnsupported(
            f"{manifest.path.name} says “{named}”, but the file holds “{restorer.architecture}”.", architecture=named
        )
    return restorer


def describe(path: Path | str, version: str, licence: str) -> weights.Manifest:
    """Write a manifest `enhance.json` beside a file of weights, so that its folder can be loaded and registered.

    Args:
        path: a safetensors file. It is opened once, to be sure that it can be.
        version: what people shall call these weights.
        licence: what the file's author allows, such as "BSD-3-Clause".

    Raises:
        WeightsMissing, WeightsUnsupported: as `open_file`.
        FileExistsError: the folder has a manifest already.
    """
    file = Path(path)
    found = open_file(file)
    entry = {"file": file.name, "sha256": found.digest, "size": file.stat().st_size}
    content = {
        "kind": "enhance",
        "version": version,
        "promoted": True,
        "architecture": found.restorer.architecture,
        "scale": found.restorer.own,
        "licence": licence,
        "files": {ROLE: entry},
    }
    beside = file.parent / "enhance.json"
    with beside.open("x", encoding="utf-8") as stream:
        json.dump(content, stream, indent=2, ensure_ascii=False)
    return weights.manifest("enhance", beside)


def pick_dtype(name: str) -> torch.dtype:
    """float32 unless another format is asked for: these networks compute the picture itself, not only detail that is
    added to it, and the eight bits of bfloat16's mantissa would band smooth backgrounds."""
    return torch.bfloat16 if name == "bfloat16" else torch.float32


def _version_beside(path: Path, digest: str) -> str | None:
    """The version in a manifest `enhance.json` beside a file, if that manifest is about this very file."""
    try:
        manifest = weights.manifest("enhance", path.parent / "enhance.json")
    except WeightsMissing:
        return None
    entry = manifest.content["files"].get(ROLE)
    return manifest.version if entry is not None and entry["sha256"] == digest else None
