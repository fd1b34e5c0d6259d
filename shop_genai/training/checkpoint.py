"""A training run on disk: written whole or not at all, read without unpickling objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch


def save(path: Path, parts: dict[str, Any], state: dict[str, Any]) -> None:
    """Write the parts' state dicts, the run's state and the random state. A kill leaves the old file or the new one."""
    content = {name: part.state_dict() for name, part in parts.items() if part is not None}
    content["state"] = dict(state)
    content["random"] = torch.get_rng_state()
    if torch.cuda.is_available():
        content["random_cuda"] = torch.cuda.get_rng_state_all()
    unfinished = path.with_suffix(".tmp")
    torch.save(content, unfinished)
    unfinished.replace(path)


def load(path: Path, parts: dict[str, Any], device: torch.device) -> dict[str, Any]:
    """Put the saved state into the parts, restore the random state, and return the run's state.

    Raises:
        ValueError: the parts are not of the shapes that were saved.
    """
    content = torch.load(path, map_location=device, weights_only=True)
    try:
        for name, part in parts.items():
            if part is not None:
                part.load_state_dict(content[name])
    except (RuntimeError, ValueError, KeyError) as error:
        raise ValueError(f"{path} is of other networks: resume with the options that the run began with") from error
    torch.set_rng_state(content["random"].cpu())
    if "random_cuda" in content and torch.cuda.is_available():
        torch.cuda.set_rng_state_all([state.cpu() for state in content["random_cuda"]])
    state: dict[str, Any] = content["state"]
    return state


def read(path: Path, part: str) -> dict[str, Any]:
    """One part's state dict, on the CPU."""
    content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)[part]
    return content
