"""What a run was asked to do, written beside its checkpoint for the manifest of its weights."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .loop import Settings

SETTINGS = "settings.json"


def record(out: Path, config: Any, settings: Settings, device: str) -> None:
    """Write the configuration (a dataclass), the loop's settings and the kind of device."""
    out.mkdir(parents=True, exist_ok=True)
    content = {"device": device, "config": asdict(config), "settings": asdict(settings)}
    (out / SETTINGS).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
