"""Weights on disk: safetensors files, and beside them a manifest that says what they are.

A manifest is a JSON file `<kind>.json` (or `<kind>-<version>.json`) with these entries:

    kind, name, version     which generator, what the weights are called, their version
    promoted                the one manifest of its kind that is used when nobody asks for another
    files                   role → {file, sha256, size}: e.g. "pixel" and "gan" for the enhancer
    network                 the generator's configuration
    licence, data           what the weights may be used for, and what they were trained on
    metrics, training       measured figures and the settings of the training

Nothing here needs torch until tensors are asked for, so that web processes can name the weights a job will use.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shop_genai.errors import WeightsMissing, WeightsTampered

if TYPE_CHECKING:
    from torch import Tensor

PACKAGED = Path(__file__).parent.parent / "weights"
LARGEST_FILE = 16 * 1024 * 1024  # bytes; what is packaged stays small enough for a package index


@dataclass(frozen=True)
class Manifest:
    """A manifest, read."""

    path: Path
    content: dict[str, Any]

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(self.content["files"])

    @property
    def version(self) -> str:
        return str(self.content["version"])

    @property
    def digest(self) -> str:
        """The identity of the weights: sha256 over the roles and sha256 sums of all files, 64 hex digits."""
        lines = [f"{role} {entry['sha256']}\n" for role, entry in sorted(self.content["files"].items())]
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def manifest(kind: str, folder: Path | None = None) -> Manifest:
    """The promoted manifest of a kind in a folder; None: the packaged ones. A manifest's own path is accepted too.

    Raises:
        WeightsMissing: there is none, or it cannot be read as a manifest.
    """
    place = folder if folder is not None else PACKAGED
    if place.suffix == ".json":
        candidates = [place]
    else:
        candidates = sorted({*place.glob(f"{kind}.json"), *place.glob(f"{kind}-*.json")})
    found = [_read(path, path.stat().st_mtime_ns) for path in candidates if path.is_file()]
    found = [m for m in found if m.content["kind"] == kind and (len(candidates) == 1 or m.content.get("promoted"))]
    if not found:
        raise WeightsMissing(f"There are no weights for “{kind}” in {place}.", kind=kind)
    return found[-1]


def digest(kind: str, folder: Path | None = None) -> str:
    """The identity of the weights that `load(kind, folder)` would open, without opening them.

    Raises:
        WeightsMissing: as `manifest`.
    """
    return manifest(kind, folder).digest


def tensors(source: Manifest, role: str) -> dict[str, Tensor]:
    """The tensors of one file, in float32 but for counters. The bytes that are checked are the bytes that are loaded.

    Raises:
        WeightsMissing: the manifest has no such role, or the file is gone.
        WeightsTampered: size or sha256 differ from the manifest.
    """
    from safetensors.torch import load

    entry = source.content["files"].get(role)
    if entry is None:
        raise WeightsMissing(f"{source.path.name} has no weights called “{role}”.", role=role)
    path = source.path.parent / entry["file"]
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsMissing(f"The weights file {path.name} cannot be read.", file=path.name) from error
    if len(content) != entry["size"] or hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise WeightsTampered(f"{path.name} is not the file that its manifest describes.", file=path.name)
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in load(content).items()}


def write(folder: Path, content: dict[str, Any], files: dict[str, dict[str, Tensor]]) -> Manifest:
    """Write safetensors, in fp16 but for counters, and their manifest; `content` is the manifest without `files`.

    Raises:
        ValueError: a file would be larger than what may be packaged.
    """
    from safetensors.torch import save

    folder.mkdir(parents=True, exist_ok=True)
    kind = content["kind"]
    entries = {}
    for role, state in files.items():
        packed = save({name: _packed(tensor) for name, tensor in state.items()})
        if len(packed) > LARGEST_FILE:
            raise ValueError(f"{role} takes {len(packed)} bytes, more than {LARGEST_FILE}")
        name = f"{kind}_{role}.safetensors"
        (folder / name).write_bytes(packed)
        entries[role] = {"file": name, "sha256": hashlib.sha256(packed).hexdigest(), "size": len(packed)}
    path = folder / f"{kind}.json"
    path.write_text(json.dumps({**content, "files": entries}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return manifest(kind, path)


def _packed(tensor: Tensor) -> Tensor:
    plain = tensor.detach().cpu().contiguous()
    return plain.half() if plain.is_floating_point() else plain


@lru_cache(maxsize=32)
def _read(path: Path, changed: int) -> Manifest:
    """A manifest file; `changed`, its time of change, is part of the cache's key."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        complete = {"kind", "version", "files"} <= content.keys()
        complete = complete and all({"file", "sha256", "size"} <= entry.keys() for entry in content["files"].values())
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise WeightsMissing(f"{path.name} cannot be read as a manifest of weights.", file=path.name) from error
    if not complete:
        raise WeightsMissing(f"{path.name} is incomplete as a manifest of weights.", file=path.name)
    return Manifest(path, content)
