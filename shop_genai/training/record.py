"""What a run was asked to do, written beside its checkpoint for the manifest of its weights."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .loop import Settings

SETTINGS = "settings.json"
NETWORKS = ("generator", "discriminator", "network", "classifier")  # entries of a configuration that are shapes


def record(out: Path, config: Any, settings: Settings, device: str) -> None:
    """Write the configuration (a dataclass), the loop's settings and the kind of device.

    Raises:
        ValueError: the folder holds a run with networks of other shapes, which cannot go on with these.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / SETTINGS
    content = json.dumps({"device": device, "config": asdict(config), "settings": asdict(settings)}, indent=1) + "\n"
    if path.exists() and (out / "checkpoint.pt").exists():
        before, now = (json.loads(text)["config"] for text in (path.read_text(encoding="utf-8"), content))
        changed = [name for name in NETWORKS if before.get(name) != now.get(name)]
        if changed:
            raise ValueError(f"{out} began with another {' and '.join(changed)}: {before[changed[0]]}")
    path.write_text(content, encoding="utf-8")
